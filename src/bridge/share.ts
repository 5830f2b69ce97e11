/** Plans as files that stand alone, and what to do with one that comes back. */
import { planDifference } from '../core/document/difference.ts';
import { applyCommands, scenarioPlan } from '../core/document/apply.ts';
import type { Command, Plan } from '../core/document/plan.ts';
import { CONFIDENTIAL_FIELD, confidentialAssumptions, confidentialRuns } from '../core/plan/confidential.ts';
import { readSharedPlan, writeSharedPlan, type SharedPlan, type SharedRow } from '../core/document/shared-plan.ts';
import { FlopsheetError } from '../core/errors.ts';
import { changedCells, programmeCost } from '../core/sheet/compare.ts';
import { catalogKind, listCatalog, putUserRow, showCatalog } from '../store/catalog.ts';
import type { CatalogRow, Fields } from '../store/catalog-rows.ts';
import type { ReadableDb, WritableDb } from '../store/database.ts';
import { planHash } from '../store/plan-hash.ts';
import { listPlans, loadPlan } from '../store/plans.ts';
import { catalogPins } from './approvals.ts';
import type { ChangeResult, PlanFileView } from './contract.ts';
import { openSheet, type PlanSession, type SessionHost } from './session.ts';

const CHANGES_SHOWN = 200;

/**
 * The file of a plan with every catalog row that it or one of its scenarios uses; without what is confidential when asked.
 * Throws `CONFIDENTIAL` when the plan's cost cannot be kept without it.
 */
export function sharedFile(db: ReadableDb, session: PlanSession, redact = false): string {
  const plan = redact ? withoutConfidential(session) : session.plan;
  const used = new Set(
    ['base', ...plan.scenarios.map((own) => own.key)].flatMap((key) =>
      Object.keys(catalogPins(session.open(key).sheet)),
    ),
  );
  const rows = [...used].sort().flatMap((ref): SharedRow[] => {
    const at = ref.indexOf('/');
    const row = showCatalog(db, catalogKind(ref.slice(0, at)), ref.slice(at + 1));
    return redact && row.fields[CONFIDENTIAL_FIELD] === 'yes' ? [] : [sharedRow(row)];
  });
  return writeSharedPlan(plan, { plan: session.id, revision: session.revision, hash: planHash(plan) }, rows);
}

/** The plan with the compute cost of confidentially priced runs in place of their price. */
function withoutConfidential(session: PlanSession): Plan {
  const { sheet } = session.open('base');
  const assumptions = confidentialAssumptions(sheet);
  const runs = confidentialRuns(sheet);
  const plan = applyCommands(session.plan, [
    ...runs.flatMap((run): Command[] => [
      { set: ['runs', run, 'chip_hour_price'], to: null },
      { set: ['runs', run, 'compute_cost'], to: String(sheet.value('runs', run, 'compute_cost')) },
    ]),
    ...assumptions.map((key): Command => ({ set: ['assumptions', key, 'value'], to: null })),
  ]).plan;
  const told = plan.scenarios.some((scenario) =>
    scenario.commands.some(
      (command) => 'set' in command && (assumptions.includes(command.set[1]) || command.set[2] === 'chip_hour_price'),
    ),
  );
  const kept = openSheet(plan, sheet.options.catalog, () => 0).sheet;
  if (runs.length + assumptions.length > 0 && (told || programmeCost(kept) !== programmeCost(sheet)))
    throw new FlopsheetError(
      'CONFIDENTIAL',
      'this plan cannot be shared without its confidential prices and keep its cost',
      {
        where: told ? 'scenarios' : (assumptions[0] ?? runs[0] ?? ''),
        hint: 'scenarios or other cells use them: share the report instead, or a copy without them',
      },
    );
  return plan;
}

function sharedRow(row: CatalogRow): SharedRow {
  return {
    kind: row.kind,
    key: row.key,
    name: row.name,
    fields: row.fields,
    source: row.source,
    source_url: row.sourceUrl,
    as_of: row.asOf,
    confidence: row.confidence,
    licence: row.licence,
  };
}

