/** Rows of a file on their way into a plan: what the columns may mean, what would change, and the change itself. */
import { applyCommands } from '../core/document/apply.ts';
import type { Command, TableId } from '../core/document/plan.ts';
import { FlopsheetError } from '../core/errors.ts';
import { cellView, columnView, plainValue } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import type { CellTarget } from '../core/exchange/cell-text.ts';
import { importRows, type ImportedRows, type ImportProblem } from '../core/exchange/import-rows.ts';
import { proposeMapping, type TableMapping } from '../core/exchange/mapping.ts';
import type { ImportPreview } from './contract/exchange.ts';
import { openSheet } from './session.ts';

/** Columns with a formula that people measure or agree on: they are proposed like inputs. */
const GIVEN = new Set(['params_total', 'params_active', 'tokens', 'mfu', 'goodput', 'chip_hour_price', 'end_date']);
/** Rows of the preview, and problems that are listed one by one. */
const SHOWN_ROWS = 50;
const SHOWN_PROBLEMS = 100;
/** The table whose rows are found again by key or name; months of actuals are always added. */
const MATCHED: ReadonlySet<TableId> = new Set(['runs', 'assumptions', 'costs', 'capacity', 'serving']);

export interface FileRows {
  readonly name: string;
  readonly table: TableId;
  readonly rows: readonly (readonly string[])[];
  /** As people have set it; proposed unless given. */
  readonly mapping?: TableMapping | undefined;
}

/** Every column of the table that can be filled, the usual ones first. */
export function importTargets(sheet: Sheet, table: TableId): CellTarget[] {
  const { columns } = sheet.state.tables[table];
  const usual = (column: ColumnState): boolean => isUsual(column);
  return [...columns.filter(usual), ...columns.filter((column) => !usual(column))].map((column) => {
    const { id, label, unit, type, choices } = columnView(column);
    return { id, label, unit, type, choices };
  });
}

function isUsual({ def }: ColumnState): boolean {
  return def.formula === undefined || def.typedIsInput === true || GIVEN.has(def.id);
}

/** A mapping from the headers. Throws FlopsheetError `TABLE_COLUMNS` when no column is known. */
export function mappingOf(sheet: Sheet, file: FileRows): TableMapping {
  if (file.mapping) return file.mapping;
  const usual = new Set(sheet.state.tables[file.table].columns.filter(isUsual).map((column) => column.def.id));
  return proposeMapping(
    file.rows,
    importTargets(sheet, file.table).filter((target) => usual.has(target.id)),
  );
}

/** What the file would change. Cells that already say the same stay as they are. */
export function imported(sheet: Sheet, file: FileRows): ImportedRows {
  const mapping = mappingOf(sheet, file);
  if (mapping.columns.every((column) => column.to === ''))
    throw new FlopsheetError('TABLE_COLUMNS', `no column of ${file.name} has a name that ${file.table} know`, {
      where: file.name,
      hint: `say which column is which; known are for example ${importTargets(sheet, file.table)
        .slice(0, 6)
        .map((target) => target.label)
        .join(', ')}`,
    });
  return importRows(file.rows, mapping, importTargets(sheet, file.table), {
    table: file.table,
    rows: sheet.plan.tables[file.table],
    match: MATCHED.has(file.table),
    holds: (row, id, text) => holds(sheet, file.table, row, id, text),
  });
}

/** Whether a cell's value is the number or the word of the file already: files that were exported here come back so. */
function holds(sheet: Sheet, table: TableId, row: string, id: string, text: string): boolean {
  const column = sheet.column(table, id);
  const at = sheet.state.tables[table].rowNumber.get(row);
  if (!column || at === undefined) return false;
  const value = plainValue(sheet, column, at);
  if (typeof value === 'number') return Math.abs(Number(text) - value) <= 1e-9 * Math.abs(value);
  return value === null ? false : String(value === true ? 'yes' : value === false ? 'no' : value) === text;
}

/** The rows as they would stand in the sheet, and everything that is wrong with them. */
export function importPreview(sheet: Sheet, file: FileRows): ImportPreview {
  const mapping = mappingOf(sheet, file);
  const none = mapping.columns.every((column) => column.to === '');
  const found: ImportedRows = none ? { commands: [], added: [], changed: [], problems: [] } : imported(sheet, file);
  const trial = trialOf(sheet, found.commands);
  const ids = mapping.columns.map((column) => column.to).filter((id) => id !== '' && id !== 'key');
  const keys = [...found.added, ...found.changed];
  const problems: ImportProblem[] = [...found.problems];
  const rowOf = new Map(keys.map((key) => [key, trial.state.tables[file.table].rowNumber.get(key) ?? -1]));
  const cellsOf = (key: string): ImportPreview['rows'][number]['cells'] =>
    ids.map((id) => {
      const column = trial.column(file.table, id);
      const row = rowOf.get(key) ?? -1;
      if (!column || row < 0) return { display: '', problem: '' };
      const view = cellView(trial, column, row);
      const own = view.state !== 'computed' && view.problem && view.problem.code !== 'EMPTY' ? view.problem : null;
      return {
        display: view.display || view.text,
        problem: own ? [own.message, own.hint].filter(Boolean).join('; ') : '',
      };
    });
  const rows = keys.slice(0, SHOWN_ROWS).map((key, i) => ({
    key,
    state: i < found.added.length ? ('added' as const) : ('changed' as const),
    cells: cellsOf(key),
  }));
  return {
    targets: importTargets(sheet, file.table).map(({ id, label, unit, type }) => ({
      id,
      label,
      unit,
      number: type === 'number' || type === 'schedule',
    })),
    mapping,
    columns: ids,
    rows,
    added: found.added.length,
    changed: found.changed.length,
    problems: problems.slice(0, SHOWN_PROBLEMS),
    problemCount: problems.length,
  };
}

function trialOf(sheet: Sheet, commands: readonly Command[]): Sheet {
  if (commands.length === 0) return sheet;
  return openSheet(applyCommands(sheet.plan, commands).plan, sheet.options.catalog, () => 0).sheet;
}
