/** A plan named on the command line: a file, or the name or id of a plan in the store. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { openSheet, type OpenSheet } from '../bridge/session.ts';
import { scenarioPlan } from '../core/document/apply.ts';
import { missingRows } from '../bridge/share.ts';
import { readSharedPlan } from '../core/document/shared-plan.ts';
import type { Plan } from '../core/document/plan.ts';
import { FlopsheetError } from '../core/errors.ts';
import { nearest } from '../core/quantity/nearest.ts';
import type { Catalog } from '../core/sheet/catalog.ts';
import { listPlans, loadPlan } from '../store/plans.ts';
import type { Store } from '../store/open.ts';

const LARGEST = 50_000_000;

export interface NamedPlan {
  readonly plan: Plan;
  readonly revision: number;
  readonly notes: readonly string[];
  /** Of a plan in the store. */
  readonly id?: string;
}

/** Reads the plan. Throws FlopsheetError naming the file or the plan. */
export function readPlanArgument(name: string, store: Store): NamedPlan {
  if (existsSync(name)) {
    const { size } = statSync(name);
    if (statSync(name).isDirectory())
      throw new FlopsheetError('PLAN_FILE', `${name} is a folder`, { where: name, hint: 'name a plan file' });
    if (size > LARGEST)
      throw new FlopsheetError('PLAN_FILE', `${name} has ${Math.round(size / 1e6)} MB; a plan file has at most 50`, {
        where: name,
      });
    try {
      const { plan, notes, catalog } = readSharedPlan(readFileSync(name, 'utf8'));
      const missing = missingRows(store.db, catalog).map((row) => `${row.kind} ${row.key}`);
      const told = `the file brings catalog rows that this store lacks: ${missing.join(', ')}; open it in the app to take them`;
      return { plan, notes: missing.length > 0 ? [...notes, told] : notes, revision: 0 };
    } catch (error) {
      if (error instanceof FlopsheetError)
        throw new FlopsheetError(error.code, error.message, { hint: error.hint, where: `${name}: ${error.where}` });
      throw error;
    }
  }
  const stored = listPlans(store.db).filter((plan) => plan.id === name || plan.name === name);
  const [only] = stored;
  if (!only)
    throw new FlopsheetError('NOT_FOUND', `there is no file and no stored plan "${name}"`, {
      where: name,
      hint: 'give the path of a plan file, or the name of a plan in the store',
    });
  if (stored.length > 1)
    throw new FlopsheetError('ARG', `${stored.length} stored plans are called "${name}"`, {
      where: name,
      hint: `use an id: ${stored.map((plan) => plan.id).join(', ')}`,
    });
  const { plan, revision } = loadPlan(store.db, only.id);
  return { plan, revision, notes: [], id: only.id };
}

/** The evaluated sheet of a scenario of a plan. Throws `NOT_FOUND` naming the nearest. */
export function openScenario(plan: Plan, scenario: string, catalog: Catalog): OpenSheet {
  if (scenario !== 'base' && !plan.scenarios.some((own) => own.key === scenario)) {
    const keys = ['base', ...plan.scenarios.map((own) => own.key)];
    const guess = nearest(scenario, keys);
    throw new FlopsheetError('NOT_FOUND', `there is no scenario "${scenario}"`, {
      where: scenario,
      hint: guess ? `did you mean "${guess}"?` : `scenarios: ${keys.join(', ')}`,
    });
  }
  return openSheet(scenarioPlan(plan, scenario), catalog, () => performance.now());
}