/** Rows of a file that this catalog lacks. */
export function missingRows(db: ReadableDb, rows: readonly SharedRow[]): SharedRow[] {
  return rows.length === 0 ? [] : compareRows(db, rows).missing;
}

/** Rows of the file that this catalog lacks, and what to say about those that differ here. */
function compareRows(db: ReadableDb, rows: readonly SharedRow[]): { missing: SharedRow[]; notes: string[] } {
  const missing: SharedRow[] = [];
  const notes: string[] = [];
  for (const row of rows) {
    const here = listCatalog(db, catalogKind(row.kind)).find((own) => own.key === row.key);
    if (!here) missing.push(row);
    else if (JSON.stringify(sorted(here.fields)) !== JSON.stringify(sorted(row.fields as Fields)))
      notes.push(`${row.kind} ${row.key} says something else here than in the file: the value here is used.`);
  }
  return { missing, notes };
}

function sorted(fields: Readonly<Fields>): unknown {
  return Object.entries(fields)
    .filter(([, value]) => value !== null && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Puts rows that are missing here into the catalog as the user's. Returns what to say about the others. */
export function adoptRows(db: WritableDb, rows: readonly SharedRow[], now: number): string[] {
  const { missing, notes } = compareRows(db, rows);
  for (const row of missing) {
    const wrong = Object.values(row.fields).some((value) => typeof value === 'object' && value !== null);
    if (wrong)
      throw new FlopsheetError('PLAN_FILE', `the catalog row ${row.key} holds more than numbers and texts`, {
        where: `catalog ${row.key}`,
      });
    putUserRow(
      db,
      {
        kind: catalogKind(row.kind),
        key: row.key,
        name: row.name,
        fields: row.fields as Fields,
        source: row.source,
        sourceUrl: row.source_url,
        asOf: row.as_of,
        confidence: row.confidence,
        licence: row.licence,
      },
      now,
    );
  }
  return missing.length > 0
    ? [`${missing.length} catalog ${missing.length === 1 ? 'row' : 'rows'} came with the plan.`, ...notes]
    : notes;
}

/** What a plan file holds, and how it differs from the plan it was written from, when that is here. */
export function planFileView(host: SessionHost, text: string): PlanFileView {
  const file = readSharedPlan(text);
  const { missing, notes } = compareRows(host.db, file.catalog);
  return {
    name: file.plan.settings.name,
    newRows: missing.length,
    notes: [...file.notes, ...notes],
    known: knownPlan(host, file),
  };
}

function knownPlan(host: SessionHost, file: SharedPlan): PlanFileView['known'] {
  const here = listPlans(host.db).find((plan) => plan.id === file.origin?.plan);
  if (!here) return null;
  const { plan } = loadPlan(host.db, here.id);
  const cost = (own: typeof plan): number | null => {
    const value = programmeCost(openSheet(scenarioPlan(own, 'base'), host.catalog, () => 0).sheet);
    return Number.isFinite(value) ? value : null;
  };
  const changes = changedCells(plan, file.plan);
  return {
    plan: here.id,
    name: here.name,
    revision: here.revision,
    writtenAt: file.origin?.revision ?? 0,
    same: planDifference(plan, file.plan).length === 0,
    currency: plan.settings.currency,
    costHere: cost(plan),
    costFile: cost(file.plan),
    changes: changes.slice(0, CHANGES_SHOWN),
    changeCount: changes.length,
  };
}

/** Makes an open plan say what the file says: one change, taken back by one undo. Throws `NOTHING` when they say the same. */
export function replacePlan(session: PlanSession, file: SharedPlan): ChangeResult {
  const commands = planDifference(session.plan, file.plan);
  if (commands.length === 0) throw new FlopsheetError('NOTHING', 'the plan says what the file says already');
  return session.change('base', session.revision, commands, 'replaced by a plan file');
}
