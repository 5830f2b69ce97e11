/** Undo and redo as a person uses them, against the simplest model there is: a list of plans and a place in it. */
import { expect, it } from 'vitest';
import { createHandlers } from '../../src/bridge/handlers.ts';
import { canonicalJson } from '../../src/store/canonical.ts';
import { loadPlan } from '../../src/store/plans.ts';
import { memoryStore, NOW, VERSION } from '../store/fixtures.ts';

const STEPS = process.env['FLOPSHEET_FAULT_LONG'] ? 10_000 : 1_500;
const SEED = 20_261_125;

/** A small seeded generator: the same walk every run. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

it(`${STEPS} edits, undos, redos and restarts leave what a list of states says`, { timeout: 600_000 }, async () => {
  const { db, ...store } = memoryStore();
  const open = () =>
    createHandlers({
      store: { db, ...store },
      host: 'memory',
      version: VERSION,
      author: 'ana',
      emit: () => undefined,
      now: () => NOW,
    });
  let app = open();
  const { plan } = await app['plans.create']({ template: '04-gpt-3-175b' });
  const stored = (): string => canonicalJson(loadPlan(db, plan).plan);
  const pick = generator(SEED);
  const states = [stored()];
  let at = 0;
  let revision = 0;
  for (let step = 0; step < STEPS; step++) {
    const what = pick(10);
    if (what < 5) {
      const commands =
        pick(4) === 0
          ? [{ row: ['runs', `x${step}`] as const, to: { at: 0, cells: { name: `x${step}` } } }]
          : [
              {
                set: ['runs', 'r1', ['tokens', 'chips', 'note'][pick(3)] ?? 'note'] as const,
                to: String(1 + pick(900)),
              },
            ];
      ({ revision } = await app['plan.change']({ plan, scenario: 'base', base: revision, commands: commands.map((one) => ({ ...one })) as never })); // prettier-ignore
      states.splice(at + 1, Infinity, stored());
      at += 1;
    } else if (what < 8) {
      if (at === 0) await expect(async () => app['plan.undo']({ plan })).rejects.toMatchObject({ code: 'NOTHING' });
      else {
        ({ revision } = await app['plan.undo']({ plan }));
        at -= 1;
      }
    } else if (what < 9) {
      if (at === states.length - 1)
        await expect(async () => app['plan.redo']({ plan })).rejects.toMatchObject({ code: 'NOTHING' });
      else {
        ({ revision } = await app['plan.redo']({ plan }));
        at += 1;
      }
    } else if (pick(10) === 0) app = open();
    expect(stored(), `step ${step}, seed ${SEED}`).toBe(states[at]);
  }
  expect(states.length).toBeGreaterThan(10);
});
