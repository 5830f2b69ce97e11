/** Puts a point of the lab into a row of runs, as formulas that say where size and tokens came from. */
import type { App } from '../../app/app.svelte.ts';
import type { OpenPlan } from '../../app/plan.svelte.ts';
import { freshKey } from '../../app/row-actions.ts';

export interface PinnedPoint {
  /** Name of the row. */
  readonly name: string;
  /** Cells of size, tokens and what belongs to them, as typed. */
  readonly cells: Readonly<Record<string, string>>;
  /** What the history says about it. */
  readonly note: string;
}

/** Keys of every run, read in pages. */
async function runKeys(plan: OpenPlan): Promise<Set<string>> {
  const keys = new Set<string>();
  for (let rowCount = 1; keys.size < rowCount;) {
    const page = await plan.client.call('sheet.view', {
      plan: plan.id,
      scenario: plan.scenario,
      table: 'runs',
      columns: ['name'],
      from: keys.size,
      count: 2000,
    });
    if (page.rows.length === 0) break;
    for (const row of page.rows) keys.add(row.key);
    rowCount = page.rowCount;
  }
  return keys;
}

/** Adds the row in one change, so that one undo takes it back. */
export async function pin(app: App, point: PinnedPoint, taken: Readonly<Record<string, string>>): Promise<void> {
  const { plan } = app;
  if (!plan) return;
  try {
    const keys = await runKeys(plan);
    const key = freshKey(keys, 'r');
    const cells = { name: point.name, flop_convention: '6nd', ...taken, ...point.cells };
    await plan.change([{ row: ['runs', key], to: { at: keys.size, cells } }], point.note);
    app.say(
      `“${point.name}” is a run of the plan: its params and tokens are formulas that name the law. Ctrl+Z takes it back.`,
    );
  } catch (error) {
    app.fail(error);
  }
}
