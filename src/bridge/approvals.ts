/** Approvals: a version frozen with its hash, name, date and note, and what has happened to the plan since. */
import { scenarioPlan } from '../core/document/apply.ts';
import { FlopsheetError } from '../core/errors.ts';
import { planMistakes } from '../core/plan/result.ts';
import { priceConcerns, pricesInUse } from '../core/plan/price-use.ts';
import { catalogRow } from '../core/sheet/catalog.ts';
import { bridgeBetween, changedCells, programmeCost } from '../core/sheet/compare.ts';
import { quantiles } from '../core/finance/cash.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import { approve, listApprovals, type Approval } from '../store/approvals.ts';
import { listComments } from '../store/comments.ts';
import { planHash } from '../store/plan-hash.ts';
import { planAt } from '../store/plans.ts';
import type { ReadableDb, WritableDb } from '../store/database.ts';
import type { ApprovalCheck, ApprovalDrift, ApprovalItem, ApprovalsView } from './contract.ts';
import { laidOut } from './finance-views.ts';
import { history } from './plan-views.ts';
import { openSheet, type PlanSession, type SessionHost } from './session.ts';

/** Headline figures stored with an approval, in currency units. */
interface StoredResults {
  readonly cost: number | null;
  readonly p50: number | null;
  readonly p80: number | null;
  readonly p90: number | null;
  readonly cap: number | null;
  readonly totals: Readonly<Record<string, number | null>>;
}

const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

function resultsOf(sheet: Sheet): StoredResults {
  const { settings, table, totals } = laidOut(sheet);
  const drawn = totals();
  const [p50, p80, p90] =
    typeof drawn === 'number' ? [null, null, null] : quantiles(drawn, [0.5, 0.8, 0.9]).map((value) => known(value));
  return {
    cost: known(programmeCost(sheet)),
    p50: p50 ?? null,
    p80: p80 ?? null,
    p90: p90 ?? null,
    cap: settings.budgetCap === null ? null : settings.budgetCap / 100,
    totals: Object.fromEntries(table.categories.map((row) => [`${row.category}.${row.view}`, row.total / 100])),
  };
}

/** Catalog rows a sheet stands on, with their revisions: what references name, and the quotes that price runs. */
export function catalogPins(sheet: Sheet): Record<string, number> {
  const { catalog } = sheet.options;
  const pins: Record<string, number> = {};
  const pin = (kind: string, key: string): void => {
    const row = catalogRow(catalog, kind, key);
    if (row) pins[`${kind}/${row.key}`] = row.revision;
  };
  for (const table of Object.values(sheet.state.tables))
    for (const column of table.columns) {
      const kind = column.def.reference;
      if (column.type.is !== 'reference' || !kind || !catalog.has(kind)) continue;
      for (let row = 0; row < table.keys.length; row++)
        if (Number.isFinite(column.values[row])) pin(kind, sheet.state.texts.text(column.values[row] as number));
    }
  for (const { quote } of pricesInUse(sheet)) pin('price', quote.key);
  return pins;
}

function scenarioName(session: PlanSession, key: string): string {
  return key === 'base' ? 'Base' : (session.plan.scenarios.find((own) => own.key === key)?.name ?? key);
}

function itemOf(session: PlanSession, approval: Approval): ApprovalItem {
  const results = approval.results as Partial<StoredResults>;
  return {
    id: approval.id,
    name: approval.name,
    note: approval.note,
    at: new Date(approval.at).toISOString(),
    scenario: approval.scenario,
    scenarioName: scenarioName(session, approval.scenario),
    revision: approval.planRevision,
    hash: approval.contentHash,
    cost: results.cost ?? null,
    p90: results.p90 ?? null,
    cap: results.cap ?? null,
    pins: Object.keys(approval.catalogPins).length,
  };
}

