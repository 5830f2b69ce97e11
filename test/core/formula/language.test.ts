import fc from 'fast-check';
import { all, create } from 'mathjs';
import { describe, expect, test } from 'vitest';
import { FormulaError } from '../../../src/core/formula/formula-error.ts';
import { parseFormula } from '../../../src/core/formula/parser.ts';
import { describeType } from '../../../src/core/formula/types.ts';
import { evaluateFormula } from '../../../src/core/sheet/ask.ts';
import { sheetOf } from '../sheet/picture.ts';

const sheet = sheetOf({
  assumptions: 'key | value | unit\npue | 1.2 |\nprice | 2.5 | USD/(chip·h)\nstart | 2027-01-15 |',
});
const NOWHERE = { table: null, row: null, column: null } as const;

function evaluate(text: string): { value: number; type: string } {
  const answer = evaluateFormula(sheet, text, NOWHERE);
  return { value: answer.value, type: describeType(answer.type) };
}

function mistake(text: string): FormulaError {
  try {
    evaluateFormula(sheet, text, NOWHERE);
  } catch (error) {
    if (error instanceof FormulaError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('arithmetic', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['-2^2', -4],
    ['2^3^2', 512],
    ['2^-1', 0.5],
    ['10 / 4 / 5', 0.5],
    ['7e10', 7e10],
    ['405B', 405e9],
    ['15.6T', 15.6e12],
    ['4M + 2K', 4_002_000],
    ['40%', 0.4],
    ['2 × 3 − 1', 5],
    ['round(2.5)', 3],
    ['round(-2.5)', -3],
    ['mod(-1, 3)', 2],
    ['min(3, 1, 2)', 1],
    ['max(3, 1, 2)', 3],
    ['clamp(1.2, 0, 1)', 1],
    ['sqrt(16)', 4],
    ['log2(1024)', 10],
    ['number_of(2 day, 1 h)', 48],
    ['if(1 < 2, 10, 20)', 10],
    ['if(not (1 = 1) or 2 >= 3, 10, 20)', 20],
    ['year(2027-03-01)', 2027],
  ])('%s = %f', (text, expected) => expect(evaluate(text).value).toBeCloseTo(expected, 10));
});

describe('units', () => {
  test.each([
    // 6ND on 1,024 H100 at 40 %: design of the command line.
    ['6 FLOP * 70e9 * 15e12 / (1024 chip * 989.4 TFLOP/s/chip * 0.4)', 6.3e24 / (1024 * 989.4e12 * 0.4), 's'],
    ['1 TFLOP / (0.02 s * 100 TFLOP/s)', 0.5, 'plain number'],
    ['100 / 2 USD/h', 50 * 3600, 's/USD'],
    ['2.5 USD/(chip·h) * 8 chip * 2 h', 40, 'USD'],
    ['700 W * 1 h', 2.52e6, 'J'],
    ['0.38 kg/kWh * 10 MWh in t', 3.8e6, 'gCO2e'],
    ['3.35 TB/s * 2 s', 6.7e12, 'byte'],
    ['sqrt(4 s * 9 s)', 6, 's'],
    ['2027-01-31 - 2027-01-01', 30 * 86400, 's'],
    ['price * 10 chip', 25 / 3600, 'USD/s'],
  ])('%s', (text, value, type) => {
    const answer = evaluate(text);
    expect(answer.value / value).toBeCloseTo(1, 12);
    expect(answer.type).toBe(type);
  });

  test('a date plus a time is a date', () =>
    expect(evaluate('start + 45 day')).toEqual({ value: 20833 + 45, type: 'date' }));
});

