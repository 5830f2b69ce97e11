/** Random plans: money adds up to the cent, files are exact, samples belong to their sources. */
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyCommands } from '../../src/core/document/apply.ts';
import { parsePlanFile, writePlanFile } from '../../src/core/document/plan-file.ts';
import type { Plan, TableId } from '../../src/core/document/plan.ts';
import { compareTotals } from '../../src/core/sheet/compare.ts';
import { Sampler } from '../../src/core/sheet/sample.ts';
import type { Sheet } from '../../src/core/sheet/sheet.ts';
import { aggregateNodeOf, totalNode } from '../../src/core/sheet/totals.ts';
import { sheetOf } from '../core/sheet/picture.ts';
import { Dice, randomCommand, randomPlan } from '../core/sheet/random-plan.ts';

const plans = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 2, max: 16 }))
  .map(([seed, rows]) => ({ seed, plan: randomPlan(new Dice(seed), rows) }));

/** Samples of every uncertain number of some tables, by address. */
function allSamples(sheet: Sheet, tables: readonly TableId[]): Map<string, string> {
  const sampler = new Sampler(sheet, { samples: 64, seed: sheet.plan.settings.seed });
  const found = new Map<string, string>();
  for (const id of tables)
    for (let row = 0; row < sheet.state.tables[id].keys.length; row++)
      sampler.row(sheet.state.tables[id], row, (column, samples) =>
        found.set(
          `${id}.${sheet.state.tables[id].keys[row]}.${column.def.id}`,
          Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64'),
        ),
      );
  return found;
}

describe('money', () => {
  test(
    'every leaf is whole cents, and leaves sum to their totals to the cent, in decimal',
    () =>
      fc.assert(
        fc.property(plans, ({ plan }) => {
          const sheet = sheetOf(plan);
          for (const id of ['runs', 'costs'] as TableId[]) {
            const table = sheet.state.tables[id];
            const included = table.byId.get('included')!.values;
            for (const column of table.columns.filter((own) => own.def.money && own.def.total)) {
              let sum = new Decimal(0);
              let unknown = 0;
              table.keys.forEach((_, row) => {
                const amount = column.values[row] as number;
                if (Number.isFinite(amount)) {
                  const cents = new Decimal(amount).times(100);
                  expect(cents.minus(cents.round()).abs().toNumber()).toBeLessThan(1e-6);
                  if (included[row] !== 0) sum = sum.plus(cents.round());
                } else if (included[row] !== 0) unknown++;
              });
              const { result } = aggregateNodeOf(sheet, id, column);
              expect(result.unknown).toBe(unknown);
              expect(result.known).toBe(sum.div(100).toNumber());
              if (unknown > 0) expect(result.value).toBeNaN();
              else expect(result.value).toBe(sum.div(100).toNumber());
            }
          }
          const parts = ['compute_cost', 'energy_cost', 'storage_cost', 'other_cost', 'contingency_cost'];
          for (const key of sheet.state.tables.runs.keys) {
            if (sheet.text('runs', key, 'total_cost')) continue;
            const leaves = parts.map((part) => sheet.value('runs', key, part));
            const total = sheet.value('runs', key, 'total_cost');
            if (!leaves.every(Number.isFinite)) expect(total).toBeNaN();
            else
              expect(total).toBe(
                leaves.reduce((sum, leaf) => sum.plus(new Decimal(leaf).toDecimalPlaces(2)), new Decimal(0)).toNumber(),
              );
          }
        }),
        { numRuns: 80, seed: 21 },
      ),
    60_000,
  );
});

describe('plan files', () => {
  test(
    'any plan comes back exactly, with columns, scenarios and correlations, and writes the same text',
    () =>
      fc.assert(
        fc.property(plans, ({ seed, plan }) => {
          const dice = new Dice(seed + 1);
          const commands = Array.from({ length: 4 }, (_, i) => randomCommand(dice, plan, i)).filter(
            (command) => 'set' in command,
          );
          const full = applyCommands(plan, [
            { scenario: 's', to: { at: 0, scenario: { key: 's', name: 'S', on: 'base', commands } } },
            { correlation: ['runs.*.mfu', 'assumptions.market'], to: Number(dice.next().toFixed(3)) },
          ]).plan;
          const text = writePlanFile(full);
          const again = parsePlanFile(text).plan;
          expect(writePlanFile(again)).toBe(text);
          // Tables inside their runs come back in the order of the runs.
          const sorted = (own: Plan): Plan => ({
            ...own,
            tables: { ...own.tables, phases: [...own.tables.phases].sort((a, b) => (a.key < b.key ? -1 : 1)) },
          });
          const withRun = (own: Plan): Plan => ({
            ...own,
            tables: {
              ...own.tables,
              phases: own.tables.phases.filter((row) => own.tables.runs.some((run) => run.key === row.cells['run'])),
            },
          });
          expect(sorted(again)).toEqual(sorted(withRun(full)));
        }),
        { numRuns: 60, seed: 22 },
      ),
    60_000,
  );
});

