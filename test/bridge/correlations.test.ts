/** Correlations through the methods of the app: listed, set, undone, refused with the nearest that can be, in scenarios. */
import { beforeEach, expect, test } from 'vitest';
import type { Handlers } from '../../src/bridge/contract.ts';
import { methodSchemas } from '../../src/bridge/contract.ts';
import { createHandlers } from '../../src/bridge/handlers.ts';
import { openStore } from '../../src/store/open.ts';
import * as v from 'valibot';

let app: Handlers;
let plan: string;
const set = async (scenario: string, pairs: readonly (readonly [string, string, number | null])[]) => {
  const { revision } = await app['plans.open']({ plan });
  const params = {
    plan,
    scenario,
    base: revision,
    commands: pairs.map(([a, b, to]) => ({ correlation: [a, b] as [string, string], to })),
  };
  // As over a transport: the schema must let the command through.
  return app['plan.change'](v.parse(methodSchemas['plan.change'], params));
};
const pairs = async (scenario = 'base') =>
  (await app['correlation.list']({ plan, scenario })).pairs.map(({ a, b, rank }) => [a, b, rank]);

beforeEach(async () => {
  let now = Date.UTC(2026, 10, 25, 12);
  const store = openStore(':memory:', { now, version: '0', app: 'flopsheet' });
  app = createHandlers({
    store,
    host: 'memory',
    version: '0',
    author: 'ana',
    emit: () => undefined,
    now: () => (now += 1000),
  });
  const file = JSON.stringify({
    format: 'flopsheet-plan',
    version: 1,
    assumptions: [{ key: 'power', value: '0.05 to 0.2', unit: 'USD/kWh' }],
    runs: [
      { key: 'a', name: 'Pilot', mfu: '0.3 to 0.5', storage_cost: '100 to 300' },
      { key: 'b', storage_cost: '100 to 300' },
    ],
  });
  plan = (await app['plans.create']({ file })).plan;
});

test('what can be correlated: columns with ranges, their cells, assumptions, with what is typed there', async () => {
  const { choices, columns } = await app['correlation.list']({ plan, scenario: 'base' });
  expect(choices).toContainEqual({ name: 'assumptions.power', label: 'power', text: '0.05 to 0.2' });
  expect(choices).toContainEqual({ name: 'runs.a.mfu', label: 'MFU of Pilot', text: '0.3 to 0.5' });
  expect(choices).toContainEqual({ name: 'runs.*.mfu', label: 'MFU, all runs', text: '' });
  expect(choices.some((choice) => choice.name === 'runs.b.mfu')).toBe(false);
  // One range alone shares nothing.
  expect(columns).toEqual([
    { name: 'runs.*.storage_cost', label: expect.any(String), text: '', cells: 2, rank: 0.5, typed: false },
  ]);
});

test('set in one change, undone by one undo, and said in the history', async () => {
  await set('base', [
    ['assumptions.power', 'runs.a.mfu', 0.4],
    ['runs.*.storage_cost', 'runs.*.storage_cost', 0.9],
  ]);
  expect(await pairs()).toEqual([['assumptions.power', 'runs.a.mfu', 0.4]]);
  expect((await app['correlation.list']({ plan, scenario: 'base' })).columns[0]).toMatchObject({
    rank: 0.9,
    typed: true,
  });
  const [entry] = await app['plan.history']({ plan });
  expect(entry?.summary).toBe('correlation of assumptions.power and runs.a.mfu = 0.4 and 1 more');
  await app['plan.undo']({ plan });
  expect(await pairs()).toEqual([]);
  await app['plan.redo']({ plan });
  expect(await pairs()).toHaveLength(1);
});

test('an impossible list is refused and the nearest possible one offered: untyped pairs stay independent', async () => {
  const wanted = [
    { a: 'assumptions.power', b: 'runs.a.mfu', rank: 0.95 },
    { a: 'assumptions.power', b: 'runs.a.storage_cost', rank: 0.95 },
    { a: 'runs.b.storage_cost', b: 'runs.a.mfu', rank: 0.6 },
    { a: 'runs.a.mfu', b: 'runs.a.storage_cost', rank: -0.9 },
  ];
  const answer = await app['correlation.check']({ pairs: wanted });
  expect(answer.possible).toBe(false);
  expect(answer.nearest.map(({ a, b }) => [a, b])).toEqual(wanted.map(({ a, b }) => [a, b]));
  expect((await app['correlation.check']({ pairs: [...answer.nearest] })).possible).toBe(true);
  await expect(
    set(
      'base',
      wanted.map(({ a, b, rank }) => [a, b, rank] as const),
    ),
  ).rejects.toMatchObject({
    code: 'CORRELATION',
  });
  await set(
    'base',
    answer.nearest.map(({ a, b, rank }) => [a, b, rank] as const),
  );
  // From one possible list to another, in one change, through an impossible one.
  await set('base', [
    ['assumptions.power', 'runs.a.mfu', 0.9],
    ['assumptions.power', 'runs.a.storage_cost', 0.9],
    ['runs.a.mfu', 'runs.a.storage_cost', 0.9],
    ['runs.b.storage_cost', 'runs.a.mfu', null],
  ]);
  expect(await pairs()).toHaveLength(3);
});

test('a scenario keeps its own: set twice, the last stands; set back to the base, nothing is left', async () => {
  await set('base', [['assumptions.power', 'runs.a.mfu', 0.4]]);
  const { scenario } = await app['scenario.add']({ plan, name: 'Tied', on: 'base' });
  await set(scenario, [['assumptions.power', 'runs.a.mfu', 0.6]]);
  await set(scenario, [['runs.a.mfu', 'assumptions.power', 0.8]]);
  expect(await pairs(scenario)).toEqual([['assumptions.power', 'runs.a.mfu', 0.8]]);
  expect(await pairs()).toEqual([['assumptions.power', 'runs.a.mfu', 0.4]]);
  await set(scenario, [['assumptions.power', 'runs.a.mfu', 0.4]]);
  const file = JSON.parse((await app['plans.export']({ plan })).text) as { scenarios: { commands: unknown[] }[] };
  expect(file.scenarios[0]?.commands).toEqual([]);
});

test('a scenario command moves a scenario; one that would stand on itself or on nothing is refused', async () => {
  const { scenario } = await app['scenario.add']({ plan, name: 'Tied', on: 'base' });
  const send = async (on: string, under = scenario, within = 'base') => {
    const { revision } = await app['plans.open']({ plan });
    const to = { at: 0, scenario: { key: under, name: 'Moved', on, commands: [] } };
    const commands = [{ scenario, to }];
    return app['plan.change'](
      v.parse(methodSchemas['plan.change'], { plan, scenario: within, base: revision, commands }),
    );
  };
  await send('base');
  expect((await app['plans.open']({ plan })).scenarios[1]?.name).toBe('Moved');
  await expect(send(scenario)).rejects.toMatchObject({ code: 'ARG' });
  await expect(send('gone')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(send('base', 'other')).rejects.toMatchObject({ code: 'ARG' });
  await expect(send('base', scenario, scenario)).rejects.toMatchObject({ code: 'ARG' });
});