/** What an approver should see before signing. */
export function approvalCheck(db: ReadableDb, session: PlanSession, scenario: string, now: number): ApprovalCheck {
  const sheet = session.settled(scenario);
  const { programme, settings } = laidOut(sheet);
  const { cost, p50, p80, p90, cap } = resultsOf(sheet);
  const today = new Date(now).toISOString().slice(0, 10);
  const open = listComments(db, session.id, { open: true }).filter((comment) => comment.replyTo === null).length;
  const blocking = planMistakes(sheet).map((problem) => ({ message: problem.message, where: problem.root }));
  for (const { message, where } of settings.problems) blocking.push({ message, where });
  if (cost === null && blocking.length === 0)
    blocking.push({ message: 'The programme cost is unknown.', where: programme.unknown[0] ?? 'runs' });
  const { currency } = sheet.plan.settings;
  return {
    currency,
    cost,
    p50,
    p80,
    p90,
    cap,
    hash: planHash(session.plan),
    blocking,
    warnings: [
      ...priceConcerns(pricesInUse(sheet), today).map(
        (concern) => `${concern.message} It prices ${concern.runs.join(', ')}.`,
      ),
      ...(cap !== null && cost !== null && cost > cap ? ['The central cost is above the budget cap.'] : []),
      ...(cap !== null && p90 !== null && p90 > cap && (cost ?? 0) <= cap ? ['P90 is above the budget cap.'] : []),
      ...(programme.undated.length > 0
        ? [`${programme.undated.length} amounts have no dates: they are in the total, in no month.`]
        : []),
      ...(open > 0 ? [`${open} ${open === 1 ? 'comment is' : 'comments are'} not resolved.`] : []),
    ],
  };
}

/** Freezes the plan as it stands. Throws `approval_blocked` while something must be mended. */
export function addApproval(
  db: WritableDb,
  session: PlanSession,
  what: { readonly scenario: string; readonly name: string; readonly note: string },
  host: { readonly now: number; readonly version: string },
): ApprovalItem {
  const check = approvalCheck(db, session, what.scenario, host.now);
  const [first] = check.blocking;
  if (first)
    throw new FlopsheetError('approval_blocked', `The plan cannot be approved: ${first.message.replace(/\.$/, '')}.`, {
      where: first.where,
      hint: check.blocking.length > 1 ? `and ${check.blocking.length - 1} more; mend them first` : 'mend it first',
    });
  const sheet = session.settled(what.scenario);
  const approval = approve(db, {
    planId: session.id,
    planRevision: session.revision,
    scenario: what.scenario,
    name: what.name.trim(),
    note: what.note,
    at: host.now,
    contentHash: check.hash,
    catalogPins: catalogPins(sheet),
    versions: { flopsheet: host.version },
    results: resultsOf(sheet),
  });
  return itemOf(session, approval);
}

/** The plan as it is now against an approved version of it: edits, catalog and app apart. */
function driftOf(session: PlanSession, host: SessionHost, approval: Approval, version: string): ApprovalDrift {
  const approved = scenarioPlan(planAt(host.db, session.id, approval.planRevision), approval.scenario);
  const open = (plan: Parameters<typeof openSheet>[0]): Sheet => openSheet(plan, host.catalog, () => 0).sheet;
  const gone = approval.scenario !== 'base' && !session.plan.scenarios.some((own) => own.key === approval.scenario);
  const current = scenarioPlan(session.plan, gone ? 'base' : approval.scenario);
  const changes = changedCells(approved, current);
  const approvedSheet = open(approved);
  return {
    approval: itemOf(session, approval),
    unchanged: planHash(session.plan) === approval.contentHash,
    currentCost: known(programmeCost(session.settled(gone ? 'base' : approval.scenario))),
    approvedToday: known(programmeCost(approvedSheet)),
    changes,
    entries: history(host.db, session.id, session.revision - approval.planRevision)
      .filter((entry) => entry.revision > approval.planRevision)
      .map(({ revision, at, author, note, summary }) => ({ revision, at, author, note, summary })),
    bridge: changes.length === 0 ? [] : bridgeBetween(approved, current, open),
    catalog: Object.entries(approval.catalogPins).flatMap(([ref, pinned]) => {
      const at = ref.indexOf('/');
      const now = catalogRow(host.catalog, ref.slice(0, at), ref.slice(at + 1))?.revision ?? null;
      return now === pinned ? [] : [{ ref, approved: pinned, now }];
    }),
    versions: Object.entries({ flopsheet: version }).flatMap(([name, now]) => {
      const then = approval.versions[name] ?? 'unknown';
      return then === now ? [] : [{ name, approved: then, now }];
    }),
  };
}

export function approvalsView(session: PlanSession, host: SessionHost, version: string): ApprovalsView {
  const approvals = listApprovals(host.db, session.id);
  const [newest] = approvals;
  return {
    currency: session.plan.settings.currency,
    hash: planHash(session.plan),
    approvals: approvals.map((approval) => itemOf(session, approval)),
    drift: newest ? driftOf(session, host, newest, version) : null,
  };
}
