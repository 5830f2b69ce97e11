/** Where every table, column, assumption and catalog field of a plan stands in its workbook. */
import { TABLE_IDS, type TableId } from '../../core/document/plan.ts';
import { walk, type Expr } from '../../core/formula/expr.ts';
import { parseUnit } from '../../core/quantity/unit.ts';
import { formatCell } from '../../core/sheet/format-cell.ts';
import { valueOf } from '../../core/sheet/interpret.ts';
import type { Sheet } from '../../core/sheet/sheet.ts';
import type { ColumnState, Compiled } from '../../core/sheet/state.ts';
import type { Layout, Located } from './translate.ts';
import { columnName, quotedSheet } from './xml.ts';

/** Label, unit and id stand above the data. */
export const HEADER_ROWS = 3;
/** Stands for the row number in a formula that is the same in every row. */
export const ROW_MARK = '\u0001';

export const SHEET_NAMES: Readonly<Record<TableId, string>> = {
  assumptions: 'Assumptions',
  runs: 'Runs',
  phases: 'Phases',
  mixture: 'Mixture',
  costs: 'Costs',
  capacity: 'Capacity',
  serving: 'Serving',
  actuals: 'Actuals',
};

export interface CatalogSheet {
  readonly kind: string;
  readonly name: string;
  readonly fields: readonly string[];
  /** Keys as the plan writes them: an alias is a row of its own. */
  readonly keys: readonly string[];
}

export interface PlanLayout extends Layout {
  /** Columns on the sheet of a table, in order. */
  columns(table: TableId): readonly ColumnState[];
  readonly catalogs: readonly CatalogSheet[];
  readonly names: readonly { readonly name: string; readonly reference: string }[];
}

export function planLayout(sheet: Sheet): PlanLayout {
  const { state } = sheet;
  const columns = Object.fromEntries(TABLE_IDS.map((table) => [table, usedColumns(sheet, table)])) as Record<
    TableId,
    ColumnState[]
  >;
  const catalogs = catalogSheets(sheet);
  const letters = new Map<ColumnState, string>();
  for (const list of Object.values(columns)) list.forEach((column, i) => letters.set(column, columnName(i)));
  const names = assumptionNames(state.tables.assumptions.keys);
  const scaleOf = (column: ColumnState): number => (column.type.is === 'number' ? column.unit.scale : 1);
  const rangeOf = (table: TableId, letter: string): string =>
    `${quotedSheet(SHEET_NAMES[table])}!$${letter}$${HEADER_ROWS + 1}:$${letter}$${HEADER_ROWS + state.tables[table].keys.length}`;
  const columnAt = (table: TableId, index: number): { column: ColumnState; letter: string } | null => {
    const column = state.tables[table].columns[index];
    const letter = column && letters.get(column);
    return column && letter !== undefined && state.tables[table].keys.length > 0 ? { column, letter } : null;
  };
  const byId = (table: TableId, id: string): string | null => {
    const column = state.tables[table].byId.get(id);
    const found = column && columnAt(table, column.index);
    return found ? rangeOf(table, found.letter) : null;
  };
  const valueLetter = letters.get(state.tables.assumptions.byId.get('value') as ColumnState) ?? 'B';
  return {
    columns: (table) => columns[table],
    catalogs,
    names: state.tables.assumptions.keys.map((key, row) => ({
      name: names.get(key) as string,
      reference: `${SHEET_NAMES.assumptions}!$${valueLetter}$${HEADER_ROWS + 1 + row}`,
    })),
    sameRow: (table, index) => {
      const found = columnAt(table, index);
      return found ? { text: `${found.letter}${ROW_MARK}`, scale: scaleOf(found.column) } : null;
    },
    cell: (table, key, index): Located | null => {
      const found = columnAt(table, index);
      const row = state.tables[table].rowNumber.get(key);
      if (!found || row === undefined) return null;
      if (table === 'assumptions' && found.column.def.id === 'value')
        return { text: names.get(key) as string, scale: state.assumptions.get(key)?.unit.scale ?? 1 };
      return {
        text: `${quotedSheet(SHEET_NAMES[table])}!$${found.letter}$${HEADER_ROWS + 1 + row}`,
        scale: scaleOf(found.column),
      };
    },
    range: (table, index) => {
      const found = columnAt(table, index);
      return found ? { text: rangeOf(table, found.letter), scale: scaleOf(found.column) } : null;
    },
    keys: (table) => byId(table, 'key'),
    included: (table) => byId(table, 'included'),
    catalog: (kind, field) => {
      const found = catalogs.find((catalog) => catalog.kind === kind);
      const at = found?.fields.indexOf(field) ?? -1;
      if (!found || at < 0 || found.keys.length === 0) return null;
      const range = (letter: string): string =>
        `${quotedSheet(found.name)}!$${letter}$${HEADER_ROWS + 1}:$${letter}$${HEADER_ROWS + found.keys.length}`;
      return { text: range(columnName(at + 1)), keys: range('A'), scale: fieldScale(sheet, kind, field) };
    },
    text: (id) => state.texts.text(id),
    value: (expr, place) => valueOf(sheet, expr, place),
  };
}

