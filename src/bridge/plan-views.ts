/** Views of an open plan, as the contract names them. */
import { TABLE_IDS, type Change, type Command, type Plan } from '../core/document/plan.ts';
import { scenarioConflicts } from '../core/document/scenario-conflicts.ts';
import { FlopsheetError } from '../core/errors.ts';
import { TABLE_LABELS } from '../core/plan/columns/tables.ts';
import { bridgeBetween, changedCells, compareTotals, programmeCost } from '../core/sheet/compare.ts';
import { Computing } from '../core/sheet/computing.ts';
import { allProblems, lastProblems } from '../core/sheet/diagnose.ts';
import { distributionOf, type Measure } from '../core/sheet/distribution.ts';
import { cellView, columnView, totalView } from '../core/sheet/render.ts';
import { totalNode } from '../core/sheet/totals.ts';
import type { Spreads } from '../core/sheet/spreads.ts';
import type { ColumnState, TableState } from '../core/sheet/state.ts';
import type { DistributionView, SheetView } from '../core/sheet/view.ts';
import type { ReadableDb } from '../store/database.ts';
import { latestEntries } from '../store/journal.ts';
import { changeOfCell, type CellAddress } from './cell-history.ts';
import type { Comparison, HistoryItem, Params, PlanInfo } from './contract.ts';
import { arranged, rowsOf } from './arrangements.ts';
import { openSheet, type OpenSheet, type PlanSession, type SessionHost } from './session.ts';

/** Cells times samples that may be drawn while a view waits; more is drawn after it was sent. */
const DRAW_AT_ONCE = 4_000_000;

export function planInfo(session: PlanSession, notes: readonly string[]): PlanInfo {
  const { plan } = session;
  const { sheet } = session.open('base');
  return {
    id: session.id,
    ...plan.settings,
    revision: session.revision,
    tables: TABLE_IDS.map((id) => ({
      id,
      label: TABLE_LABELS[id],
      columns: sheet.state.tables[id].columns.map(columnView),
      rowCount: sheet.state.tables[id].keys.length,
    })),
    scenarios: [{ key: 'base', name: 'Base', on: '' }, ...plan.scenarios].map(({ key, name, on }) => {
      const open = session.open(key);
      const cost = programmeCost(open.sheet);
      return {
        key,
        name,
        on,
        totalCost: Number.isFinite(cost) ? cost : null,
        problems: allProblems(open.sheet, 100).length,
        conflicts: scenarioConflicts(plan, key).slice(0, 100),
      };
    }),
    ...session.steps,
    notes,
  };
}

/** A window of a table. `later` is called when spreads were left out to answer quickly and are now ready. */
export function sheetView(session: PlanSession, params: Params<'sheet.view'>, later: () => void): SheetView {
  const open = session.open(params.scenario);
  const { sheet, spreads } = open;
  const table = sheet.state.tables[params.table];
  const columns = params.columns.map((id) => {
    const column = table.byId.get(id);
    if (!column) throw new FlopsheetError('NOT_FOUND', `${params.table} has no column "${id}"`);
    return column;
  });
  const rows = rowsOf(sheet, params.table, params.arrange, params.from, params.count);
  const { samples } = session.plan.settings;
  const draw = spreads.missing(params.table, rows) * samples <= DRAW_AT_ONCE;
  const total = spreads.missingTotals(params.table) * samples <= DRAW_AT_ONCE;
  if (!draw) drawLater(open, `rows ${params.table} ${rows.join(' ')}`, drawRows(spreads, table, rows), later);
  if (!total) drawLater(open, `totals ${params.table}`, spreads.drawTotals(params.table), later);
  else for (const row of spreads.drawTotals(params.table)) void row;
  const spreadOf = (column: ColumnState, row: number) => (draw ? spreads.ofCell(column, row) : undefined);
  const computing = new Computing(sheet);
  return {
    revision: session.revision,
    table: params.table,
    columns: params.columns,
    rowCount: arranged(sheet, params.table, params.arrange)?.length ?? table.keys.length,
    tableRows: table.keys.length,
    from: params.from,
    rows: Array.from(rows, (row) => ({
      key: table.keys[row] as string,
      at: row,
      included: table.byId.get('included')?.values[row] !== 0,
      cells: columns.map((column) => cellView(sheet, column, row, spreadOf(column, row), computing)),
    })),
    totals: columns.map((column) =>
      totalView(sheet, params.table, column, total ? spreads.ofTotal(params.table, column) : undefined, computing),
    ),
    problems: params.quick ? lastProblems(sheet, 100) : allProblems(sheet, 100),
    recalculatedCells: open.recalculatedCells,
    recalculationMs: open.recalculationMs,
  };
}

