/** Hostile formulas: an answer or a typed mistake with a place inside the text, never a crash, and the rest computes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormulaError } from '../../src/core/formula/formula-error.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../src/core/plan/planner.ts';
import { checkText, evaluateFormula } from '../../src/core/sheet/ask.ts';
import { cellProblemOf } from '../../src/core/sheet/diagnose.ts';
import { problem, sheetOf, show, type, value } from '../core/sheet/picture.ts';

const LLAMA = `
key | params_total | tokens | hardware | chips | chip_hour_price | start_date
r1  | 405B         | 15.6T  | h100-sxm | 16384 | 2 USD/h         | 2027-01-01
r2  | 7B           |        | h100-sxm | 64    | 2 to 3          | 2027-01-01`;

const CODES = new Set([
  'NAME',
  'UNIT',
  'CYCLE',
  'EMPTY',
  'UNKNOWN',
  'DIV0',
  'RANGE',
  'SYNTAX',
  'OVERFLOW',
  'TYPE',
  'ARG',
]);

const formulas = [
  ...BUILT_IN_COLUMNS.flatMap((column) =>
    column.formula ? [column.formula.replaceAll('¤fx', '').replaceAll('¤', 'USD')] : [],
  ),
  ...[...REGISTRY.values()].map((fn) => fn.example),
  'sum(runs.total_cost, runs.status = "approved")',
  'sum(phases.tokens, phases.run = key and phases.seq_len > 8k token)',
  'p90(sum(runs.total_cost)) - median(sum(runs.total_cost))',
  'over(schedule(2027-01: 4 chip, 2027-07: 9 chip), 2027-01-01, 2028-01-01) in chip·h',
  'runs."r1".tokens to runs.r1.tokens * 2',
  'discrete(1, 0.5, 2, 0.5) + pert(1, 2, 3) + beta(2, 3)',
];
const glyphs = fc.constantFrom(
  ...'()[]{}.,:;"\'+-−*/^<>=&% \n\t\\_$€µ·×0179eEkKMBTé\u0000\u202e𝕊'.split(''),
  '__proto__',
  'constructor',
  'toString',
  '1e308',
  '1e-320',
  ' to ',
  ' in ',
  'if(',
  'NaN',
  'Infinity',
  '2027-02-30',
);

/** A formula with a few places changed. */
const mutated = fc
  .tuple(
    fc.constantFrom(...formulas),
    fc.array(
      fc.tuple(fc.constantFrom('insert', 'delete', 'replace', 'double', 'cut'), fc.nat(), fc.nat({ max: 8 }), glyphs),
      { maxLength: 4 },
    ),
  )
  .map(([formula, edits]) =>
    edits.reduce((text, [how, place, length, glyph]) => {
      const at = text.length === 0 ? 0 : place % text.length;
      const [left, right] = [text.slice(0, at), text.slice(at)];
      if (how === 'insert') return left + glyph + right;
      if (how === 'delete') return left + right.slice(length);
      if (how === 'replace') return left + glyph + right.slice(length);
      return how === 'double' ? text.slice(0, at + length) + right : left;
    }, formula),
  );

describe('10,000 mutated formulas', () => {
  test('are answered or refused with a place inside the text; nothing leaks into Object.prototype', () => {
    const sheet = sheetOf({ runs: LLAMA });
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    let answered = 0;
    fc.assert(
      fc.property(mutated, (text) => {
        try {
          evaluateFormula(sheet, text, { table: 'runs', row: 'r1', column: null });
          answered++;
        } catch (error) {
          if (!(error instanceof FormulaError)) throw error;
          expect(CODES.has(error.code)).toBe(true);
          expect(error.message).not.toBe('');
          expect(0 <= error.from && error.from <= error.to && error.to <= Math.max(1, text.length)).toBe(true);
        }
      }),
      { numRuns: 10_000, seed: 20_261_125 },
    );
    expect(answered).toBeGreaterThan(1_000);
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
  }, 120_000);

  test('typed into cells: a value or a problem with its code, and the row beside them computes', () => {
    const sheet = sheetOf({ runs: LLAMA });
    const column = sheet.column('runs', 'epochs')!;
    fc.assert(
      fc.property(mutated, fc.boolean(), (text, equals) => {
        const typed = equals ? `=${text}` : text;
        const check = checkText(sheet, { table: 'runs', row: 'r2', column: 'epochs' }, typed);
        if (check.problem?.from !== undefined)
          expect(check.problem.from <= (check.problem.to ?? 0) && (check.problem.to ?? 0) <= typed.length + 1).toBe(
            true,
          );
        type(sheet, 'runs.r2.epochs', typed);
        if (!Number.isFinite(column.values[1]))
          expect(CODES.has(cellProblemOf(sheet, column, 1)?.code ?? '')).toBe(true);
        expect(value(sheet, 'runs.r1.train_flop')).toBe(6 * 405e9 * 15.6e12);
      }),
      { numRuns: 400, seed: 3 },
    );
  }, 120_000);
});

