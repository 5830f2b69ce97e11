/** docs/requirements.md answers every row of the requirements, by tests that are there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCsv } from '../../src/store/csv.ts';

const asked = parseCsv(readFileSync('test/data/requirements.csv', 'utf8')).records;
const rows = readFileSync('docs/requirements.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| R\d/.test(line))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')))
  .map(([, id = '', question = '', state = '', answer = '', tests = '']) => ({ id, question, state, answer, tests }));

test('every row is there once, in order and in the words it was asked', () => {
  expect(rows.map(({ id }) => id)).toEqual(asked.map((row) => row['id']));
  expect(rows.map(({ question }) => question)).toEqual(asked.map((row) => row['paraphrase']));
});

test('an answer names tests that exist under that name, or says why it is out of scope', () => {
  for (const { id, state, answer, tests } of rows) {
    expect(['yes', 'partly', 'no'], id).toContain(state);
    if (state === 'no') {
      expect(answer, id).toMatch(/^Out of scope: .{20}/);
      continue;
    }
    const named = [...tests.matchAll(/`([^`]+)` › “([^”]+)”/g)];
    expect(named.length, `${id} names a test`).toBeGreaterThan(0);
    for (const [, file = '', title = ''] of named) {
      expect(existsSync(file), `${id}: ${file}`).toBe(true);
      expect(readFileSync(file, 'utf8').includes(title), `${id}: “${title}” in ${file}`).toBe(true);
    }
  }
});
