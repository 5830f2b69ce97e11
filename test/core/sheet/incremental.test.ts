import fc from 'fast-check';
import { expect, test } from 'vitest';
import { invertCommands } from '../../../src/core/document/apply.ts';
import type { Command, TableId } from '../../../src/core/document/plan.ts';
import type { Sheet } from '../../../src/core/sheet/sheet.ts';
import { disagreements } from './naive.ts';
import { planOf, sheetOf } from './picture.ts';

const KEYS = ['r1', 'r2', 'r3', 'r4'];
const cell = fc.oneof(
  fc.tuple(fc.constant('params_total'), fc.constantFrom('7B', '1e9', '=runs.r2.params_active * 2', null, 'x')),
  fc.tuple(
    fc.constant('tokens'),
    fc.constantFrom('1T', '=sum(phases.tokens, phases.run = key)', '=params_total * 20', null),
  ),
  fc.tuple(fc.constant('mfu'), fc.constantFrom('0.4', '0.3 to 0.5', '=runs.r1.mfu / 2', '1.2', null)),
  fc.tuple(fc.constant('hardware'), fc.constantFrom('h100-sxm', 'a100-80gb-sxm', 'nothing', null)),
  fc.tuple(fc.constant('chips'), fc.constantFrom('8', '1024', '=count(runs, runs.status = "approved") * 8 chip', null)),
  fc.tuple(fc.constant('chip_hour_price'), fc.constantFrom('2', '=market', '2 USD/token', null)),
  fc.tuple(fc.constant('status'), fc.constantFrom('draft', 'approved')),
  fc.tuple(fc.constant('included'), fc.constantFrom('yes', 'no')),
  fc.tuple(
    fc.constant('total_cost'),
    fc.constantFrom('1000', '=compute_cost * 2', '=runs.r3.total_cost + 1 USD', null),
  ),
  fc.tuple(fc.constant('contingency'), fc.constantFrom('10%', '=if(mfu > 0.4, 0.1, 0.2)', null)),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom(...KEYS), cell)
      .map(([key, [column, to]]) => ({ set: ['runs', key, column] as const, to })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('2.10', '3', '2 to 3')
      .map((to) => ({ set: ['assumptions', 'market', 'value'] as const, to })),
  },
);

const START = () =>
  planOf({
    assumptions: 'key | value | unit\nmarket | 2.5 | USD/(chip·h)',
    runs: KEYS.map((key, i) =>
      i === 0
        ? `key | params_total | tokens | hardware | chips\n${key} | 7B | 1T | h100-sxm | 64`
        : `${key} | 1B | 1T | h100-sxm | 8`,
    ).join('\n'),
    phases: 'key | run | tokens\np1 | r1 | 1T\np2 | r2 | 2T',
  });

function values(sheet: Sheet): Record<string, number> {
  const all: Record<string, number> = {};
  for (const table of ['runs', 'phases', 'assumptions'] as TableId[])
    for (const column of sheet.state.tables[table].columns)
      sheet.state.tables[table].keys.forEach(
        (key, row) =>
          (all[`${table}.${key}.${column.def.id}`] = column.type.is === 'number' ? (column.values[row] as number) : 0),
      );
  return all;
}

test('any sequence of edits gives what a fresh sheet gives, cell by cell; undo gives back what was', () =>
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 12 }), (commands) => {
      const sheet = sheetOf(START());
      const first = values(sheet);
      const done: Command[] = [];
      for (const own of commands) {
        done.push(...sheet.apply([own]).commands);
        sheet.recalculate();
      }
      expect(values(sheet)).toEqual(values(sheetOf(sheet.plan)));
      sheet.apply(invertCommands(done));
      sheet.recalculate();
      expect(values(sheet)).toEqual(first);
    }),
    { numRuns: 250, seed: 42 },
  ));

test('the naive interpreter agrees on every number of random sheets', () =>
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 12 }), (commands) => {
      const sheet = sheetOf(START());
      sheet.apply(commands);
      sheet.recalculate();
      expect(disagreements(sheet)).toEqual([]);
    }),
    { numRuns: 60, seed: 43 },
  ));
