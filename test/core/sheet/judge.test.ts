/** The vector engine against the naive interpreter, on random plans with all kinds of cells. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyCommands, invertCommands, scenarioPlan } from '../../../src/core/document/apply.ts';
import { TABLE_IDS, type Command, type Plan } from '../../../src/core/document/plan.ts';
import { allProblems } from '../../../src/core/sheet/diagnose.ts';
import type { Sheet } from '../../../src/core/sheet/sheet.ts';
import { disagreements } from './naive.ts';
import { sheetOf } from './picture.ts';
import { Dice, randomCommand, randomPlan } from './random-plan.ts';

/** Every value of a sheet; texts as texts, because their numbers depend on the order they were met in. */
function snapshot(sheet: Sheet): Record<string, number | string> {
  const all: Record<string, number | string> = {};
  for (const id of TABLE_IDS)
    for (const column of sheet.state.tables[id].columns)
      sheet.state.tables[id].keys.forEach((key, row) => {
        const value = column.values[row] as number;
        const textual = ['text', 'reference', 'schedule'].includes(column.type.is) || id === 'assumptions';
        all[`${id}.${key}.${column.def.id}`] =
          textual && Number.isInteger(value) ? sheet.state.texts.text(value) || value : value;
      });
  return all;
}

const plans = fc.tuple(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 2, max: 24 }));

test('after loading, every cell is what the naive interpreter says', () =>
  fc.assert(
    fc.property(plans, ([seed, rows]) => {
      expect(disagreements(sheetOf(randomPlan(new Dice(seed), rows)))).toEqual([]);
    }),
    { numRuns: 60, seed: 1 },
  ));

test('after random edits, every cell is what the judge says and what a fresh sheet says; undo gives back the beginning', () =>
  fc.assert(
    fc.property(plans, ([seed, rows]) => {
      const dice = new Dice(seed);
      const sheet = sheetOf(randomPlan(dice, rows));
      const first = snapshot(sheet);
      const done: Command[] = [];
      for (let i = 0; i < 12; i++) {
        const batch = Array.from({ length: 1 + dice.below(2) }, (_, k) => randomCommand(dice, sheet.plan, i * 10 + k));
        try {
          done.push(...sheet.apply(batch).commands);
        } catch (error) {
          // A batch may name a row its first command removed: refused as a whole.
          expect(error).toMatchObject({ code: 'NOT_FOUND' });
        }
        sheet.recalculate();
      }
      expect(disagreements(sheet)).toEqual([]);
      const fresh = sheetOf(sheet.plan);
      expect(snapshot(sheet)).toEqual(snapshot(fresh));
      expect(sheet.state.cycles.size).toBe(fresh.state.cycles.size);
      expect(allProblems(sheet).map((problem) => `${problem.root} ${problem.code}`)).toEqual(
        allProblems(fresh).map((problem) => `${problem.root} ${problem.code}`),
      );
      sheet.apply(invertCommands(done));
      sheet.recalculate();
      expect(snapshot(sheet)).toEqual(first);
    }),
    { numRuns: 60, seed: 2 },
  ));

test('a scenario follows edits of the base and of itself as if it were read anew; rows come and go in place', () => {
  let inPlace = 0;
  let looked = 0;
  fc.assert(
    fc.property(plans, ([seed, rows]) => {
      const dice = new Dice(seed);
      let base = randomPlan(dice, rows);
      const place = (commands: readonly Command[]): Command => ({
        scenario: 's',
        to: { at: 0, scenario: { key: 's', name: 'S', on: 'base', commands } },
      });
      base = applyCommands(base, [place([])]).plan;
      const sheet = sheetOf(base);
      for (let i = 0; i < 10; i++) {
        const command = randomCommand(dice, base, i);
        const own = base.scenarios[0]?.commands ?? [];
        let plan: Plan;
        try {
          base = applyCommands(base, [dice.below(3) === 0 ? place([...own, command]) : command]).plan;
          plan = scenarioPlan(base, 's');
        } catch (error) {
          // The base may lose a row that the scenario changes.
          expect(error).toMatchObject({ code: 'NOT_FOUND' });
          return;
        }
        const { state } = sheet;
        sheet.follow(plan);
        sheet.recalculate();
        expect(sheet.plan).toBe(plan);
        if ('row' in command) {
          looked++;
          if (sheet.state === state) inPlace++;
        }
      }
      expect(disagreements(sheet)).toEqual([]);
      expect(snapshot(sheet)).toEqual(snapshot(sheetOf(sheet.plan)));
    }),
    { numRuns: 40, seed: 3 },
  );
  expect(inPlace / looked).toBeGreaterThan(0.3);
});
