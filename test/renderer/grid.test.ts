import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plusMinus } from '../../renderer/grid/plus-minus.ts';
import { edge, inRange, moved, rangeOf } from '../../renderer/grid/range.ts';
import { fromTsv, toTsv } from '../../renderer/grid/tsv.ts';
import { toHtml } from '../../renderer/grid/html-table.ts';
import { canonical, detectForeign } from '../../renderer/grid/foreign.ts';
import { continued } from '../../renderer/grid/fill.ts';
import { EMPTY_LAYOUT, inOrder, moveColumn, visibleColumns } from '../../renderer/grid/layout.ts';
import type { ColumnView } from '../../src/core/sheet/view.ts';
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
    expect(toHtml([[{ value: '<b>&', text: '="x"' }]])).toBe(
      '<table data-flopsheet="1"><tr><td data-text="=&quot;x&quot;">&lt;b&gt;&amp;</td></tr></table>',
    ));
});

describe('numbers and dates from elsewhere', () => {
  const read = (texts: readonly string[], kind: 'number' | 'date' = 'number') => {
    const foreign = detectForeign(
      texts.map((text) => [text]),
      [kind],
    );
    return { foreign, texts: foreign ? texts.map((text) => canonical(text, kind, foreign.reading)) : texts };
  };

  test.each([
    [
      ['1.234,56', '0,405', '12'],
      ['1234.56', '0.405', '12'],
    ],
    [
      ['1 234,5', '7'],
      ['1234.5', '7'],
    ],
    [
      ['2,49 USD/h', '40,5 %'],
      ['2.49 USD/h', '40.5 %'],
    ],
    [['0,36 to 0,44'], ['0.36 to 0.44']],
    [
      ['(1,234.50)', '$2.49', '7.5'],
      ['-1234.50', '2.49', '7.5'],
    ],
    [
      ["1'234.5", '8'],
      ['1234.5', '8'],
    ],
  ])('%j become %j', (from, to) => {
    const { foreign, texts } = read(from);
    expect(foreign?.certain).toBe(true);
    expect(texts).toEqual(to);
  });

  // Nothing is asked of what cells read as it stands.
  test.each([[['1,234.56', '405B', '1,234', '15.6T', '7e10', '−3', '40%', '=1,5', '0.36 to 0.44', 'many']]])(
    '%j stay',
    (texts) => expect(read(texts).foreign).toBeNull(),
  );

  test('cells that contradict each other are asked about', () =>
    expect(read(['1,5', '2.5'])).toMatchObject({ foreign: { certain: false } }));

  test('dates: a day above 12 decides the order, else it is asked', () => {
    expect(read(['31.12.2027', '01.02.2027'], 'date').texts).toEqual(['2027-12-31', '2027-02-01']);
    expect(read(['12/31/2027', '2/1/2027'], 'date')).toMatchObject({
      foreign: { certain: true },
      texts: ['2027-12-31', '2027-02-01'],
    });
    expect(read(['2/1/2027'], 'date').foreign).toMatchObject({ certain: false });
    expect(read(['2027-02-01'], 'date').foreign).toBeNull();
  });
});

describe('dragging on', () => {
  test.each([
    [['1', '2'], 3, ['3', '4', '5']],
    [['10%', '20%'], 2, ['30%', '40%']],
    [['0.1', '0.2'], 2, ['0.3', '0.4']],
    [['40%'], 2, ['40%', '40%']],
    [['2027-01-31'], 2, ['2027-02-01', '2027-02-02']],
    [['2027-01-01', '2027-01-08'], 1, ['2027-01-15']],
    [['run 9'], 2, ['run 10', 'run 11']],
    [['h100-sxm'], 1, ['h100-sxm']],
    [['1', '2', '4'], 4, ['1', '2', '4', '1']],
    [['=tokens * 2'], 1, ['=tokens * 2']],
  ])('%j goes on', (run, count, next) => expect(continued(run, count)).toEqual(next));
  test('and backwards', () => expect(continued(['3', '4'], 2, true)).toEqual(['2', '1']));
});

describe('the layout of a table', () => {
  const all = ['name', 'a', 'b', 'c', 'd'].map(
    (id) => ({ id, group: id < 'c' ? 'G' : 'H', shown: id !== 'd' }) as ColumnView,
  );
  const ids = (columns: readonly ColumnView[]): string => columns.map((column) => column.id).join(' ');
  test('hides, shows, folds and keeps the name first', () => {
    const shows = (part: object): string => ids(visibleColumns(all, { ...EMPTY_LAYOUT, ...part }, 'name'));
    expect(shows({})).toBe('name a b c');
    expect(shows({ shown: ['d'], hidden: ['a'] })).toBe('name b c d');
    expect(shows({ collapsed: ['G'] })).toBe('name a c');
    expect(shows({ order: ['c', 'name', 'a', 'b', 'd'] })).toBe('name c a b');
  });
  test('a column that is new since the order was chosen stands behind its neighbour', () => {
    const layout = moveColumn(EMPTY_LAYOUT, all.slice(0, 4), 'c', 'a');
    expect(ids(inOrder(all, layout.order))).toBe('name c d a b');
  });
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
    expect(formatShort(4.246e22, 4)).toBe('4.246×10²²');
    expect(formatDelta(-22_517)).toBe('−22.5\u00a0k');
    expect(formatDelta(0)).toBe('0');
  });
});

test('the palette finds letters in order, whole words first', () => {
  expect(fuzzyRank('goal', 'Goal seek')).toBe(0);
  expect(fuzzyRank('gs', 'Goal seek')).toBeGreaterThan(50);
  expect(fuzzyRank('xyz', 'Goal seek')).toBeNull();
});
