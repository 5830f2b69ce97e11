import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { newPlan } from '../../src/core/document/new-plan.ts';
import { readPlan } from '../../src/core/document/plan-file.ts';
import { planResult } from '../../src/core/plan/result.ts';
import { EMPTY_CATALOG } from '../../src/core/sheet/catalog.ts';
import { openSheet } from '../../src/bridge/session.ts';
import { Terminal } from './in-process.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

const RUN = {
  key: 'r1',
  name: 'A run',
  params_total: '7B',
  tokens: '1T',
  hardware: 'h100-sxm',
  chips: '512',
  chip_hour_price: '2 USD/h',
};

function planFile(row: Readonly<Record<string, string | undefined>>, top: object = {}): string {
  const cells = Object.fromEntries(Object.entries({ ...RUN, ...row }).filter(([, text]) => text !== undefined));
  return terminal.file('plan.json', { format: 'flopsheet-plan', version: 1, samples: 256, runs: [cells], ...top });
}

type Json = Record<string, unknown>;
const first = (answer: Json): Json => (answer['runs'] as Json[])[0] as Json;

describe('the document', () => {
  test('uncertainty stands beside the number, and shares of a month sum to the cost', async () => {
    const answer = await terminal.json(
      'plan',
      planFile({ chips: '64', mfu: '0.36 to 0.44', start_date: '2027-01-20', goodput: '0.9', contingency: '10%' }),
    );
    const run = first(answer);
    expect(run['mfu']).toBeTypeOf('number');
    const spread = (run['uncertainty'] as Record<string, Record<string, number>>)['total_cost'];
    expect(Object.keys(spread ?? {})).toEqual(['p5', 'p10', 'p50', 'p90', 'p95', 'mean']);
    expect(run['start_date']).toBe('2027-01-20');
    const months = answer['months'] as Record<string, number | string>[];
    expect(months.map((month) => month['month'])).toEqual(['2027-01', '2027-02']);
    const cents = months.reduce(
      (sum, month) =>
        sum + Math.round(100 * (month['compute'] as number)) + Math.round(100 * (month['contingency'] as number)),
      0,
    );
    expect(cents).toBe(Math.round(100 * (run['total_cost'] as number)));
    expect(answer['hash']).toMatch(/^[0-9a-f]{64}$/);
  });

  test('scenarios come with totals of their own', async () => {
    const scenarios = [
      { key: 'half', name: 'Half', on: 'base', commands: [{ set: ['runs', 'r1', 'tokens'], to: '500B' }] },
    ];
    const file = planFile({}, { scenarios });
    const answer = await terminal.json('plan', file);
    const [half] = answer['scenarios'] as { key: string; totals: Record<string, number> }[];
    expect(half?.totals['train_flop']).toBeCloseTo((answer['totals'] as Record<string, number>)['train_flop']! / 2, -5);
    expect((await terminal.json('plan', file, '--scenario', 'half'))['totals']).toEqual(half?.totals);
  });

  test('every unknown number has its reason, every stray key is named', async () => {
    const answer = await terminal.json('plan', planFile({ chips: undefined, colour: 'red' }, { mood: 'good' }));
    expect(first(answer)['train_days']).toBeNull();
    const notes = (answer['notes'] as string[]).join('\n');
    expect(notes).toMatch(/runs\.r1\.chips is empty, so .*train_days/);
    expect(notes).toMatch(/runs\.r1\.colour: there is no such column/);
    expect(notes).toMatch(/unknown key "mood"/);
  });

  test('the hash follows the content, not the order of keys', async () => {
    const hash = async (file: string): Promise<unknown> => (await terminal.json('plan', file))['hash'];
    const plain = await hash(planFile({}));
    expect(await hash(planFile({ chips: '512' }, { name: undefined }))).toBe(plain);
    expect(await hash(planFile({ chips: '513' }))).not.toBe(plain);
  });
});

test('months of random runs sum to the cent, in every category', () => {
  const seed = Date.now() % 2 ** 31;
  const cell = (low: number, high: number): fc.Arbitrary<number> => fc.integer({ min: low, max: high });
  fc.assert(
    fc.property(
      fc.array(fc.record({ day: cell(1, 28), month: cell(1, 12), billions: cell(1, 900), chips: cell(1, 4096) }), {
        minLength: 1,
        maxLength: 6,
      }),
      (runs) => {
        const { plan } = readPlan({
          format: 'flopsheet-plan',
          version: 1,
          runs: runs.map((run, i) => ({
            key: `r${i}`,
            params_total: '7B',
            tokens: `${run.billions}B`,
            chips: String(run.chips),
            peak_flop_per_s: '989.4 TFLOP/s',
            chip_hour_price: '1.997 USD/h',
            contingency: '7%',
            start_date: `2027-${String(run.month).padStart(2, '0')}-${String(run.day).padStart(2, '0')}`,
          })),
        });
        const { sheet, spreads } = openSheet(plan, EMPTY_CATALOG, () => 0);
        const result = planResult(sheet, spreads);
        for (const [id, category] of [
          ['compute_cost', 'compute'],
          ['contingency_cost', 'contingency'],
        ] as const) {
          const byMonth = result.months.reduce((sum, month) => sum + Math.round(100 * Number(month[category] ?? 0)), 0);
          expect(byMonth).toBe(Math.round(100 * (result.totals[id] as number)));
        }
      },
    ),
    { numRuns: 40, seed },
  );
});

test('an empty plan is no mistake', () => {
  const { sheet, spreads } = openSheet(newPlan({}), EMPTY_CATALOG, () => 0);
  expect(planResult(sheet, spreads)).toMatchObject({ runs: [], months: [], programme_cost: 0, notes: [] });
});

describe('mistakes leave with 2, the place and how to mend it; the rest is still computed', () => {
  test.each([
    [{ mfu: '=nope * 2' }, /unknown name "nope"\n {2}at runs\.r1\.mfu\n/],
    [{ chips: '3 byte' }, /expected chip, found byte\n {2}at runs\.r1\.chips\n/],
    [{ tokens: '=1 FLOP + 1 byte' }, /expected FLOP, found byte\n {2}at runs\.r1\.tokens/],
    [{ chips: '=chips * 2' }, /this cell needs itself: .*\n {2}at runs\.r1\.chips\n/],
    [{ tokens: undefined }, /is empty\n {2}at runs\.r1\.\w+\n/],
    [{ chips: '-5' }, /-5 is below 1.*\n {2}at runs\.r1\.chips\n/],
    [{ mfu: '1.2' }, /1\.2 is above 1.*\n {2}at runs\.r1\.mfu\n/],
    [{ hardware: 'h9000' }, /there is no hardware "h9000" in the catalog\n {2}at runs\.r1\.hardware\n/],
    [{ params_total: undefined, model: 'gtp-3' }, /there is no model "gtp-3" in the catalog\n {2}at runs\.r1\.model\n/],
  ])('%j', async (row, message) => {
    const { status, out, err } = await terminal.run('plan', planFile(row as Record<string, string>), '--json');
    expect(status).toBe(2);
    expect(err).toMatch(message);
    expect(first(JSON.parse(out) as Json)['seq_len']).toBeTypeOf('number');
  });
});
