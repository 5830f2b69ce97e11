/** Where a scenario and the plan below it have grown apart: edits of the same cell, and rows that are gone. */
import { scenarioPlan } from './apply.ts';
import type { Plan } from './plan.ts';

export interface ScenarioConflict {
  /** `runs.r1.chips`. */
  readonly cell: string;
  readonly place: readonly [table: string, row: string, column: string];
  /** `gone`: the row is not there any more, the scenario's edit is left out. `changed`: the plan below says otherwise than when the scenario's edit was made. */
  readonly kind: 'changed' | 'gone';
  /** What stood below when the scenario changed the cell, what stands there now, and what the scenario says. */
  readonly was: string | null;
  readonly now: string | null;
  readonly own: string | null;
}

/** Conflicts of a scenario with what it stands on, in the order of its edits; none for the base. */
export function scenarioConflicts(plan: Plan, key: string): ScenarioConflict[] {
  const scenario = plan.scenarios.find((own) => own.key === key);
  if (!scenario) return [];
  const below = scenarioPlan(plan, scenario.on);
  const added = new Set<string>();
  return scenario.commands.flatMap((command): ScenarioConflict[] => {
    if ('row' in command) added.add(command.row.join('.'));
    if (!('set' in command)) return [];
    const [table, row, column] = command.set;
    const found = below.tables[table].find((own) => own.key === row);
    if (!found && added.has(`${table}.${row}`)) return [];
    const now = found ? (found.cells[column] ?? null) : null;
    const was = command.from ?? null;
    const conflict = { cell: command.set.join('.'), place: command.set, was, now, own: command.to };
    if (!found) return [{ ...conflict, kind: 'gone' }];
    const apart = command.from !== undefined && was !== now && now !== command.to;
    return apart ? [{ ...conflict, kind: 'changed' }] : [];
  });
}

/** A conflict in words. */
export function conflictText({ cell, kind, was, now, own }: ScenarioConflict): string {
  const said = (text: string | null): string => (text === null ? 'empty' : `"${text}"`);
  return kind === 'gone'
    ? `${cell} is ${said(own)} here, but its row is gone below: the edit is left out`
    : `${cell} is ${said(own)} here; below it was ${said(was)} and is ${said(now)} now`;
}
