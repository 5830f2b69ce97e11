/** Which cells wait for the answer of a long computation, themselves or through what they read. */
import type { Expr } from '../formula/expr.ts';
import { nodeOf, someTaken } from './taken.ts';
import type { Sheet } from './sheet.ts';
import type { ColumnState } from './state.ts';

export class Computing {
  private readonly sheet: Sheet;
  private readonly any: boolean;
  private readonly known = new Map<ColumnState, Map<number, boolean>>();

  /** A picture of the sheet as it stands now. */
  constructor(sheet: Sheet) {
    this.sheet = sheet;
    this.any = sheet.waiting;
  }

  /** True while the cell's value is of before a computation that is under way. */
  cell(column: ColumnState, row: number): boolean {
    if (!this.any) return false;
    let rows = this.known.get(column);
    if (!rows) this.known.set(column, (rows = new Map()));
    const known = rows.get(row);
    if (known !== undefined) return known;
    // Circles end here as not computing.
    rows.set(row, false);
    const entry = column.entries.get(row);
    const compiled = entry ? (entry.is === 'formula' ? entry.compiled : null) : column.compiled;
    const computing =
      column.waiting.has(row) || (!!compiled && !compiled.error && this.reads(column, compiled.expr, row));
    rows.set(row, computing);
    return computing;
  }

  /** True while any row that counts in a column is computing. */
  column(column: ColumnState): boolean {
    if (!this.any) return false;
    return column.table.keys.some((_, row) => this.cell(column, row));
  }

  private reads(owner: ColumnState, expr: Expr, row: number): boolean {
    const { sheet } = this;
    const { state } = sheet;
    const place = { table: owner.table.id, row };
    return someTaken(sheet, expr, place, (leaf) => {
      switch (leaf.op) {
        case 'column':
        case 'lookup': {
          const column = state.tables[leaf.table].columns[leaf.column] as ColumnState;
          return leaf.op === 'column' && leaf.table === place.table ? this.cell(column, row) : this.column(column);
        }
        case 'cell': {
          const table = state.tables[leaf.table];
          const at = table.rowNumber.get(leaf.row);
          return at !== undefined && this.cell(table.columns[leaf.column] as ColumnState, at);
        }
        case 'aggregate': {
          const node = nodeOf(state, leaf, place);
          const { value } = leaf;
          return (
            (node.is === 'aggregate' && node.waiting) ||
            (value?.op === 'column' && this.column(state.tables[leaf.table].columns[value.column] as ColumnState))
          );
        }
        case 'percentile': {
          const node = nodeOf(state, leaf, place);
          return node.is === 'percentile' && node.waiting;
        }
        case 'distribution':
          return false;
      }
    });
  }
}
