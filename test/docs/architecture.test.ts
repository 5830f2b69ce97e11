/** docs/architecture.md names the rooms there are, and no others. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync('docs/architecture.md', 'utf8');
const folders = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

test('every folder of src and src/core is on the page', () => {
  for (const name of folders('src/core')) expect(page, `src/core/${name}`).toMatch(new RegExp(`\`${name}\``));
  for (const name of folders('src').filter((own) => own !== 'core')) expect(page).toContain(`src/${name}`);
  for (const name of folders('src/import')) expect(page, `src/import/${name}`).toContain(`\`${name}\``);
});

test('every room the tables name is there', () => {
  const core = page.slice(page.indexOf('## src/core'), page.indexOf('## The other rooms'));
  const named = [...core.matchAll(/^\| ((?:`[a-z]+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z]+)`/g)].map(([, name = '']) => name),
  );
  expect(named.length).toBeGreaterThan(10);
  for (const name of named) expect(existsSync(`src/core/${name}`), name).toBe(true);
});
