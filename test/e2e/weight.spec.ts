import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { PAGE_FOLDER } from '../../src/cli/page.ts';
import { join } from 'node:path';
import { expect, test } from './harness/app.ts';

/** Issue I: the script a first visit fetches, packed. */
const LIMIT_BYTES = 350_000;

test('a first visit fetches at most 350 kB of script, and neither labs nor charts nor the formula editor', async ({
  page,
}) => {
  await page.waitForLoadState('networkidle');
  const scripts = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map((entry) => new URL(entry.name).pathname)
      .filter((path) => path.endsWith('.js')),
  );
  expect(scripts.length).toBeGreaterThan(0);
  const packed = scripts.map((path) => gzipSync(readFileSync(join(PAGE_FOLDER, path))).length);
  const total = packed.reduce((sum, bytes) => sum + bytes, 0);
  test
    .info()
    .annotations.push({ type: 'initial script', description: `${total} bytes gzip in ${scripts.length} files` });
  console.log(`initial script: ${total} bytes gzip in ${scripts.length} files`);
  expect(total).toBeLessThanOrEqual(LIMIT_BYTES);
  expect(scripts.filter((path) => /(Scaling|Serving|Layout|Models|Calibrat|Finance|chart|editor)/i.test(path))).toEqual(
    [],
  );
});
