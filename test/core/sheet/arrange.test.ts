import { describe, expect, test } from 'vitest';
import { arrangeRows, type Arrangement } from '../../../src/core/sheet/arrange.ts';
import { readMarks, readNumberFormat, writeMarks } from '../../../src/core/sheet/look.ts';
import { cellView } from '../../../src/core/sheet/render.ts';
import { columnsById, findText, summarise } from '../../../src/core/sheet/selection.ts';
import type { Sheet } from '../../../src/core/sheet/sheet.ts';
import { columnUsers, traceCell } from '../../../src/core/sheet/users.ts';
import { sheetOf, show, type, value } from './picture.ts';

const RUNS = `
key | name     | params_total | tokens | hardware      | chips | train_days | chip_hour_price | status
r1  | run 10   | 7B           | 1T     | h100-sxm      | 512   |            | 2 USD/h         | draft
r2  | run 2    | 70B          | 15T    | h100-sxm      | 4096  | 30         | 2 USD/h         | approved
r3  | warm-up  | 1B           |        | a100-80gb-sxm | 8     |            |                 | draft`;

function order(sheet: Sheet, part: Partial<Arrangement>): string[] {
  return Array.from(
    arrangeRows(sheet, 'runs', { sort: [], filter: [], ...part }),
    (row) => sheet.state.tables.runs.keys[row] ?? '',
  );
}

describe('a view’s order and choice of rows', () => {
  const sheet = sheetOf({ runs: RUNS });
  test('numbers sort by size, whatever their suffix; unknown ones stand last both ways', () => {
    expect(order(sheet, { sort: [{ column: 'tokens', descending: false }] })).toEqual(['r1', 'r2', 'r3']);
    expect(order(sheet, { sort: [{ column: 'tokens', descending: true }] })).toEqual(['r2', 'r1', 'r3']);
  });
  test('texts sort as in a dictionary, numbers inside them by size', () =>
    expect(order(sheet, { sort: [{ column: 'name', descending: false }] })).toEqual(['r2', 'r1', 'r3']));
  test('equal rows keep the document’s order under a second key', () =>
    expect(
      order(sheet, {
        sort: [
          { column: 'status', descending: false },
          { column: 'params_total', descending: true },
        ],
      }),
    ).toEqual(['r2', 'r1', 'r3']));
  test.each([
    ['status', 'is', 'draft', ['r1', 'r3']],
    ['hardware', 'contains', 'h100', ['r1', 'r2']],
    ['params_total', 'above', '5B', ['r1', 'r2']],
    ['params_total', 'below', '7e9', ['r3']],
    ['tokens', 'is empty', '', ['r3']],
    ['train_days', 'is typed', '', ['r2']],
    ['train_flop', 'has a problem', '', ['r3']],
  ] as const)('%s %s %s', (column, test, text, rows) =>
    expect(order(sheet, { filter: [{ column, test, value: text }] })).toEqual(rows),
  );
  test('a limit in another unit is refused with the reason', () =>
    expect(() => order(sheet, { filter: [{ column: 'tokens', test: 'above', value: '3 USD' }] })).toThrow(/USD/));
});

describe('a selection', () => {
  const sheet = sheetOf({ runs: RUNS });
  const all = [0, 1, 2];
  test('adds numbers of one unit, counts the unknown ones and says what cannot be added', () => {
    const tokens = summarise(columnsById(sheet, 'runs', ['tokens']), all);
    expect(tokens).toMatchObject({ numbers: 2, unknown: 1, sum: '16T', least: '1T', most: '15T', unit: 'token' });
    const mixed = summarise(columnsById(sheet, 'runs', ['tokens', 'chips']), all);
    expect(mixed.sum).toBe('');
    expect(mixed.reason).toContain('Tokens and Chips');
  });
  test('a text is found in what is shown and in what was typed', () => {
    const columns = columnsById(sheet, 'runs', ['name', 'tokens', 'train_flop']);
    const search = { matchCase: false, whole: false, typed: false };
    expect(findText(sheet, columns, all, { ...search, query: 'RUN' }, 9).found.map((one) => one.key)).toEqual([
      'r1',
      'r2',
    ]);
    // 6·70e9·15e12 = 6.3e24 FLOP is shown and was never typed.
    expect(findText(sheet, columns, all, { ...search, query: '6.3×' }, 9).total).toBe(1);
    expect(findText(sheet, columns, all, { ...search, typed: true, query: '6.3×' }, 9).total).toBe(0);
    expect(findText(sheet, columns, all, { ...search, whole: true, query: '15T' }, 9).total).toBe(1);
  });
});

