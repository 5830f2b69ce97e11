import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defused, plainTable, tableText, type PlainTable } from '../../src/report/csv.ts';
import { planOf, sheetOf, template } from './plans.ts';

/** RFC 4180, read by the book. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') field += text[++i];
      else if (c === '"') quoted = false;
      else field += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') [row, field] = [[...row, field], ''];
    else if (c === '\r' && text[i + 1] === '\n') {
      rows.push([...row, field]);
      [row, field] = [[], ''];
      i++;
    } else field += c;
  }
  return rows;
}

const table = (rows: PlainTable['rows']): PlainTable => ({
  columns: (rows[0] ?? []).map((_, i) => ({ id: `c${i}`, label: `C ${i}`, unit: '' })),
  rows,
});

describe('CSV of a plan', () => {
  it('has units in its header and numbers in full', () => {
    const sheet = sheetOf(template('03-llama-3.1-405b'));
    const [head, run] = readCsv(tableText(plainTable(sheet, 'runs'), 'csv'));
    const at = (name: string): string => run?.[head?.indexOf(name) ?? -1] ?? 'no such column';
    // 6 · 405e9 · 15.6e12 = 3.7908e25 FLOP (Llama Team 2024: 3.8e25).
    expect(Number(at('train_flop [FLOP]'))).toBe(3.7908e25);
    expect(at('total_cost [USD]')).toBe('53214069.13');
    expect(at('hardware')).toBe('h100-sxm');
    expect(at('included')).toBe('yes');
  });

  it('leaves unknown empty, never 0', () => {
    const sheet = sheetOf(
      planOf({ runs: [{ key: 'r1', name: 'a', params_total: '7B', hardware: 'h100-sxm', chips: '8' }] }),
    );
    const text = tableText(plainTable(sheet, 'runs', { columns: ['key', 'tokens', 'total_cost', 'chips'] }), 'csv');
    expect(text).toBe('key,tokens [token],total_cost [USD],chips [chip]\r\nr1,,,8\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '|calc', '\t=1', ' =HYPERLINK("http://x")', '＝1', '%00'])(
    'defuses %j',
    (text) => {
      expect(defused(text).startsWith("'")).toBe(true);
      for (const format of ['csv', 'tsv'] as const)
        expect(tableText(table([[text, 1]]), format).split('\n')[1]).toMatch(/^"?'/);
    },
  );

  it('leaves numbers and ordinary texts alone', () => {
    expect(tableText(table([[-1.5, 'Llama 3.1 405B', true, null]]), 'csv')).toBe(
      'c0,c1,c2,c3\r\n-1.5,Llama 3.1 405B,yes,\r\n',
    );
  });

  it('reads back whatever the texts are', () => {
    const field = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('a"b', 'x,y', 'line\r\nline', '\t', '"', ' a '),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 8 }), (rows) => {
        const read = readCsv(tableText(table(rows), 'csv')).slice(1);
        expect(read).toEqual(
          rows.map((row) => row.map((value) => (typeof value === 'string' ? defused(value) : String(value)))),
        );
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

describe('other texts', () => {
  const rows = table([['a|b <script>', 1234.5, null]]);

  it('Markdown escapes what would be markup and sets numbers to the right', () => {
    expect(tableText(rows, 'markdown')).toBe(
      '| C 0 | C 1 | C 2 |\n| --- | ---: | --- |\n| a\\|b \\<script\\> | 1234.5 |  |\n',
    );
  });

  it('JSON keeps types and unknown', () => {
    expect(JSON.parse(tableText(rows, 'json'))).toEqual([{ c0: 'a|b <script>', c1: 1234.5, c2: null }]);
  });

  it('TSV keeps one line a row', () => {
    expect(tableText(table([['two\nlines', 'tab\there']]), 'tsv')).toBe('c0\tc1\ntwo lines\ttab here\n');
  });
});