describe('extremes are typed errors in the cell, with the cause', () => {
  test.each([
    ['=1 / 0', 'DIV0', /division by zero/],
    ['=0 / 0', 'DIV0', /division by zero/],
    ['=1e308 * 10', 'OVERFLOW', /too large/],
    ['=-1e308 * 10', 'OVERFLOW', /too large/],
    ['=1 / (1e308 * 10)', 'OVERFLOW', /too large/],
    ['=1e308 + 1e308', 'OVERFLOW', /too large/],
    ['=exp(1000)', 'RANGE', /exp has no value/],
    ['=10^400', 'RANGE', /power/],
    ['=0^-1', 'RANGE', /power/],
    ['=(-8)^0.5', 'RANGE', /power/],
    ['=ln(0)', 'RANGE', /ln has no value/],
    ['=sqrt(-1)', 'RANGE', /sqrt has no value/],
    ['=1e999', 'OVERFLOW', /too large/],
    ['1e999', 'OVERFLOW', /too large/],
    ['=mean(costs.amount) / 1 USD', 'EMPTY', /no rows to take the mean of/],
    ['=median(costs.quantity)', 'EMPTY', /no rows/],
    ['=p90(costs.quantity)', 'EMPTY', /no rows/],
    ['=5 to 2', 'RANGE', /./],
    ['=normal(1, -1)', 'RANGE', /./],
    ['=beta(0, 1)', 'RANGE', /./],
    ['=date(2027, 2, 30) - 2027-01-01', 'UNIT', /./],
    [`=${'('.repeat(200)}1${')'.repeat(200)}`, 'SYNTAX', /nested/],
    [`=${'-'.repeat(5_000)}1`, 'SYNTAX', /nested/],
    [`=${'1+'.repeat(4_000)}1`, 'SYNTAX', /characters|nested|long/],
    [`=${'9'.repeat(400)}`, 'OVERFLOW', /too large/],
    ['=__proto__', 'NAME', /unknown name/],
    ['=constructor.prototype', 'NAME', /unknown name/],
    ['=runs.__proto__.x', 'NAME', /no row/],
    ['=toString()', 'NAME', /unknown function/],
    ['=hasOwnProperty(1)', 'NAME', /unknown function/],
  ])('case %#', (text, code, message) => {
    const sheet = sheetOf({ runs: LLAMA });
    type(sheet, 'runs.r2.epochs', text);
    expect(show(sheet, 'runs.r2.epochs')).toBe(`#${code}`);
    expect(problem(sheet, 'runs.r2.epochs')).toMatch(message);
    expect(sheet.text('runs', 'r2', 'epochs')).toBe(text);
    expect(value(sheet, 'runs.r1.train_flop')).toBe(6 * 405e9 * 15.6e12);
  });

  test('a chain of 5,000 rows, each reading the one above, neither overflows the stack nor is called a circle', () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => `r${i} | ${i === 0 ? '1' : `=runs.r${i - 1}.count + 1`}`).join(
      '\n',
    );
    const sheet = sheetOf({ runs: `key | count\n${rows}` });
    expect(value(sheet, 'runs.r4999.count')).toBe(5_000);
    type(sheet, 'runs.r0.count', '=1 / 0');
    expect(problem(sheet, 'runs.r100.count')).toMatch(/division by zero.* @ runs\.r0\.count/);
    expect(show(sheet, 'runs.r4999.count')).toMatch(/^#/);
  }, 60_000);
});
