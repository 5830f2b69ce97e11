/** mathjs as oracle: random arithmetic over units gives the same number in base units, or both refuse it. */
import fc from 'fast-check';
import { all, create } from 'mathjs';
import { expect, test } from 'vitest';
import { FormulaError } from '../../../src/core/formula/formula-error.ts';
import { evaluateFormula } from '../../../src/core/sheet/ask.ts';
import { sheetOf } from '../sheet/picture.ts';

const sheet = sheetOf({ runs: 'key\nr1' });
const math = create(all);
for (const [name, definition] of [
  ['FLOP', undefined],
  ['chip', undefined],
  ['USD', undefined],
  ['TFLOP', '1e12 FLOP'],
  ['kWh', '3.6e6 J'],
  ['MWh', '3.6e9 J'],
] as const)
  math.createUnit(name, definition === undefined ? {} : { definition });

/** Units spelled alike on both sides. */
const UNITS = ['s', 'h', 'day', 'FLOP', 'TFLOP', 'chip', 'USD', 'kWh', 'MWh', 'J', 'W', 'kW'];

interface Pair {
  readonly ours: string;
  readonly theirs: string;
}

const expression = fc.letrec<{ node: Pair }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom(...UNITS))
      .map(([number, unit]) => ({ ours: `${number} ${unit}`, theirs: `(${number} ${unit})` })),
    fc.integer({ min: 1, max: 99 }).map((number) => ({ ours: String(number), theirs: String(number) })),
    fc.tuple(tie('node'), fc.constantFrom('+', '-', '*', '/'), tie('node')).map(([a, operator, b]) => ({
      ours: `(${a.ours} ${operator} ${b.ours})`,
      theirs: `(${a.theirs} ${operator} ${b.theirs})`,
    })),
    fc
      .tuple(tie('node'), fc.constantFrom(2, 3))
      .map(([a, power]) => ({ ours: `(${a.ours})^${power}`, theirs: `(${a.theirs})^${power}` })),
  ),
})).node;

interface Answer {
  readonly value: number;
  /** True when the dimensions do not fit. */
  readonly refused: boolean;
}

function ourAnswer(text: string): Answer {
  try {
    return { value: evaluateFormula(sheet, text, { table: null, row: null, column: null }).value, refused: false };
  } catch (error) {
    if (error instanceof FormulaError && error.code === 'UNIT') return { value: Number.NaN, refused: true };
    throw error;
  }
}

function theirAnswer(text: string): Answer {
  try {
    const result = math.evaluate(text) as number | { value: number | null };
    // `value` is the number in mathjs's base units: seconds, joules (kg·m²/s²), and the units made above.
    return { value: typeof result === 'number' ? result : (result.value ?? Number.NaN), refused: false };
  } catch {
    return { value: Number.NaN, refused: true };
  }
}

test('the same number in base units to 9 digits (mathjs’s unit arithmetic holds no more), and the same sums refused', () => {
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(expression, ({ ours, theirs }) => {
      const a = ourAnswer(ours);
      const b = theirAnswer(theirs);
      expect(a.refused, `${ours}: we ${a.refused ? 'refuse' : 'accept'} it, mathjs does not`).toBe(b.refused);
      if (a.refused) refused++;
      else accepted++;
      if (a.refused || !Number.isFinite(b.value) || !Number.isFinite(a.value)) return;
      expect(Math.abs(a.value - b.value), ours).toBeLessThanOrEqual(1e-9 * Math.max(1e-30, Math.abs(b.value)) + 1e-12);
    }),
    { numRuns: 3_000, seed: 11 },
  );
  expect(accepted).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(500);
});
