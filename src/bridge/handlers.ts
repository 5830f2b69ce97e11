/**
 * What the app can do, host by host the same: the methods of the contract over the store and the engine. Hosts only add
 * transports. Heavy parts (PDF) are loaded when they are first asked for.
 */
import { randomUUID } from 'node:crypto';
import { newPlan } from '../core/document/new-plan.ts';
import { parsePlanFile, writePlanFile } from '../core/document/plan-file.ts';
import type { Command } from '../core/document/plan.ts';
import { FlopsheetError } from '../core/errors.ts';
import { checkText, completionsAt } from '../core/sheet/ask.ts';
import type { Catalog } from '../core/sheet/catalog.ts';
import { explainCell } from '../core/sheet/explain.ts';
import { goalSeek } from '../core/sheet/solve.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import { catalogKind, listCatalog, showCatalog } from '../store/catalog.ts';
import { engineCatalog } from '../store/engine-catalog.ts';
import type { Store } from '../store/open.ts';
import { planHash } from '../store/plan-hash.ts';
import { createPlan, deletePlan, listPlans } from '../store/plans.ts';
import { catalogEntry, catalogItem } from './catalog-views.ts';
import type { ChangeResult, EventName, Events, Handlers, Params } from './contract.ts';
import { importModel, modelAnatomy } from './models.ts';
import { comparison, distributionView, history, planInfo, sheetView } from './plan-views.ts';
import { PlanSession, type SessionHost } from './session.ts';
import { solveLargest, solveTable, typedValue } from './solve-views.ts';
import { listTemplates, readTemplate } from './templates.ts';

export interface HandlerOptions {
  readonly store: Store;
  readonly host: 'web' | 'electron' | 'memory';
  readonly version: string;
  /** Name written into the journal. */
  readonly author: string;
  readonly emit: <E extends EventName>(event: E, payload: Events[E]) => void;
  /** UTC milliseconds. */
  readonly now: () => number;
}

