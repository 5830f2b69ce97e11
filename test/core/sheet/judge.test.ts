/** The vector engine against the naive interpreter, on random plans with all kinds of cells. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { invertCommands } from '../../../src/core/document/apply.ts';
import { TABLE_IDS, type Command } from '../../../src/core/document/plan.ts';
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