describe('mistakes say where, what and how to mend it', () => {
  test.each([
    ['1 +', 'SYNTAX', 2, 3, /missing at the end/],
    ['(1 + 2', 'SYNTAX', 0, 1, /close/],
    ['1 < 2 < 3', 'SYNTAX', 6, 7, /a < b and b < c/],
    ['5 TFLOPS', 'UNIT', 2, 8, /FLOP\/s for a rate/],
    ['3 pue', 'UNIT', 2, 5, /3 \* pue/],
    ['pie * 2', 'NAME', 0, 3, /did you mean "pue"/],
    ['runds.total_cost', 'NAME', 0, 5, /./],
    ['3 h + 2 chip', 'UNIT', 6, 12, /^$|chip/],
    ['3 token + 2 param', 'UNIT', 10, 17, /different counts/],
    ['3 USD + 2 EUR', 'UNIT', 8, 13, /^$/],
    ['2 USD/h * 3 chip in USD/(chip·h)', 'UNIT', 0, 16, /chips/],
    ['sum(runs.total_cots)', 'NAME', 9, 19, /did you mean "total_cost"/],
    ['count(runs, runs.status = "aproved")', 'ARG', 26, 35, /did you mean "approved"/],
    ['sqr(2)', 'NAME', 0, 3, /did you mean "sqrt"/],
    ['round(1, 2, 3)', 'ARG', 0, 14, /round\(x, \[step\]\)/],
    ['if(1, 2, 3)', 'TYPE', 3, 4, /^$/],
    ['2 s ^ pue', 'UNIT', 6, 9, /x\^2/],
    ['runs.total_cost', 'TYPE', 0, 15, /sum\(runs\.total_cost\)/],
    ['$3', 'SYNTAX', 0, 1, /USD\/h/],
    ['2027-13-01', 'SYNTAX', 0, 10, /2027-01-31/],
    ['normal(1)', 'ARG', 0, 9, /standard deviation/],
    ['schedule(2027-02: 1, 2027-01: 2)', 'ARG', 21, 28, /^$/],
  ])('%s', (text, code, from, to, hint) => {
    const error = mistake(text);
    expect({ code: error.code, from: error.from, to: error.to }).toEqual({ code, from, to });
    expect(error.hint).toMatch(hint);
  });

  test('nesting and length have limits', () => {
    expect(mistake('('.repeat(400) + '1' + ')'.repeat(400)).message).toMatch(/nested/);
    expect(mistake('1+'.repeat(6000) + '1').message).toMatch(/10000 characters/);
  });
});

describe('hostile text', () => {
  const words = fc.constantFrom(
    'pue',
    'runs',
    '.total_cost',
    'sum(',
    ')',
    '+',
    '*',
    '1e308',
    '405B',
    '"',
    '__proto__',
    'constructor',
    ' to ',
    'in',
    ' h',
    '/',
    '^',
    '0',
    'if(',
    ',',
    '=',
    '<',
    'normal(',
    '−',
    'é',
    '\u0000',
    '𝕊',
  );
  test('10,000 mutated formulas: an answer or a FormulaError with a place inside the text, and nothing else', () => {
    const before = Object.keys(Object.prototype).length;
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 14 }).map((parts) => parts.join('')),
        (text) => {
          try {
            evaluateFormula(sheet, text, NOWHERE);
          } catch (error) {
            if (!(error instanceof FormulaError)) throw error;
            expect(error.from).toBeGreaterThanOrEqual(0);
            expect(error.to).toBeLessThanOrEqual(Math.max(text.length, 1));
            expect(error.from).toBeLessThanOrEqual(error.to);
          }
        },
      ),
      { numRuns: 10_000, seed: 20261125 },
    );
    expect(Object.keys(Object.prototype).length).toBe(before);
  });
});

describe('mathjs agrees on random arithmetic', () => {
  const math = create(all);
  const expression = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.double({ min: 0.01, max: 1000, noNaN: true }).map((number) => number.toFixed(3)),
      fc
        .tuple(tie('node'), fc.constantFrom('+', '-', '*', '/'), tie('node'))
        .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
      tie('node').map((a) => `-(${a})`),
    ),
  })).node;
  test('to 12 digits', () =>
    fc.assert(
      fc.property(expression, (text) => {
        const ours = evaluateFormula(sheet, text, NOWHERE).value;
        const theirs = math.evaluate(text) as number;
        if (Number.isFinite(theirs) && Number.isFinite(ours))
          expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(theirs)));
        else expect(Number.isFinite(ours)).toBe(false);
      }),
      { numRuns: 2_000, seed: 7 },
    ));
});

test('the parser keeps a unit with its number and a column out of it', () => {
  expect(parseFormula('2 USD/h * x')).toMatchObject({
    type: 'binary',
    operator: '*',
    left: { type: 'number', unit: { text: 'USD/h' } },
  });
  expect(parseFormula('2 USD / chips')).toMatchObject({
    type: 'binary',
    operator: '/',
    left: { unit: { text: 'USD' } },
    right: { type: 'name', name: 'chips' },
  });
});