/** The handlers of one host over one store. */
export function createHandlers(options: HandlerOptions): Handlers {
  const { store, emit } = options;
  let catalog: Catalog | null = null;
  const sessions = new Map<string, PlanSession>();
  const notes = new Map<string, readonly string[]>();
  const host: SessionHost = {
    db: store.db,
    writable: store.readOnly ? null : store.db,
    get catalog() {
      return (catalog ??= engineCatalog(store.db));
    },
    author: options.author,
    now: options.now,
    clock: () => performance.now(),
  };
  const session = (plan: string): PlanSession => {
    let open = sessions.get(plan);
    if (!open) sessions.set(plan, (open = new PlanSession(plan, host)));
    return open;
  };
  /** Sheets are made anew from the store when the catalog has changed. */
  const forgetCatalog = (): void => {
    catalog = null;
    sessions.clear();
  };
  const writable = () => {
    if (store.readOnly)
      throw new FlopsheetError('READ_ONLY', 'this store is open for reading only', { hint: store.notices[0] ?? '' });
    return store.db;
  };
  const changed = (plan: string, result: ChangeResult): ChangeResult => {
    emit('plan.changed', { plan, revision: result.revision });
    return result;
  };
  const cellOf = (sheet: Sheet, cell: Params<'cell.explain'>['cell']): { column: ColumnState; row: number } => {
    const column = sheet.column(cell.table, cell.column);
    const row = sheet.state.tables[cell.table].rowNumber.get(cell.row);
    if (!column || row === undefined)
      throw new FlopsheetError('NOT_FOUND', `there is no cell ${cell.table}.${cell.row}.${cell.column}`);
    return { column, row };
  };

  return {
    'app.info': () => ({
      version: options.version,
      host: options.host,
      readOnly: store.readOnly,
      storeNotice: store.notices.join(' '),
      catalogAsOf: newestDate(host.catalog),
    }),
    'plans.list': () =>
      listPlans(store.db).map((plan) => ({
        id: plan.id,
        name: plan.name,
        revision: plan.revision,
        runs: plan.runs,
        updatedAt: new Date(plan.updatedAt).toISOString(),
      })),
    'plans.templates': () => listTemplates(),
    'plans.create': ({ name, template, file }) => {
      const parsed =
        file !== undefined
          ? parsePlanFile(file)
          : template !== undefined
            ? parsePlanFile(readTemplate(template))
            : { plan: newPlan(), notes: [] };
      const plan = name === undefined ? parsed.plan : { ...parsed.plan, settings: { ...parsed.plan.settings, name } };
      const id = createPlan(writable(), plan, options.now());
      notes.set(id, parsed.notes);
      return { plan: id, notes: parsed.notes };
    },
    'plans.open': ({ plan }) => planInfo(session(plan), store.db, notes.get(plan) ?? []),
    'plans.rename': ({ plan, name }) =>
      changed(plan, session(plan).change('base', session(plan).revision, [{ settings: 'name', to: name }], '')),
    'plans.duplicate': ({ plan }) => {
      const copy = session(plan).plan;
      return {
        plan: createPlan(
          writable(),
          { ...copy, settings: { ...copy.settings, name: `${copy.settings.name} (copy)` } },
          options.now(),
        ),
      };
    },
    'plans.remove': ({ plan }) => {
      deletePlan(writable(), plan, options.now());
      sessions.delete(plan);
      return { removed: true };
    },
    'plans.export': ({ plan }) => {
      const document = session(plan).plan;
      return {
        name: `${document.settings.name.replace(/[^\p{L}\p{N} ._-]+/gu, '_').trim() || 'plan'}.json`,
        text: writePlanFile(document),
      };
    },
    'plan.change': ({ plan, scenario, base, commands, note }) =>
      changed(plan, session(plan).change(scenario, base, commands as readonly Command[], note ?? '')),
    'plan.undo': ({ plan }) => changed(plan, session(plan).undo()),
    'plan.redo': ({ plan }) => changed(plan, session(plan).redo()),
    'plan.history': ({ plan, limit, cell }) =>
      history(store.db, plan, limit ?? 200, cell && `${cell.table}.${cell.row}.${cell.column}`),
    'scenario.add': ({ plan, name, on }) => {
      const open = session(plan);
      const key = freshKey(name, new Set(['base', ...open.plan.scenarios.map((scenario) => scenario.key)]));
      const at = open.plan.scenarios.length;
      const { revision } = changed(
        plan,
        open.change(
          'base',
          open.revision,
          [{ scenario: key, to: { at, scenario: { key, name, on, commands: [] } } }],
          '',
        ),
      );
      return { scenario: key, revision };
    },
    'scenario.rename': ({ plan, scenario: key, name }) => {
      const open = session(plan);
      const at = open.plan.scenarios.findIndex((scenario) => scenario.key === key);
      const scenario = open.plan.scenarios[at];
      if (!scenario) throw new FlopsheetError('NOT_FOUND', `there is no scenario "${key}"`);
      return changed(
        plan,
        open.change('base', open.revision, [{ scenario: key, to: { at, scenario: { ...scenario, name } } }], ''),
      );
    },
    'scenario.remove': ({ plan, scenario }) =>
      changed(plan, session(plan).change('base', session(plan).revision, [{ scenario, to: null }], '')),
    'scenario.compare': ({ plan, a, b }) => comparison(session(plan), host, a, b),
    'sheet.view': (params) =>
      sheetView(session(params.plan), params, () =>
        emit('plan.changed', { plan: params.plan, revision: session(params.plan).revision }),
      ),
    'cell.explain': ({ plan, scenario, cell }) => {
      const { sheet } = session(plan).open(scenario);
      const { column, row } = cellOf(sheet, cell);
      return explainCell(sheet, column, row);
    },
    'cell.distribution': (params) => distributionView(session(params.plan), params),
    'formula.check': ({ plan, scenario, cell, text }) => checkText(session(plan).open(scenario).sheet, cell, text),
    'formula.complete': ({ plan, scenario, cell, text, position }) =>
      completionsAt(session(plan).open(scenario).sheet, cell.table, text, position),
    'solve.goal': ({ plan, scenario, target, value, by }) => {
      const { sheet } = session(plan).open(scenario);
      cellOf(sheet, target);
      cellOf(sheet, by);
      const { text, display, iterations } = goalSeek(sheet, target, typedValue(sheet, target, value), by);
      return { text, display, iterations };
    },
    'solve.table': ({ plan, scenario, target, first, second }) =>
      solveTable(session(plan).open(scenario).sheet, target, first, second),
    'solve.largest': ({ plan, scenario, by, low, high, limits }) =>
      solveLargest(session(plan).open(scenario).sheet, by, low, high, limits),
    'catalog.list': ({ kind, query, limit }) =>
      listCatalog(store.db, catalogKind(kind), { ...(query === undefined ? {} : { query }), limit: limit ?? 500 }).map(
        catalogItem,
      ),
    'catalog.show': ({ kind, key }) => catalogEntry(showCatalog(store.db, catalogKind(kind), key)),
    'model.import': ({ name, file }) => {
      const imported = importModel(writable(), name, file, options.now());
      forgetCatalog();
      return imported;
    },
    'model.anatomy': ({ key, seq }) => modelAnatomy(host.catalog, key, seq),
    'report.pdf': async ({ plan, scenario }) => {
      const { planPdf } = await import('../report/plan-report.ts');
      const open = session(plan).open(scenario);
      const data = await planPdf(open.sheet, {
        version: options.version,
        date: new Date(options.now()).toISOString().slice(0, 10),
        catalogAsOf: newestDate(host.catalog),
        revision: session(plan).revision,
        hash: planHash(session(plan).plan),
        scenario: scenarioName(session(plan), scenario),
        scenarios: ['base', ...session(plan).plan.scenarios.map((own) => own.key)]
          .filter((key) => key !== scenario)
          .map((key) => ({ name: scenarioName(session(plan), key), sheet: session(plan).open(key).sheet })),
      });
      return {
        name: `${open.sheet.plan.settings.name.replace(/[^\p{L}\p{N} ._-]+/gu, '_').trim() || 'plan'}.pdf`,
        mediaType: 'application/pdf',
        data: Buffer.from(data).toString('base64'),
      };
    },
  };
}

function scenarioName(open: PlanSession, key: string): string {
  return open.plan.scenarios.find((scenario) => scenario.key === key)?.name ?? 'Base';
}

/** Newest as-of date of the hardware and price rows. */
function newestDate(catalog: Catalog): string {
  let newest = '';
  for (const kind of ['hardware', 'price'])
    for (const row of catalog.get(kind)?.rows.values() ?? []) if (row.asOf > newest) newest = row.asOf;
  return newest;
}

/** A scenario key from its name; a random one when the name has no letters. */
function freshKey(name: string, taken: ReadonlySet<string>): string {
  const base =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 40) || randomUUID().slice(0, 8);
  for (let i = 1; ; i++) {
    const key = i === 1 ? base : `${base}_${i}`;
    if (!taken.has(key)) return key;
  }
}
