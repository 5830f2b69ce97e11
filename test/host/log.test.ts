import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../../src/host/log.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'flopsheet-log-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('writes where and what, without text that may come from a plan and without folders', () => {
  const log = createLog(join(folder, 'logs', 'flopsheet.log'));
  log.error('plan.change', new Error('cannot read "secret run, 4,000,000 USD"'));
  log.error('sheet.view', new TypeError('x is not a function'));
  const lines = readFileSync(log.file, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toMatchObject({ where: 'plan.change', name: 'Error' });
  expect(first!['message']).toBeUndefined();
  expect(second).toMatchObject({ where: 'sheet.view', name: 'TypeError', message: 'x is not a function' });
  expect((first!['stack'] as string[])[0]).toMatch(/log\.test\.ts:\d+:\d+/);
  expect(lines.join()).not.toMatch(/secret|\/work|\/home|node_modules\//);
});

test('rotates: five files and no more, the newest without a number', () => {
  const file = join(folder, 'flopsheet.log');
  const log = createLog(file, { maxBytes: 400, keep: 5 });
  for (let i = 0; i < 60; i += 1) log.error(`call ${i}`, 'x');
  const files = [file, ...[1, 2, 3, 4].map((i) => `${file}.${i}`)];
  for (const each of files) expect(statSync(each).size).toBeLessThan(600);
  expect(existsSync(`${file}.5`)).toBe(false);
  expect(readFileSync(file, 'utf8')).toContain('call 59');
});

test('a log that cannot be written costs nothing else', () => {
  writeFileSync(join(folder, 'blocked'), '');
  expect(() => createLog(join(folder, 'blocked', 'flopsheet.log')).error('x', new Error('y'))).not.toThrow();
});
