/** Spreads of uncertain cells and totals, remembered until values change. Computed for the rows that are asked for. */
import type { TableId } from '../document/plan.ts';
import { Sampler } from './sample.ts';
import type { Sheet } from './sheet.ts';
import type { ColumnState } from './state.ts';
import { totalNode } from './totals.ts';
import type { Spread } from './view.ts';

export class Spreads {
  private readonly sheet: Sheet;
  private version = -1;
  private sampler: Sampler | null = null;
  private readonly cells = new Map<string, Spread>();
  private readonly totals = new Map<ColumnState, Spread | null>();

  constructor(sheet: Sheet) {
    this.sheet = sheet;
  }

  /** The sampler of the current values. */
  current(): Sampler {
    if (!this.sampler || this.version !== this.sheet.version) {
      this.version = this.sheet.version;
      this.cells.clear();
      this.totals.clear();
      const { samples, seed } = this.sheet.plan.settings;
      this.sampler = new Sampler(this.sheet, { samples, seed, later: true });
    }
    return this.sampler;
  }

  /** Number of cells of these rows whose spread is not known yet: what a call of `ofRow` for each would cost. */
  missing(tableId: TableId, rows: ArrayLike<number>): number {
    this.current();
    const table = this.sheet.state.tables[tableId];
    let missing = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      for (const column of table.columns)
        if (column.uncertain[row] && column.type.is === 'number' && !this.cells.has(`${column.node} ${row}`)) missing++;
    }
    return missing;
  }

  /** Columns of a table whose total varies and was not drawn yet. */
  private openTotals(tableId: TableId): ColumnState[] {
    this.current();
    return this.sheet.state.tables[tableId].columns.filter(
      (column) => column.def.total && column.anyUncertain && !this.totals.has(column),
    );
  }

  /** Cells that must be drawn before the totals of a table are known. */
  missingTotals(tableId: TableId): number {
    return this.openTotals(tableId).length * this.sheet.state.tables[tableId].keys.length;
  }

  /** Draws the totals of a table; stops after every row. */
  *drawTotals(tableId: TableId): Generator<void, void> {
    const columns = this.openTotals(tableId);
    if (columns.length === 0) return;
    yield* this.current().totals(this.sheet.state.tables[tableId], columns);
    for (const column of columns) this.ofTotal(tableId, column);
  }

  /** Spread of a cell in its display unit; undefined when it does not vary. */
  ofCell(column: ColumnState, row: number): Spread | undefined {
    if (!column.uncertain[row] || column.type.is === 'date') return undefined;
    const sampler = this.current();
    const name = `${column.node} ${row}`;
    const known = this.cells.get(name);
    if (known) return known;
    sampler.row(column.table, row, (own, samples) =>
      this.cells.set(`${own.node} ${row}`, sampler.spread(samples, own.unit.scale || 1)),
    );
    return this.cells.get(name);
  }

  /** Spread of a column's total. */
  ofTotal(table: TableId, column: ColumnState): Spread | undefined {
    const sampler = this.current();
    let known = this.totals.get(column);
    if (known === undefined) {
      const samples = sampler.node(totalNode(this.sheet, table, column));
      known = typeof samples === 'number' ? null : sampler.spread(samples, column.unit.scale);
      this.totals.set(column, known);
    }
    return known ?? undefined;
  }
}
