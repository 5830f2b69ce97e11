/** Unknown never becomes a number: whatever is computed from an unknown cell is unknown, centrally and in samples. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluateFormula } from '../../src/core/sheet/ask.ts';
import { Sampler } from '../../src/core/sheet/sample.ts';
import { sheetOf, show, type } from '../core/sheet/picture.ts';

/** `count` is unknown; `epochs` is 2, `contingency` varies. */
const sheet = sheetOf({
  assumptions: 'key | value\nhidden | ',
  runs: 'key | count | epochs | contingency\nr1 | =hidden * 1 | 2 | 0.1 to 0.3\nr2 | 3 | 2 | 0.1',
});

const known = fc.constantFrom(
  'epochs',
  'contingency',
  '3',
  '0',
  '1e-300',
  '1e300',
  'runs.r2.count',
  'sum(runs.epochs)',
);
const expression = fc.letrec<{ any: string; strict: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    known,
    fc.tuple(tie('any'), fc.constantFrom('+', '-', '*', '/'), tie('any')).map(([a, op, b]) => `(${a} ${op} ${b})`),
  ),
  // Contains the unknown where its value matters: not in a masked branch, not beside a deciding and/or.
  strict: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('count', 'runs.r1.count', 'sum(runs.count)', 'mean(runs.count)', 'hidden'),
    fc
      .tuple(tie('strict'), fc.constantFrom('+', '-', '*', '/', '^'), tie('any'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc
      .tuple(tie('any'), fc.constantFrom('+', '-', '*', '/', '^'), tie('strict'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc
      .tuple(fc.constantFrom('abs', 'floor', 'sqrt', 'exp', 'ln', 'log2', 'round'), tie('strict'))
      .map(([f, a]) => `${f}(${a})`),
    fc.tuple(fc.constantFrom('min', 'max', 'mod'), tie('strict'), tie('any')).map(([f, a, b]) => `${f}(${a}, ${b})`),
    tie('strict').map((a) => `-(${a})`),
    fc.tuple(tie('strict'), tie('any'), tie('any')).map(([a, b, c]) => `if(${a} > ${b}, ${b}, ${c})`),
    fc.tuple(tie('any'), tie('strict')).map(([a, b]) => `if(1 < 2, ${b}, ${a})`),
    tie('strict').map(
      (a) =>
        `sum(runs.epochs, runs.epochs = ${a.includes('(') || !a.includes('count') ? '2 and runs.count > 0' : '2 and runs.count > 1'})`,
    ),
  ),
}));

test(
  '3,000 formulas that need an unknown are unknown',
  () =>
    fc.assert(
      fc.property(expression.strict, (text) => {
        const answer = evaluateFormula(sheet, text, { table: 'runs', row: 'r1', column: null });
        expect(Number.isFinite(answer.value), text).toBe(false);
        expect(answer.problem, text).not.toBeNull();
      }),
      { numRuns: 3_000, seed: 9 },
    ),
  120_000,
);

test('in samples too: a total with an unknown row has no distribution', () => {
  const own = sheetOf({
    runs: 'key | storage_cost | mfu\na | 1 to 3 | 0.3 to 0.4\nb | =1 USD * count | \nc | 5 |',
  });
  type(own, 'runs.b.count', '=1 / 0');
  const sampler = new Sampler(own, { samples: 64, seed: 1 });
  const total = sampler.cell('runs', 'b', 'storage_cost');
  expect(typeof total === 'number' ? total : total[0]).toBeNaN();
  expect(show(own, 'runs.b.storage_cost')).toBe('#DIV0');
});
