/** Approvals, comments, prices and actuals through the methods of the app, on a store in memory. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createHandlers } from '../../src/bridge/handlers.ts';
import type { Handlers } from '../../src/bridge/contract.ts';
import { openStore } from '../../src/store/open.ts';
import { seedCatalog } from '../../src/store/seed.ts';

let now = Date.UTC(2026, 10, 25, 12);
let app: Handlers;

beforeAll(() => {
  const store = openStore(':memory:', { now, version: '0', app: 'flopsheet' });
  seedCatalog(store.db, now);
  app = createHandlers({
    store,
    host: 'memory',
    version: '1.2.3',
    author: 'ana',
    emit: () => undefined,
    now: () => (now += 1000),
  });
});

async function yearly(): Promise<string> {
  return (await app['plans.create']({ template: '21-yearly-programme' })).plan;
}

const set = (row: string, column: string, to: string | null, table = 'runs') => ({
  set: [table, row, column] as ['runs', string, string],
  to,
});

describe('approval', () => {
  test('freezes hash, results and catalog rows; edits are drift that a bridge splits to the cent', async () => {
    const plan = await yearly();
    const made = await app['approval.add']({ plan, scenario: 'base', name: 'Finance', note: 'limit 32.5 M' });
    expect(made).toMatchObject({ revision: 0, scenarioName: 'Base', cost: 32_180_996.63, cap: 32_500_000 });
    expect(made.pins).toBeGreaterThan(0);
    await app['plan.change']({
      plan,
      scenario: 'base',
      base: 0,
      commands: [set('moe', 'tokens', '14T'), set('post', 'chips', '1024')],
      note: 'more data for the MoE',
    });
    const { drift, hash } = await app['approval.list']({ plan });
    expect(hash).not.toBe(made.hash);
    expect(drift!.unchanged).toBe(false);
    expect(drift!.approvedToday).toBe(made.cost);
    expect(drift!.entries).toEqual([expect.objectContaining({ author: 'ana', note: 'more data for the MoE' })]);
    const cents = (amount: number): number => Math.round(amount * 100);
    const bars = drift!.bridge.reduce((sum, bar) => sum + cents(bar.amount), 0);
    expect(bars).toBe(cents(drift!.currentCost!) - cents(drift!.approvedToday!));
    await app['plan.undo']({ plan });
    expect((await app['approval.list']({ plan })).drift).toMatchObject({ unchanged: true, changes: [] });
  });

  test('a newer catalog row shows as drift of the catalog, not of the plan', async () => {
    const plan = await yearly();
    await app['plan.change']({ plan, scenario: 'base', base: 0, commands: [set('post', 'chip_hour_price', null)] });
    const before = await app['approval.add']({ plan, scenario: 'base', name: 'Finance', note: '' });
    await app['prices.add']({
      chip: 'h100-sxm',
      usdPerChipHour: 2,
      provider: 'Our contract',
      providerClass: 'neocloud',
      commitment: 'on_demand',
      asOf: '2026-11-20',
    });
    const { drift } = await app['approval.list']({ plan });
    expect(drift!.changes).toEqual([]);
    expect(drift!.unchanged).toBe(true);
    expect(drift!.approvedToday).toBeLessThan(before.cost!);
  });

  test('a plan with a mistake or an unknown cost cannot be approved', async () => {
    const plan = await yearly();
    await app['plan.change']({
      plan,
      scenario: 'base',
      base: 0,
      commands: [set('r17', 'chip_hour_fee', null, 'capacity')],
    });
    const check = await app['approval.check']({ plan, scenario: 'base' });
    expect(check.cost).toBeNull();
    expect(check.blocking.length).toBeGreaterThan(0);
    await expect(async () => app['approval.add']({ plan, scenario: 'base', name: 'F', note: '' })).rejects.toThrow(
      'The plan cannot be approved',
    );
  });
});

test('a stale price warns before it is approved, with what it prices', async () => {
  const plan = await yearly();
  await app['plan.change']({
    plan,
    scenario: 'base',
    base: 0,
    commands: [
      set('post', 'chip_hour_price', null),
      set('post', 'payment', 'spot'),
      set('post', 'price_class', 'marketplace'),
    ],
  });
  await app['prices.add']({
    chip: 'h100-sxm',
    usdPerChipHour: 1.1,
    provider: 'Old quote',
    providerClass: 'marketplace',
    commitment: 'spot',
    asOf: '2026-01-10',
  });
  const { warnings } = await app['approval.check']({ plan, scenario: 'base' });
  expect(warnings.join(' ')).toMatch(
    /The spot price of h100-sxm from Old quote is 319 days old \(2026-01-10\)\. It prices Post-training\./,
  );
  const book = await app['prices.book']({ plan, scenario: 'base' });
  const line = book.lines.find(
    (own) => own.chip === 'h100-sxm' && own.commitment === 'spot' && own.providerClass === 'marketplace',
  )!;
  expect(line).toMatchObject({ origin: 'user', price: 1.1, stale: true, yours: 1 });
  const rows = await app['sheet.view']({
    plan,
    scenario: 'base',
    table: 'runs',
    columns: ['chip_hour_price'],
    from: 0,
    count: 9,
  });
  expect(rows.rows.map((row) => row.cells[0]!.warning ?? '')).toEqual([
    '',
    '',
    '',
    expect.stringContaining('319 days old'),
  ]);
  // The shipped quotes are still there.
  expect(line.shipped + line.history.filter((point) => point.origin === 'shipped').length).toBeGreaterThan(0);
});

test('prices from a table: usable rows are added, the others come back with their number', async () => {
  const text = [
    'chip\tprovider\tclass\tbasis\tprice\tcurrency\tdate',
    'h200-sxm\tAcme\tneocloud\tspot\t1.95\tUSD\t2026-11-20',
    'h200-sxm\tAcme\tneocloud\tspot\t0\tUSD\t2026-11-20',
    'nonesuch-9000\tAcme\tneocloud\tspot\t2\tUSD\t2026-11-20',
    'h200-sxm\tAcme\tneocloud\tspot\t2\tUSD\t2026-02-30',
    'h200-sxm\tAcme\tneocloud\tweekly\t2\tUSD\t2026-11-20',
  ].join('\n');
  const { added, problems } = await app['prices.import']({ name: 'quotes.tsv', text });
  expect(added).toBe(1);
  expect(problems.map((problem) => problem.row)).toEqual([2, 3, 4, 5]);
  expect(() => app['prices.import']({ name: 'empty.csv', text: 'chip,price\n' })).toThrow(
    'No row of empty.csv is a price',
  );
});

test('capacity, actuals and regions answer over the wire as plain JSON', async () => {
  const plan = await yearly();
  const capacity = await app['finance.capacity']({ plan, scenario: 'base' });
  expect(JSON.parse(JSON.stringify(capacity))).toEqual(capacity);
  expect(capacity.costs[0]!.breakEvenUse).toBeGreaterThan(0.5);
  const regions = await app['finance.regions']({ plan, scenario: 'base' });
  expect(regions.regions.length).toBeGreaterThan(100);
  // Meta's method leaves out host and PUE: this plan's figure is 0.75 x 1.82 x 1.10 of it (gcp-us-central1).
  expect(regions.card!.total).toBeCloseTo(0.75 * (10.2 / 8 / 0.7) * 1.1, 2);
  const cash = await app['finance.cash']({ plan, scenario: 'base' });
  expect(JSON.parse(JSON.stringify(cash))).toEqual(cash);
  const tree = await app['finance.explain']({
    plan,
    scenario: 'base',
    view: 'cash',
    from: '2027-02',
    to: '2027-02',
    category: 'staff',
  });
  expect(tree.inputs.map((input) => input.label)).toEqual(['Research, heads', 'Infrastructure in Paris, heads']);
});

test('comments are assigned, resolved and opened again', async () => {
  const plan = await yearly();
  const { id } = await app['comment.add']({
    plan,
    cell: { table: 'runs', row: 'dense', column: 'mfu' },
    body: 'Too high?',
    assignedTo: 'Ben',
  });
  const view = await app['sheet.view']({ plan, scenario: 'base', table: 'runs', columns: ['mfu'], from: 0, count: 9 });
  expect(view.rows.map((row) => row.cells[0]!.comments)).toEqual([undefined, 1, undefined, undefined]);
  await app['comment.assign']({ plan, comment: id, assignedTo: 'Cleo' });
  await app['comment.resolve']({ plan, comment: id, resolved: true });
  expect((await app['comment.list']({ plan }))[0]).toMatchObject({
    assignedTo: 'Cleo',
    author: 'ana',
    resolvedBy: 'ana',
  });
  await app['comment.resolve']({ plan, comment: id, resolved: false });
  expect((await app['comment.list']({ plan }))[0]!.resolvedAt).toBeNull();
});