function* drawRows(spreads: Spreads, table: TableState, rows: Int32Array): Generator<void, void> {
  for (const row of rows) {
    for (const column of table.columns) spreads.ofCell(column, row);
    yield;
  }
}

/** What is being drawn of a sheet, with the version it is drawn of. */
const drawing = new WeakMap<OpenSheet, Map<string, number>>();

/** Draws in slices of 20 ms, so that the host answers in between; the same work is begun once. */
function drawLater(open: OpenSheet, name: string, work: Generator<void, void>, later: () => void): void {
  const { version } = open.sheet;
  let jobs = drawing.get(open);
  if (!jobs) drawing.set(open, (jobs = new Map()));
  if (jobs.get(name) === version) return;
  for (const [other, of] of jobs) if (of !== version) jobs.delete(other);
  jobs.set(name, version);
  const step = (): void => {
    const until = performance.now() + 20;
    while (open.sheet.version === version) {
      if (work.next().done) {
        jobs.delete(name);
        return later();
      }
      if (performance.now() >= until) return void setTimeout(step);
    }
  };
  setTimeout(step);
}

export function distributionView(session: PlanSession, params: Params<'cell.distribution'>): DistributionView {
  const sheet = session.settled(params.scenario);
  const { table, row, column: id } = params.cell;
  const column = sheet.column(table, id);
  if (!column) throw new FlopsheetError('NOT_FOUND', `${table} has no column "${id}"`);
  const measure: Measure =
    row === null ? { node: totalNode(sheet, table, column) } : { cell: { table, row, column: id } };
  const fact = table === 'assumptions' && row !== null ? sheet.state.assumptions.get(row)?.unit : undefined;
  const unit = fact ?? column.unit;
  const view = distributionOf(sheet, measure, unit.scale, unit.text);
  if (!view)
    throw new FlopsheetError('NOT_UNCERTAIN', 'this value is the same in all samples', {
      hint: 'type a range such as "0.36 to 0.44" in one of its inputs',
    });
  return view;
}

export function comparison(session: PlanSession, host: SessionHost, a: string, b: string): Comparison {
  const [sheetA, sheetB] = [session.settled(a), session.settled(b)];
  return {
    rows: compareTotals(sheetA, sheetB),
    bridge: bridgeBetween(sheetA.plan, sheetB.plan, (plan: Plan) => openSheet(plan, host.catalog, () => 0).sheet),
    changes: changedCells(sheetA.plan, sheetB.plan),
  };
}

/** The latest steps of a plan, newest first; with a cell, only those that touched it, told as what they did to it. */
export function history(db: ReadableDb, plan: string, limit: number, cell?: CellAddress): HistoryItem[] {
  const items: HistoryItem[] = [];
  for (const entry of latestEntries(db, plan, { limit: cell === undefined ? limit : 10_000 })) {
    const did = cell === undefined ? summary(entry) : changeOfCell(entry, cell);
    if (did === null) continue;
    items.push({
      revision: entry.revision,
      at: new Date(entry.at).toISOString(),
      author: entry.author,
      note: entry.note,
      kind: entry.kind,
      summary: did,
      cell: firstCell(entry.commands),
    });
    if (items.length === limit) break;
  }
  return items;
}

function firstCell(commands: readonly Command[]): string {
  const found = commands.find((command) => 'set' in command);
  return found === undefined ? '' : found.set.join('.');
}

function summary(change: Change): string {
  const [first] = change.commands;
  if (!first) return '';
  const more = change.commands.length - 1;
  return `${change.kind === 'edit' ? '' : `${change.kind} of ${change.of}: `}${describe(first)}${more > 0 ? ` and ${more} more` : ''}`;
}

function describe(command: Command): string {
  if ('set' in command)
    return command.to === null
      ? `cleared ${command.set.join('.')}`
      : `${command.set.join('.')} = ${command.to}${command.from ? `, was ${command.from}` : ''}`;
  if ('row' in command)
    return `${command.to === null ? 'removed' : command.from ? 'moved' : 'added'} ${command.row.join('.')}`;
  if ('column' in command) return `${command.to === null ? 'removed' : 'set'} column ${command.column.join('.')}`;
  if ('scenario' in command)
    return `${command.to === null ? 'removed' : command.from ? 'changed' : 'added'} scenario ${command.scenario}`;
  if ('correlation' in command) return `correlation of ${command.correlation.join(' and ')} = ${command.to ?? 'none'}`;
  if ('law' in command) return `${command.to === null ? 'removed' : 'added'} law ${command.law}`;
  return `${command.settings} = ${command.to}, was ${command.from}`;
}
