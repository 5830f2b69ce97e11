import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const start = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ['src/cli/flopsheet.js', ...args], { encoding: 'utf8' });

test('the command as installed: one JSON document on stdout, nothing else', () =>
  expect(start('eval', '1 TFLOP / (0.02 s * 100 TFLOP/s)', '--json')).toMatchObject({
    status: 0,
    stdout: '{"value":0.5,"unit":"","dimension":"plain number"}\n',
    stderr: '',
  }));

test('an old Node is told what to do, before anything else is loaded', () => {
  const old = spawnSync(
    process.execPath,
    [
      '--import',
      "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.9.0'})",
      'src/cli/flopsheet.js',
      'eval',
      '1',
    ],
    { encoding: 'utf8' },
  );
  expect(old.status).toBe(2);
  expect(old.stdout).toBe('');
  expect(old.stderr).toMatch(/needs Node 22\.12 or newer; this is 20\.9\.0\.\n.*npm run/);
});

test('a mistake leaves stdout empty', () => {
  const { status, stdout, stderr } = start('eval', '1 FLOP + 1 byte', '--json');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toBe('"+": expected FLOP, found byte\n  at character 10: 1 byte\n');
});
