/** A plan that travels between two stores as one file. */
import { strFromU8, unzipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHandlers } from '../../src/bridge/handlers.ts';
import type { Handlers } from '../../src/bridge/contract.ts';
import { applyCommands } from '../../src/core/document/apply.ts';
import { planDifference } from '../../src/core/document/difference.ts';
import { readPlan } from '../../src/core/document/plan-file.ts';
import { openStore } from '../../src/store/open.ts';
import { planHash } from '../../src/store/plan-hash.ts';
import { seedCatalog } from '../../src/store/seed.ts';
import { HAS_POPPLER, pdfText } from '../report/plans.ts';

const host = (author: string): Handlers => {
  let now = Date.UTC(2026, 10, 25, 12);
  const store = openStore(':memory:', { now, version: '0', app: 'flopsheet' });
  seedCatalog(store.db, now);
  return createHandlers({
    store,
    host: 'memory',
    version: '1',
    author,
    emit: () => undefined,
    now: () => (now += 1000),
  });
};
const costOf = async (app: Handlers, plan: string): Promise<number | null | undefined> =>
  (await app['plans.open']({ plan })).scenarios[0]?.totalCost;
const hashOf = async (app: Handlers, plan: string): Promise<string> => (await app['approval.list']({ plan })).hash;

describe('a shared plan', () => {
  test('brings the prices it stands on, is recognised when it returns, and replaces in one step', async () => {
    const [ana, ben] = [host('ana'), host('ben')];
    // A price of one's own, newer than any shipped: it decides what the run costs.
    await ana['prices.add']({
      chip: 'h100-sxm',
      usdPerChipHour: 1.23,
      provider: 'Our cloud',
      providerClass: 'neocloud',
      commitment: 'on_demand',
      asOf: '2026-11-24',
    });
    const { plan } = await ana['plans.create']({
      file: JSON.stringify({
        format: 'flopsheet-plan',
        version: 1,
        name: 'Shared',
        runs: [{ key: 'r1', params_total: '7B', tokens: '1T', hardware: 'h100-sxm', chips: '64', chip_hour_price: '' }],
        scenarios: [{ key: 's', name: 'More', on: 'base', commands: [{ set: ['runs', 'r1', 'tokens'], to: '2T' }] }],
      }),
    });
    const { text } = await ana['plans.export']({ plan });
    const prices = (JSON.parse(text) as { catalog: { kind: string; name: string }[] }).catalog;
    expect(prices.map((row) => row.kind)).toEqual(expect.arrayContaining(['hardware', 'price']));

    const there = await ben['plans.create']({ file: text });
    expect(there.plan).toBe(plan);
    expect(there.notes.join(' ')).toContain('1 catalog row came with the plan');
    expect(await costOf(ben, plan)).toBe(await costOf(ana, plan));
    expect(await hashOf(ben, plan)).toBe(await hashOf(ana, plan));
    // What is written there is the same file: nothing of the way it took stays in the plan.
    expect((await ben['plans.export']({ plan })).text).toBe(text);

    await ana['plan.change']({
      plan,
      scenario: 'base',
      base: 0,
      commands: [
        { set: ['runs', 'r1', 'chips'], to: '128' },
        { row: ['costs', 'c1'], to: { at: 0, cells: { name: 'People', quantity: '2', unit_cost: '1000' } } },
      ],
    });
    const newer = (await ana['plans.export']({ plan })).text;
    const view = await ben['plans.inspect']({ file: newer });
    expect(view).toMatchObject({ newRows: 0, known: { plan, revision: 0, writtenAt: 1, same: false, changeCount: 2 } });
    expect(view.known?.costFile).toBeCloseTo((view.known?.costHere ?? 0) + 2000, 2);
    const before = await hashOf(ben, plan);
    await ben['plans.replace']({ plan, file: newer });
    expect(await hashOf(ben, plan)).toBe(await hashOf(ana, plan));
    await ben['plan.undo']({ plan });
    expect(await hashOf(ben, plan)).toBe(before);
    // Keeping both gives the copy an id of its own.
    expect((await ben['plans.create']({ file: newer, name: 'Branch' })).plan).not.toBe(plan);
  });

  test('with rows that are none is refused before anything is stored', async () => {
    const app = host('eve');
    const file = (catalog: unknown): string =>
      JSON.stringify({ format: 'flopsheet-plan', version: 1, name: 'x', catalog });
    for (const catalog of [
      {},
      [{}],
      [{ kind: 'price', key: 'a', fields: [] }],
      Array.from({ length: 6000 }, () => ({})),
    ])
      await expect(async () => app['plans.create']({ file: file(catalog) })).rejects.toMatchObject({
        code: 'PLAN_FILE',
      });
    expect(await app['plans.list']({})).toEqual([]);
  });
});

