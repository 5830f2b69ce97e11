import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plusMinus } from '../../renderer/grid/plus-minus.ts';
import { edge, inRange, moved, rangeOf } from '../../renderer/grid/range.ts';
import { fromTsv, toHtml, toTsv } from '../../renderer/grid/tsv.ts';
import { fuzzyRank } from '../../renderer/palette/fuzzy.ts';
import { formatDelta, formatShort } from '../../renderer/lib/format.ts';

describe('clipboard text', () => {
  test('any rectangle comes back as it was', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((width) =>
          fc.array(fc.array(fc.stringMatching(/^[a-z"\t\n ]{0,6}$/), { minLength: width, maxLength: width }), {
            minLength: 1,
            maxLength: 5,
          }),
        ),
        // A single empty cell at the end is the final newline of other programs.
        (rows) => {
          fc.pre(rows[rows.length - 1]?.join('') !== '');
          expect(fromTsv(toTsv(rows))).toEqual(rows);
        },
      ),
    ));

  test.each([
    [
      '1\t2\n3\t4\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['a\r\nb', [['a'], ['b']]],
    ['"x\ty"\t"say ""hi"""', [['x\ty', 'say "hi"']]],
    [
      '"\tb\nc\td',
      [
        ['"', 'b'],
        ['c', 'd'],
      ],
    ],
    ['a\t', [['a', '']]],
  ])('%j', (text, rows) => expect(fromTsv(text)).toEqual(rows));

  test('HTML for other programs is escaped', () =>
    expect(toHtml([['<b>&']])).toBe('<table><tr><td>&lt;b&gt;&amp;</td></tr></table>'));
});

describe('positions', () => {
  test('moves stay inside the table', () => {
    expect(moved({ row: 0, column: 0 }, -1, -1, { rows: 3, columns: 2 })).toEqual({ row: 0, column: 0 });
    expect(moved({ row: 2, column: 1 }, 9, 9, { rows: 3, columns: 2 })).toEqual({ row: 2, column: 1 });
  });
  test('a range is the rectangle between two corners', () => {
    const range = rangeOf({ row: 3, column: 1 }, { row: 1, column: 2 });
    expect(range).toEqual({ top: 1, left: 1, bottom: 3, right: 2 });
    expect(inRange(range, 2, 2)).toBe(true);
    expect(inRange(range, 0, 2)).toBe(false);
  });
  test.each([
    ['xxx..x', 0, 1, 2],
    ['xxx..x', 2, 1, 5],
    ['xxx..x', 5, -1, 2],
    ['......', 0, 1, 5],
    ['x.....', 3, -1, 0],
  ])('Ctrl+arrow in %s from %i by %i lands on %i', (cells, from, step, to) =>
    expect(edge((at) => cells[at] === 'x', from, step as 1 | -1, cells.length)).toBe(to),
  );
});

describe('numbers on screen', () => {
  const cell = (display: string, value: number, p10: number, p90: number) => ({
    state: 'computed' as const,
    text: '',
    display,
    value,
    spread: { p5: p10, p10, p50: value, p90, p95: p90, mean: value },
  });
  test.each([
    [cell('30.04K', 30_040, 27_400, 33_400), '3.00'],
    [cell('40.9%', 0.409, 0.371, 0.449), '3.9'],
    [cell('84,312.43', 84_312.43, 70_790, 101_800), '15,505'],
    [cell('4.2×10²²', 4.2e22, 4e22, 5e22), ''],
    [cell('0', 0, -1, 1), ''],
  ])('± is half of P10 to P90 in the prefix of the value', (own, text) => expect(plusMinus(own)).toBe(text));
  test('short numbers and signed deltas', () => {
    expect(formatShort(66_123_456)).toBe('66.1\u00a0M');
    expect(formatDelta(-22_517)).toBe('−22.5\u00a0k');
    expect(formatDelta(0)).toBe('0');
  });
});

test('the palette finds letters in order, whole words first', () => {
  expect(fuzzyRank('goal', 'Goal seek')).toBe(0);
  expect(fuzzyRank('gs', 'Goal seek')).toBeGreaterThan(50);
  expect(fuzzyRank('xyz', 'Goal seek')).toBeNull();
});
