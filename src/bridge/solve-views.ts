/** What-if questions as clients ask them: values as typed in, values as displayed out. */
import { FlopsheetError } from '../core/errors.ts';
import { formatNumber } from '../core/sheet/format-cell.ts';
import { readCell } from '../core/sheet/literal.ts';
import { dataTable, largestWithin, type GoalCell, type Limit, type Varied } from '../core/sheet/solve.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import type { Params, Results } from './contract.ts';

function columnOf(sheet: Sheet, cell: GoalCell): ColumnState {
  const column = sheet.column(cell.table, cell.column);
  if (!column) throw new FlopsheetError('NOT_FOUND', `${cell.table} has no column "${cell.column}"`);
  return column;
}

/** A number typed for a column, in base units. Throws `ARG` with the column's own advice. */
export function typedValue(sheet: Sheet, cell: GoalCell, text: string): number {
  const column = columnOf(sheet, cell);
  const read = readCell(text, { type: column.type, unit: column.unit });
  if (read.is === 'value' && read.text === undefined) return read.value;
  throw new FlopsheetError('ARG', read.is === 'problem' ? read.message : `"${text}" is not one number`, {
    where: `${cell.table}.${cell.row}.${cell.column}`,
    hint: read.is === 'problem' ? read.hint : '',
  });
}

/** A data table of one or two inputs. */
export function solveTable(
  sheet: Sheet,
  target: GoalCell,
  first: Varied,
  second: Varied | undefined,
): Results['solve.table'] {
  const column = columnOf(sheet, target);
  const { values } = dataTable(sheet, [target], first, second);
  return {
    values: values.map((row) =>
      row.map(([value = Number.NaN]) => formatNumber(column.def, column.unit, value / column.unit.scale) || 'unknown'),
    ),
  };
}

/** The largest input within limits, and which limit stops it. */
export function solveLargest(
  sheet: Sheet,
  by: GoalCell,
  low: string,
  high: string,
  limits: Params<'solve.largest'>['limits'],
): Results['solve.largest'] {
  const input = columnOf(sheet, by);
  const bounds = limits.map((limit): Limit => ({
    cell: limit.cell,
    ...(limit.atMost === undefined ? {} : { atMost: typedValue(sheet, limit.cell, limit.atMost) }),
    ...(limit.atLeast === undefined ? {} : { atLeast: typedValue(sheet, limit.cell, limit.atLeast) }),
  }));
  const found = largestWithin(
    sheet,
    by,
    bounds,
    typedValue(sheet, by, low) / input.unit.scale,
    typedValue(sheet, by, high) / input.unit.scale,
  );
  const stopped = found.stoppedBy;
  return {
    text: found.text,
    display: found.display,
    stoppedBy: stopped ? columnOf(sheet, stopped.cell).def.label : '',
  };
}