describe('samples', () => {
  test(
    'adding a row anywhere leaves every other cell’s samples as they were, to the bit',
    () =>
      fc.assert(
        fc.property(plans, fc.nat({ max: 16 }), ({ plan }, at) => {
          // No formula in these tables reads other rows' totals: what changes then is the new row's doing.
          const alone: Plan = {
            ...plan,
            columns: {},
            tables: {
              ...plan.tables,
              runs: plan.tables.runs.map((row) => ({
                ...row,
                cells: Object.fromEntries(
                  Object.entries(row.cells).filter(([, text]) => !/runs\.|phases|costs/.test(text)),
                ),
              })),
            },
          };
          const before = allSamples(sheetOf(alone), ['runs']);
          const cells = { mfu: '0.1 to 0.9', tokens: '1T to 2T', chip_hour_price: '1 to 9' };
          const after = allSamples(
            sheetOf(applyCommands(alone, [{ row: ['runs', 'another'], to: { at, cells } }]).plan),
            ['runs'],
          );
          for (const [address, bits] of before) expect(after.get(address), address).toBe(bits);
          expect(after.size).toBeGreaterThan(before.size);
        }),
        { numRuns: 40, seed: 23 },
      ),
    60_000,
  );

  test(
    'the same seed gives the same bits: again, after a file, after a structured clone, and in scenarios',
    () =>
      fc.assert(
        fc.property(plans, ({ plan }) => {
          const tables = ['runs', 'costs'] as TableId[];
          const bits = allSamples(sheetOf(plan), tables);
          expect(allSamples(sheetOf(plan), tables)).toEqual(bits);
          expect(allSamples(sheetOf(structuredClone(plan)), tables)).toEqual(bits);
          expect(allSamples(sheetOf(JSON.parse(JSON.stringify(plan)) as Plan), tables)).toEqual(bits);
          expect(allSamples(sheetOf({ ...plan, settings: { ...plan.settings, seed: 2 } }), tables).size).toBe(
            bits.size,
          );
        }),
        { numRuns: 25, seed: 24 },
      ),
    60_000,
  );
});

/** Standard normal numbers with nothing of the engine in them: Box-Muller over mulberry32. */
function* normals(seed: number): Generator<number, never> {
  const dice = new Dice(seed);
  for (;;) {
    const radius = Math.sqrt(-2 * Math.log(1 - dice.next()));
    const angle = 2 * Math.PI * dice.next();
    yield radius * Math.cos(angle);
    yield radius * Math.sin(angle);
  }
}

const Z95 = 1.6448536269514722;

describe('an independent Monte Carlo agrees', () => {
  const plan = (): Sheet =>
    sheetOf(
      applyCommands({ ...randomPlan(new Dice(1), 2), columns: {} }, [
        { row: ['runs', 'r0'], to: null },
        { row: ['runs', 'r1'], to: null },
        ...(['x', 'y', 'z'] as const).map((key, at) => ({
          row: ['runs', key] as const,
          to: {
            at,
            cells: {
              params_total: '7B',
              tokens: '1T',
              hardware: 'h100-sxm',
              chips: '64',
              mfu: '0.30 to 0.45',
              chip_hour_price: '2 to 4',
            },
          },
        })),
      ]).plan,
    );
  test('P10, P50, P90 and mean of a total of three runs with shared factors, within 0.6 %', () => {
    const sheet = plan();
    const column = sheet.column('runs', 'compute_cost')!;
    const sampler = new Sampler(sheet, { samples: 16_384, seed: 1 });
    const spread = sampler.spread(sampler.node(totalNode(sheet, 'runs', column)) as Float64Array, 1);

    const rho = 2 * Math.sin(Math.PI / 12);
    const z = normals(77);
    const logit = (p: number): number => Math.log(p / (1 - p));
    const mid = (logit(0.3) + logit(0.45)) / 2;
    const width = (logit(0.45) - logit(0.3)) / 2 / Z95;
    const totals = Float64Array.from({ length: 200_000 }, () => {
      const [mfuFactor, priceFactor] = [z.next().value, z.next().value];
      let total = 0;
      for (let i = 0; i < 3; i++) {
        const own = (factor: number): number => Math.sqrt(rho) * factor + Math.sqrt(1 - rho) * z.next().value;
        const mfu = 1 / (1 + Math.exp(-(mid + width * own(mfuFactor))));
        const price = Math.exp(Math.log(Math.sqrt(8)) + ((Math.log(4) - Math.log(2)) / 2 / Z95) * own(priceFactor));
        total += ((6 * 7e9 * 1e12) / (989.4e12 * mfu) / 3600) * price;
      }
      return total;
    }).sort();
    const at = (p: number): number => totals[Math.round(p * (totals.length - 1))] as number;
    for (const [ours, theirs] of [
      [spread.p10, at(0.1)],
      [spread.p50, at(0.5)],
      [spread.p90, at(0.9)],
      [spread.mean, totals.reduce((a, b) => a + b, 0) / totals.length],
    ] as const)
      expect(Math.abs(ours / theirs - 1)).toBeLessThan(0.006);
  }, 60_000);

  test('a scenario’s delta is the distribution of paired differences, not the difference of percentiles', () => {
    const base = plan();
    const cheaper = sheetOf(
      applyCommands(base.plan, [
        { set: ['runs', 'x', 'chips'], to: '128' },
        { set: ['runs', 'y', 'tokens'], to: '0.9T' },
      ]).plan,
    );
    const total = compareTotals(base, cheaper).find((own) => own.id === 'compute_cost')!;
    const sampler = new Sampler(base, { samples: base.plan.settings.samples, seed: 1 });
    const tenth = sampler.spread(
      (sampler.cell('runs', 'y', 'compute_cost') as Float64Array).map((cost) => -cost / 10),
      1,
    );
    expect(total.deltaP10).toBeCloseTo(tenth.p10, 2);
    expect(total.deltaP90).toBeCloseTo(tenth.p90, 2);
    expect(total.delta).toBeCloseTo((total.b as number) - (total.a as number), 6);
  });
});
