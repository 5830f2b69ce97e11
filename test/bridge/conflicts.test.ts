/** A base that changes under a scenario: nothing breaks, what is apart is listed, and either side can be taken. */
import { beforeEach, expect, test } from 'vitest';
import type { Handlers } from '../../src/bridge/contract.ts';
import { createHandlers } from '../../src/bridge/handlers.ts';
import { parsePlanFile, writePlanFile } from '../../src/core/document/plan-file.ts';
import { openStore } from '../../src/store/open.ts';

let now = Date.UTC(2026, 10, 25, 12);
let store: ReturnType<typeof openStore>;
let app: Handlers;
let plan: string;
let scenario: string;
const restart = (): void => {
  app = createHandlers({
    store,
    host: 'memory',
    version: '0',
    author: 'ana',
    emit: () => undefined,
    now: () => (now += 1000),
  });
};
const change = async (where: string, command: object) => {
  const { revision } = await app['plans.open']({ plan });
  return app['plan.change']({ plan, scenario: where, base: revision, commands: [command as never] });
};
const conflicts = async () => (await app['plans.open']({ plan })).scenarios[1]?.conflicts;
const shown = async () => {
  const query = { plan, scenario, table: 'runs', columns: ['key', 'chips'], from: 0, count: 9 } as const;
  const view = await app['sheet.view']({ ...query, columns: [...query.columns] });
  return view.rows.map((row) => row.cells.map((cell) => cell.display).join(' '));
};

beforeEach(async () => {
  store = openStore(':memory:', { now, version: '0', app: 'flopsheet' });
  restart();
  const runs = [{ key: 'a', chips: '8' }, { key: 'b', chips: '8' }, { key: 'c' }];
  plan = (await app['plans.create']({ file: JSON.stringify({ format: 'flopsheet-plan', version: 1, runs }) })).plan;
  ({ scenario } = await app['scenario.add']({ plan, name: 'Large', on: 'base' }));
  await change(scenario, { set: ['runs', 'a', 'chips'], to: '64' });
  await change(scenario, { set: ['runs', 'b', 'chips'], to: '32' });
});

test('a row that goes away below takes the scenario’s edit with it, also after a restart; undo brings both back', async () => {
  await change('base', { row: ['runs', 'a'], to: null });
  expect(await conflicts()).toEqual([
    { cell: 'runs.a.chips', place: ['runs', 'a', 'chips'], kind: 'gone', was: '8', now: null, own: '64' },
  ]);
  expect(await shown()).toEqual(['b 32', 'c ']);
  restart();
  expect(await shown()).toEqual(['b 32', 'c ']);
  await app['plan.undo']({ plan });
  expect(await shown()).toEqual(['a 64', 'b 32', 'c ']);
  expect(await conflicts()).toEqual([]);
  await app['plan.redo']({ plan });
  await change(scenario, { set: ['runs', 'a', 'chips'], to: null });
  expect(await conflicts()).toEqual([]);
});

test('an edit below of the same cell is listed until one side is taken', async () => {
  await change('base', { set: ['runs', 'a', 'chips'], to: '16' });
  await change('base', { set: ['runs', 'b', 'chips'], to: '32' });
  // Both say 32 of b: nothing to decide there.
  expect(await conflicts()).toMatchObject([{ cell: 'runs.a.chips', kind: 'changed', was: '8', now: '16', own: '64' }]);
  const { text } = await app['plans.export']({ plan });
  const { plan: again } = parsePlanFile(text);
  expect(parsePlanFile(writePlanFile(again)).plan).toEqual(again);
  expect(again.scenarios).toEqual((JSON.parse(text) as { scenarios: unknown }).scenarios);
  await change(scenario, { set: ['runs', 'a', 'chips'], to: '64' });
  expect(await conflicts()).toEqual([]);
  expect(await shown()).toEqual(['a 64', 'b 32', 'c ']);
  await change('base', { set: ['runs', 'a', 'chips'], to: '24' });
  await change(scenario, { set: ['runs', 'a', 'chips'], to: '24' });
  expect([await conflicts(), await shown()]).toEqual([[], ['a 24', 'b 32', 'c ']]);
});

test('what a scenario cannot hold is refused when it is typed', async () => {
  await expect(change(scenario, { set: ['runs', 'nobody', 'chips'], to: '8' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await change(scenario, { row: ['runs', 'own'], to: { at: 0, cells: {} } });
  await change(scenario, { set: ['runs', 'own', 'chips'], to: '8' });
  expect([await conflicts(), (await shown())[0]]).toEqual([[], 'own 8']);
});