describe('looks of a column', () => {
  test('a format and marks change what is shown and no value', () => {
    const sheet = sheetOf({ runs: RUNS });
    const { version } = sheet;
    const state = sheet.state;
    sheet.apply([
      { column: ['runs', 'tokens'], to: { format: 'scientific 3', marks: 'above 10T: warn; above 0: good' } },
    ]);
    expect(sheet.state).toBe(state);
    expect(sheet.version).toBe(version);
    expect(show(sheet, 'runs.r2.tokens')).toBe('1.5×10¹³');
    const tokens = columnsById(sheet, 'runs', ['tokens'])[0]!;
    expect(cellView(sheet, tokens, 1).mark).toEqual({ tone: 'warn', rule: 'above 10T' });
    expect(cellView(sheet, tokens, 0).mark?.tone).toBe('good');
    expect(cellView(sheet, tokens, 2).mark).toBeUndefined();
  });
  test('both are texts that read back as written', () => {
    const text = 'above 1.5M: bad; is draft: warn; contains a b: good';
    expect(writeMarks(readMarks(text)!)).toBe(text);
    expect(readMarks('above: bad')).toBeNull();
    expect(readNumberFormat('percent 1')).toEqual({ style: 'percent', digits: 1 });
    expect(readNumberFormat('count 0')).toBeNull();
  });
  test('a note and a source stand with their cell and recalculate nothing', () => {
    const sheet = sheetOf({ runs: RUNS });
    const state = sheet.state;
    type(sheet, 'runs.r1.tokens_note', '3 to 5 epochs of the web part');
    type(sheet, 'runs.r1.tokens_source', 'arXiv 2407.21783');
    expect(sheet.state).toBe(state);
    expect(Object.keys(sheet.plan.sources)).toEqual([]);
    expect(cellView(sheet, columnsById(sheet, 'runs', ['tokens'])[0]!, 0)).toMatchObject({
      note: '3 to 5 epochs of the web part',
      source: 'arXiv 2407.21783',
    });
  });
});

describe('who uses what', () => {
  test('users of a column, and the same formulas with the column’s own in its place', () => {
    const sheet = sheetOf({ runs: RUNS });
    sheet.apply([
      { column: ['runs', 'half'], to: { formula: 'tokens / 2' } },
      { column: ['runs', 'quarter'], to: { formula: 'half / 2' } },
      { set: ['runs', 'r2', 'tokens_seen'], to: '=half * 4' },
    ]);
    sheet.recalculate();
    const before = value(sheet, 'runs.r2.quarter');
    const users = columnUsers(sheet, 'runs', 'half');
    expect(users.map((user) => [user.column, user.row, user.inlined])).toEqual([
      ['tokens_seen', 'r2', '(tokens / 2) * 4'],
      ['quarter', null, '(tokens / 2) / 2'],
    ]);
    sheet.apply([
      { column: ['runs', 'quarter'], to: { formula: users[1]!.inlined! } },
      { set: ['runs', 'r2', 'tokens_seen'], to: `=${users[0]!.inlined}` },
      { column: ['runs', 'half'], to: null },
    ]);
    sheet.recalculate();
    expect(value(sheet, 'runs.r2.quarter')).toBe(before);
  });
  test('a cell’s neighbours in the graph', () => {
    const sheet = sheetOf({ runs: RUNS });
    const days = columnsById(sheet, 'runs', ['train_days'])[0]!;
    const trace = traceCell(sheet, days, 0);
    expect(trace.precedents.map((cell) => cell.address)).toEqual(
      expect.arrayContaining(['runs.r1.chip_hours', 'runs.r1.chips']),
    );
    const chips = traceCell(sheet, columnsById(sheet, 'runs', ['chips'])[0]!, 0);
    expect(chips.dependents.map((cell) => cell.address)).toContain('runs.r1.train_days');
    // In r2 the days are typed: they read no chips.
    const typed = traceCell(sheet, columnsById(sheet, 'runs', ['chips'])[0]!, 1);
    expect(typed.dependents.map((cell) => cell.address)).not.toContain('runs.r2.train_days');
  });
});
