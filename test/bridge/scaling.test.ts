/** Published runs, saved laws and plans that use them, through the methods of the app on a store in memory. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createHandlers } from '../../src/bridge/handlers.ts';
import type { Handlers } from '../../src/bridge/contract.ts';
import { fitLaw, lawPoint, lawToFile } from '../../src/core/scaling/index.ts';
import { openStore } from '../../src/store/open.ts';
import { seedCatalog } from '../../src/store/seed.ts';
import { syntheticPoints } from '../core/scaling/synthetic.ts';

let now = Date.UTC(2026, 10, 25, 12);
const host = (): Handlers => {
  const store = openStore(':memory:', { now, version: '0', app: 'flopsheet' });
  seedCatalog(store.db, now);
  return createHandlers({
    store,
    host: 'memory',
    version: '1.2.3',
    author: 'ana',
    emit: () => undefined,
    now: () => (now += 1000),
  });
};
let app: Handlers;
beforeAll(() => {
  app = host();
});

const TRUTH = { E: 1.7, A: 400, B: 900, alpha: 0.33, beta: 0.31 };
const fit = fitLaw(syntheticPoints(TRUTH, 60, 0.004, 3), { starts: 60, bootstrap: { draws: 40, seed: 1 } });
const save = (name: string) =>
  app['scaling.saveLaw']({ name, law: lawToFile(fit.law), note: 'ladder.csv: 60 runs', points: 'params,tokens,loss' });

describe('subjects', () => {
  test('every published run once, largest first, with how sure its compute is', async () => {
    const { runs, chips } = await app['scaling.subjects']({});
    const llama = runs.filter((run) => /llama.?3\.1.?405b/i.test(run.name));
    expect(llama).toHaveLength(1);
    expect(llama[0]).toMatchObject({ flop: 3.8e25, tokens: 15.6e12, confidence: 'published' });
    // Epoch AI calls it speculative, and its tokens are the size of the data set.
    expect(runs.find((run) => run.name === 'GPT-4')).toMatchObject({
      flop: 2.1e25,
      tokens: null,
      paramsActive: null,
      confidence: 'speculative',
    });
    expect(runs.every((run, i) => i === 0 || run.flop <= runs[i - 1]!.flop)).toBe(true);
    expect(chips.find((chip) => chip.key === 'h100-sxm')!.peakFlopPerS).toBeCloseTo(989.4e12, -12);
  });
});

describe('saved laws', () => {
  test('are listed, renamed, deleted and taken back; the key stays', async () => {
    const { key } = await save('Autumn ladder');
    expect(key).toBe('autumn-ladder');
    expect((await save('Autumn ladder')).key).toBe('autumn-ladder-2');
    await app['scaling.renameLaw']({ key, name: 'Ladder of autumn' });
    const listed = async () => (await app['scaling.laws']({})).find((law) => law.key === key);
    expect(await listed()).toMatchObject({
      name: 'Ladder of autumn',
      author: 'ana',
      saved: true,
      inPlan: false,
      hasPoints: true,
    });
    await app['scaling.removeLaw']({ key });
    expect(await listed()).toBeUndefined();
    await app['scaling.restoreLaw']({ key });
    expect(await listed()).toMatchObject({ name: 'Ladder of autumn' });
    expect(await app['scaling.lawPoints']({ key })).toEqual({ text: 'params,tokens,loss' });
    expect(() => app['scaling.renameLaw']({ key: 'nobody', name: 'x' })).toThrow(/no such law/);
    expect(() => app['scaling.saveLaw']({ name: ' ', law: lawToFile(fit.law), note: '', points: '' })).toThrow(/name/);
    expect(() => app['scaling.saveLaw']({ name: 'x', law: { equation: 'magic' }, note: '', points: '' })).toThrow(
      /additive or allocation/,
    );
  });

  test('come into the plan with the cell that names them, go with its undo, and travel in the file', async () => {
    const { key } = await save('Winter ladder');
    const { plan } = await app['plans.create']({ name: 'Uses a fit' });
    const cells = {
      name: 'Pinned',
      params_total: `=optimal_params(1e22 FLOP, "${key}")`,
      tokens: `=optimal_tokens(1e22 FLOP, "${key}")`,
    };
    await app['plan.change']({
      plan,
      scenario: 'base',
      base: 0,
      commands: [{ row: ['runs', 'r1'], to: { at: 0, cells } }],
    });
    const value = async (of: Handlers, id: string) => {
      const view = await of['sheet.view']({
        plan: id,
        scenario: 'base',
        table: 'runs',
        columns: ['params_total'],
        from: 0,
        count: 1,
      });
      return view.rows[0]?.cells[0]?.value;
    };
    const wanted = lawPoint(fit.law, { flop: 1e22 }).paramsOpt;
    expect(await value(app, plan)).toBe(wanted);
    expect((await app['scaling.laws']({ plan })).find((law) => law.key === key)).toMatchObject({ inPlan: true });
    // The law may leave the list: the plan has its copy.
    await app['scaling.removeLaw']({ key });
    const { text } = await app['plans.export']({ plan });
    const elsewhere = host();
    const opened = await elsewhere['plans.create']({ file: text });
    expect(opened.notes).toEqual([]);
    expect(await value(elsewhere, opened.plan)).toBe(wanted);
    expect((await elsewhere['scaling.laws']({ plan: opened.plan }))[0]).toMatchObject({ key, saved: false });
    await app['plan.undo']({ plan });
    expect((await app['scaling.laws']({ plan })).some((law) => law.key === key)).toBe(false);
    await app['plan.redo']({ plan });
    expect(await value(app, plan)).toBe(wanted);
    // The derivation says which runs the law rests on.
    const why = await app['cell.explain']({
      plan,
      scenario: 'base',
      cell: { table: 'runs', row: 'r1', column: 'params_total' },
    });
    expect(JSON.stringify(why)).toContain('ladder.csv: 60 runs');
    expect((await app['plan.history']({ plan }))[0]!.summary).toContain(`added law ${key}`);
  });

  test('named in a scenario come into the base, where every scenario finds them', async () => {
    const { key } = await save('Spring ladder');
    const { plan } = await app['plans.create']({ name: 'Plain' });
    const added = await app['scenario.add']({ plan, name: 'Bigger', on: 'base' });
    await app['plan.change']({
      plan,
      scenario: added.scenario,
      base: added.revision,
      commands: [{ row: ['runs', 'fitted'], to: { at: 0, cells: { scaling_law: key } } }],
    });
    expect((await app['scaling.laws']({ plan })).find((law) => law.key === key)).toMatchObject({ inPlan: true });
  });
});
