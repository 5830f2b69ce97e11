/**
 * Sheets as small pictures: a header of columns, one line a run, cells between bars. An empty cell holds nothing.
 *
 *   key | params_total | tokens
 *   r1  | 7B           | 1T
 *
 * A header `twice := tokens * 2` (or `rate USD/h := …`) adds a column with a formula of its own.
 */
import { applyCommands } from '../../../src/core/document/apply.ts';
import { newPlan } from '../../../src/core/document/new-plan.ts';
import type { Command, Plan, PlanRow, PlanSettings, TableId, UserColumn } from '../../../src/core/document/plan.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../../src/core/plan/planner.ts';
import { CATALOG_FIELDS } from '../../../src/core/plan/catalog-fields.ts';
import type { Catalog, CatalogRow } from '../../../src/core/sheet/catalog.ts';
import { percentileOf } from '../../../src/core/sheet/percentile.ts';
import { cellProblemOf } from '../../../src/core/sheet/diagnose.ts';
import { formatCell } from '../../../src/core/sheet/format-cell.ts';
import { Sheet } from '../../../src/core/sheet/sheet.ts';
import type { ColumnState } from '../../../src/core/sheet/state.ts';

function hardware(key: string, fields: CatalogRow['fields']): CatalogRow {
  return {
    key,
    name: key,
    revision: 1,
    fields: { name: key, ...fields },
    source: 'data sheet',
    sourceUrl: '',
    asOf: '2026-11',
    confidence: 'verified',
  };
}

/** Two chips, one of which has no fp8 peak. */
export const SMALL_CATALOG: Catalog = new Map(
  Object.entries(CATALOG_FIELDS).map(([kind, fields]) => [
    kind,
    {
      fields,
      rows: new Map(
        kind === 'hardware'
          ? [
              hardware('h100-sxm', { tdp_w: 700, bf16_fp16_tensor_tflops_dense: 989.4, fp8_tflops_dense: 1978.9 }),
              hardware('a100-80gb-sxm', { tdp_w: 400, bf16_fp16_tensor_tflops_dense: 312 }),
            ].map((row) => [row.key, row] as const)
          : [],
      ),
      aliases: new Map<string, string>(),
    },
  ]),
);

/** Rows of a picture. */
export function rowsOf(picture: string): PlanRow[] {
  const [head = [], ...lines] = picture
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return lines.map((cells) => ({
    key: cells[head.indexOf('key')] ?? '',
    cells: Object.fromEntries(
      head.flatMap((header, i) => {
        const id = header.split(/ |:=/)[0] as string;
        return id !== 'key' && cells[i] ? [[id, cells[i]] as const] : [];
      }),
    ),
  }));
}

/** User columns of a picture: headers with a formula. */
function columnsOf(picture: string): Record<string, UserColumn> {
  const [head = ''] = picture.trim().split('\n');
  return Object.fromEntries(
    head.split('|').flatMap((text) => {
      const [left = '', formula] = text.split(':=').map((part) => part.trim());
      const [id = '', unit] = left.split(' ');
      return formula === undefined ? [] : [[id, { formula, ...(unit === undefined ? {} : { unit }) }]];
    }),
  );
}

export function planOf(pictures: Partial<Record<TableId, string>>, settings: Partial<PlanSettings> = {}): Plan {
  const each = <T>(read: (text: string) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(pictures).map(([table, text]) => [table, read(text)]));
  // Rows arrive as commands, as from files and edits: that numbers uncertain sources.
  const rows = Object.entries(each(rowsOf)).flatMap(([table, list]) =>
    list.map((row, at): Command => ({ row: [table as TableId, row.key], to: { at, cells: row.cells } })),
  );
  return applyCommands({ ...newPlan(settings), columns: each(columnsOf) }, rows).plan;
}

/** An evaluated sheet of pictures. */
export function sheetOf(
  pictures: Partial<Record<TableId, string>> | Plan,
  settings: Partial<PlanSettings> = {},
): Sheet {
  const given =
    'settings' in pictures ? (pictures as Plan) : planOf(pictures as Partial<Record<TableId, string>>, settings);
  // A second run of the engine's tests sends every plan through its serialised form, as a worker or a file would.
  const plan = process.env['FLOPSHEET_TEST_SERIALISED']
    ? (JSON.parse(JSON.stringify(structuredClone(given))) as Plan)
    : given;
  const sheet = new Sheet(plan, { columns: BUILT_IN_COLUMNS, registry: REGISTRY, catalog: SMALL_CATALOG });
  sheet.percentile = percentileOf;
  sheet.recalculate();
  return sheet;
}

function at(sheet: Sheet, address: string): { column: ColumnState; row: number } {
  const [table, key, id] = address.split('.') as [TableId, string, string];
  const column = sheet.column(table, id);
  const row = sheet.state.tables[table].rowNumber.get(key);
  if (!column || row === undefined) throw new Error(`no cell ${address}`);
  return { column, row };
}

/** What the cell shows: its value as displayed, or `#CODE`. */
export function show(sheet: Sheet, address: string): string {
  const { column, row } = at(sheet, address);
  const value = column.values[row] as number;
  const problem = Number.isFinite(value) ? null : cellProblemOf(sheet, column, row);
  if (problem) return `#${problem.code}`;
  const fact = address.startsWith('assumptions.')
    ? sheet.state.assumptions.get(address.split('.')[1] ?? '')
    : undefined;
  return formatCell(column.def, fact?.type ?? column.type, fact?.unit ?? column.unit, value, sheet.state.texts);
}

/** A picture of what cells show, to hold against an expected one: one line a row, cells between bars. */
export function look(sheet: Sheet, table: TableId, ids: string): string {
  return sheet.state.tables[table].keys
    .map((key) => [key, ...ids.split(' ').map((id) => show(sheet, `${table}.${key}.${id}`))].join(' | '))
    .join('\n');
}

/** The problem of a cell as one line: message and hint. */
export function problem(sheet: Sheet, address: string): string {
  const { column, row } = at(sheet, address);
  const found = cellProblemOf(sheet, column, row);
  return found ? `${found.message}${found.hint ? ` (${found.hint})` : ''} @ ${found.root}` : '';
}

/** Value in the column's unit. */
export function value(sheet: Sheet, address: string): number {
  const { column, row } = at(sheet, address);
  return (column.values[row] as number) / column.unit.scale;
}

/** Types into a cell and recalculates; null clears. */
export function type(sheet: Sheet, address: string, text: string | null): void {
  const [table, key, id] = address.split('.') as [TableId, string, string];
  sheet.apply([{ set: [table, key, id], to: text }]);
  sheet.recalculate();
}
