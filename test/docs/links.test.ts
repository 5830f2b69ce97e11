/** Pages lead somewhere: every relative link and picture of the documentation is there, and the pictures stay small. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

test('every relative link of the documentation is there', () => {
  const broken = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('pictures are used and take less than 2 MB together', () => {
  const text = pages.map((page) => readFileSync(page, 'utf8')).join('\n');
  const pictures = readdirSync('docs/img');
  expect(pictures.filter((name) => !text.includes(`img/${name}`))).toEqual([]);
  expect(pictures.reduce((sum, name) => sum + statSync(join('docs/img', name)).size, 0)).toBeLessThan(2_000_000);
});
