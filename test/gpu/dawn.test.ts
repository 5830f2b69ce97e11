/** The kernels through Dawn in Node: run on a software Vulkan driver, and every f16 kernel compiled on the null backend. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CorrectnessReport } from '../../src/core/calibrate/measure/correctness.ts';

const own = join(import.meta.dirname, 'node_modules', 'webgpu');
const folder = process.env['FLOPSHEET_WEBGPU'] ?? (existsSync(own) ? import.meta.dirname : null);
const icd = ['/usr/lib/chromium/vk_swiftshader_icd.json', '/opt/google/chrome/vk_swiftshader_icd.json'].find(
  existsSync,
);

function check(mode: string, driver: string | undefined): Record<string, unknown> {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, 'check.ts'), mode], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: {
      ...process.env,
      ...(folder === null ? {} : { FLOPSHEET_WEBGPU: folder }),
      ...(driver === undefined ? {} : { VK_ICD_FILENAMES: driver }),
    },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe.skipIf(folder === null)('Dawn (skipped without its package: npm install --prefix test/gpu)', () => {
  test('every f16 product compiles', { timeout: 120_000 }, () => {
    const { compiled, failed } = check('compile', undefined);
    expect(failed).toEqual([]);
    expect(compiled).toBeGreaterThan(40);
  });
  test.skipIf(icd === undefined)(
    'SwiftShader (skipped without the driver of a Chromium): 0 mismatches, planted faults found, told to be software',
    { timeout: 180_000 },
    () => {
      const found = check('run', icd) as unknown as CorrectnessReport & { fallback: boolean };
      expect(found.fallback).toBe(true);
      expect(found.rows.filter((row) => row.verdict !== null).length).toBeGreaterThan(15);
      expect(found.rows.filter((row) => (row.verdict?.mismatches ?? 0) > 0)).toEqual([]);
      for (const row of found.planted) expect([row.name, (row.verdict?.mismatches ?? 0) > 0]).toEqual([row.name, true]);
    },
  );
});
