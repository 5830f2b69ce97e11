import type { TableId } from '../../document/plan.ts';
import type { Sheet } from '../../sheet/sheet.ts';
import type { ColumnState } from '../../sheet/state.ts';

/** Reads cells of one table: numbers in display units, dates as days, texts. */
export class RowReader {
  readonly sheet: Sheet;
  readonly table: TableId;

  constructor(sheet: Sheet, table: TableId) {
    this.sheet = sheet;
    this.table = table;
  }

  column(id: string): ColumnState {
    return this.sheet.column(this.table, id) as ColumnState;
  }

  number(id: string, row: number): number {
    const column = this.column(id);
    return (column.values[row] as number) / (column.type.is === 'date' ? 1 : column.unit.scale);
  }

  text(id: string, row: number): string {
    const value = this.column(id).values[row] as number;
    return Number.isFinite(value) ? this.sheet.state.texts.text(value) : '';
  }

  /** True when a cell of its own replaces the column's formula. */
  replaced(id: string, row: number): boolean {
    return this.column(id).entries.has(row);
  }
}
