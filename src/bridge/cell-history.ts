/** What the steps of a plan's history did to one cell, in words. */
import type { Change, Command } from '../core/document/plan.ts';

export type CellAddress = readonly [table: string, row: string, column: string];

/** Null when the change left the cell alone. Scenarios say their name: the base keeps its value. */
export function changeOfCell(change: Pick<Change, 'commands'>, cell: CellAddress): string | null {
  // The last command on a cell decides what it holds.
  for (const command of [...change.commands].reverse()) {
    const found = ofCommand(command, cell);
    if (found !== null) return found;
  }
  return null;
}

function ofCommand(command: Command, [table, row, column]: CellAddress): string | null {
  if ('set' in command)
    return command.set[0] === table && command.set[1] === row && command.set[2] === column
      ? between(command.from ?? null, command.to)
      : null;
  if ('row' in command) {
    if (command.row[0] !== table || command.row[1] !== row) return null;
    if (command.to === null) return 'row removed';
    const text = command.to.cells[column] ?? null;
    if (!command.from) return text === null ? 'row added' : `row added with ${text}`;
    const before = command.from.cells[column] ?? null;
    return before === text ? null : between(before, text);
  }
  if ('column' in command)
    return command.column[0] === table && command.column[1] === column
      ? command.to === null
        ? 'column removed'
        : command.to.formula === undefined
          ? 'column set'
          : `column formula = ${command.to.formula}`
      : null;
  if ('scenario' in command) {
    const before = inScenario(command.from?.scenario.commands ?? [], [table, row, column]);
    const after = inScenario(command.to?.scenario.commands ?? [], [table, row, column]);
    const name = command.to?.scenario.name ?? command.from?.scenario.name ?? command.scenario;
    return before === after ? null : `in ${name}: ${between(before, after)}`;
  }
  return null;
}

/** The text a scenario's commands leave in a cell; null when they leave it alone or clear it. */
function inScenario(commands: readonly Command[], [table, row, column]: CellAddress): string | null {
  let text: string | null = null;
  for (const command of commands)
    if ('set' in command && command.set[0] === table && command.set[1] === row && command.set[2] === column)
      text = command.to;
  return text;
}

function between(before: string | null, after: string | null): string {
  if (after === null) return before === null ? 'cleared' : `cleared, was ${before}`;
  return before === null ? after : `${after}, was ${before}`;
}
