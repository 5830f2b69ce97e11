/** A plan that names a fitted law gets a copy of it in the same change, so that the plan stands alone. */
import type { Command, Plan } from '../core/document/plan.ts';
import type { Law } from '../core/scaling/index.ts';

/** Commands that put into the plan each saved law, by key, that `commands` name and the plan does not have. */
export function adoptLaws(
  plan: Plan,
  commands: readonly Command[],
  saved: readonly string[],
  read: (key: string) => Law,
): Command[] {
  const missing = saved.filter((key) => plan.laws?.[key] === undefined);
  if (missing.length === 0) return [];
  const typed = commands.flatMap((command) => textsOf(command)).join('\n');
  // Keys stand in quotes in a formula, or alone in a cell: as whole words.
  return missing
    .filter((key) => new RegExp(`(?<![a-z0-9-])${key}(?![a-z0-9-])`).test(typed))
    .map((key) => ({ law: key, to: read(key) }));
}

function textsOf(command: Command): string[] {
  if ('set' in command) return command.to === null ? [] : [command.to];
  if ('row' in command) return Object.values(command.to?.cells ?? {});
  if ('column' in command) return [command.to?.formula ?? ''];
  if ('scenario' in command) return (command.to?.scenario.commands ?? []).flatMap(textsOf);
  return [];
}