describe('confidential prices', () => {
  test('leave no copy that is made without them, and totals stay', async () => {
    const app = host('ana');
    await app['prices.add']({
      chip: 'h100-sxm',
      usdPerChipHour: 1.2345,
      provider: 'Secret cloud',
      providerClass: 'neocloud',
      commitment: 'on_demand',
      asOf: '2026-11-24',
      confidential: true,
    });
    const { plan } = await app['plans.create']({
      file: JSON.stringify({
        format: 'flopsheet-plan',
        version: 1,
        name: 'With a secret',
        assumptions: [
          { key: 'deal', value: '3.4567', unit: 'USD/(chip·h)', source: 'contract 7, confidential' },
          { key: 'known', value: '1' },
        ],
        runs: [
          { key: 'r1', params_total: '7B', tokens: '1T', hardware: 'h100-sxm', chips: '64' },
          { key: 'r2', params_total: '7B', tokens: '1T', hardware: 'b200', chips: '64', chip_hour_price: '=deal' },
          { key: 'r3', params_total: '7B', tokens: '1T', hardware: 'h200-sxm', chips: '64', chip_hour_price: '2.5' },
        ],
      }),
    });
    const what = { plan, scenario: 'base', redact: true };
    const secrets = /1\.23|3\.45|Secret cloud/;
    const table = async (redact: boolean): Promise<string> =>
      (await app['report.table']({ ...what, table: 'runs', format: 'csv', redact })).text;
    expect(await table(false)).toMatch(secrets);
    expect(await table(true)).not.toMatch(secrets);
    const total = (await costOf(app, plan)) as number;

    const pdf = Buffer.from((await app['report.pdf'](what)).data, 'base64');
    if (HAS_POPPLER) {
      const text = pdfText(pdf);
      expect(text).not.toMatch(secrets);
      expect(text).toContain('confidential');
      expect(text).toContain(total.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }));
    }
    const book = unzipSync(Buffer.from((await app['report.xlsx'](what)).data, 'base64'));
    const xml = Object.values(book)
      .map((part) => strFromU8(part))
      .join('\n');
    expect(xml).not.toMatch(secrets);
    expect(xml).toContain(`<v>${total}</v>`);

    const { text } = await app['plans.export']({ plan, redact: true });
    expect(text).not.toMatch(secrets);
    const other = host('ben');
    const there = await other['plans.create']({ file: text });
    expect(await costOf(other, there.plan)).toBe(total);
    // The twin: without redaction the file holds both.
    expect((await app['plans.export']({ plan })).text).toMatch(/1\.2345[\s\S]*3\.4567|3\.4567[\s\S]*1\.2345/);
  }, 30_000);
});

describe('the difference of two plans', () => {
  test('leads from one to the other, whatever they are', () => {
    const cells = fc.dictionary(fc.constantFrom('name', 'tokens', 'chips'), fc.constantFrom('1', '2B', 'x', '3 to 4'));
    const rows = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), cells), {
      selector: ([key]) => key,
    });
    const scenario = fc.tuple(
      fc.constantFrom('s1', 's2', 's3'),
      fc.constantFrom('base', 's1'),
      fc.constantFrom('A', 'B'),
    );
    const plans = fc
      .tuple(rows, rows, fc.uniqueArray(scenario, { selector: ([key]) => key }), fc.constantFrom('USD', 'EUR'))
      .map(
        ([runs, costs, scenarios, currency]) =>
          readPlan({
            format: 'flopsheet-plan',
            version: 1,
            currency,
            runs: runs.map(([key, own]) => ({ key, ...own })),
            costs: costs.map(([key, own]) => ({ key, ...own })),
            scenarios: scenarios.map(([key, on, name], i) => ({
              key,
              on: i > 0 && scenarios[0]?.[0] === on ? on : 'base',
              name,
              commands: [],
            })),
          }).plan,
      );
    fc.assert(
      fc.property(plans, plans, (a, b) => {
        expect(planHash(applyCommands(a, planDifference(a, b)).plan)).toBe(planHash(b));
        expect(planDifference(b, b)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