function fieldScale(sheet: Sheet, kind: string, field: string): number {
  const unit = sheet.options.catalog.get(kind)?.fields[field] ?? '';
  return unit === 'text' ? 1 : parseUnit(unit).scale;
}

/** Columns that hold or give something in any row, and those the user added: they follow once what they need is mended. */
function usedColumns(sheet: Sheet, table: TableId): ColumnState[] {
  const { columns } = sheet.state.tables[table];
  const always = table === 'assumptions' ? ['key', 'value', 'unit'] : ['key', 'included'];
  return columns.filter(
    (column) =>
      always.includes(column.def.id) ||
      column.def.user ||
      column.entries.size > 0 ||
      column.values.some((value) => Number.isFinite(value)),
  );
}

/** Names Excel accepts and does not mistake for a cell, each once. */
export function assumptionNames(keys: readonly string[]): Map<string, string> {
  const used = new Set<string>();
  const names = new Map<string, string>();
  for (const key of keys) {
    const plain = key.replace(/[^A-Za-z0-9_.]/g, '_').slice(0, 200);
    const safe =
      /^[A-Za-z]{1,3}\d+$/.test(plain) ||
      /^[rc]\d*(?:[rc]\d*)?$/i.test(plain) ||
      !/^[A-Za-z_]/.test(plain) ||
      /^(?:true|false)$/i.test(plain)
        ? `_${plain}`
        : plain;
    let name = safe;
    for (let i = 2; used.has(name.toLowerCase()); i++) name = `${safe}_${i}`;
    used.add(name.toLowerCase());
    names.set(key, name);
  }
  return names;
}

/** Every checked formula of the plan. */
function* formulas(sheet: Sheet): Generator<Expr> {
  const of = (compiled: Compiled | null): Expr | null => (compiled && !compiled.error ? compiled.expr : null);
  for (const table of TABLE_IDS)
    for (const column of sheet.state.tables[table].columns) {
      const own = of(column.compiled);
      if (own) yield own;
      for (const entry of column.entries.values()) {
        const expr = entry.is === 'formula' ? of(entry.compiled) : null;
        if (expr) yield expr;
      }
    }
}

function catalogSheets(sheet: Sheet): CatalogSheet[] {
  const fields = new Map<string, Set<string>>();
  for (const expr of formulas(sheet))
    walk(expr, (part) => {
      if (part.op === 'catalog') fields.set(part.kind, (fields.get(part.kind) ?? new Set()).add(part.field));
    });
  const keys = new Map<string, Set<string>>();
  for (const table of TABLE_IDS)
    for (const column of sheet.state.tables[table].columns) {
      const { type } = column;
      if (type.is !== 'reference' || !fields.has(type.to)) continue;
      const own = keys.get(type.to) ?? new Set<string>();
      keys.set(type.to, own);
      for (const value of column.values) {
        const key = formatCell(column.def, type, column.unit, value, sheet.state.texts);
        if (key !== '') own.add(key);
      }
    }
  return [...keys]
    .filter(([, own]) => own.size > 0)
    .map(([kind, own]) => ({
      kind,
      name: `Catalog ${kind.replaceAll('_', ' ')}`,
      fields: [...(fields.get(kind) ?? [])].sort(),
      keys: [...own].sort(),
    }));
}
