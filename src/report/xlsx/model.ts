/** A workbook as plain data; `writeWorkbook` turns it into the bytes of an .xlsx file. */

export interface CellStyle {
  /** ARGB without alpha, for example `1B4FC4`. */
  readonly color?: string;
  readonly fill?: string;
  readonly bold?: boolean;
  /** Excel number format, for example `#,##0.00`. */
  readonly format?: string;
  readonly align?: 'left' | 'right';
  readonly wrap?: boolean;
  /** A line above, for totals. */
  readonly rule?: boolean;
}

export interface WorkbookCell {
  /** Value; beside a formula, the value it had when the file was written. Null is empty, or `#N/A` beside a formula. */
  readonly value: number | string | boolean | null;
  /** Formula without `=`. */
  readonly formula?: string;
  readonly style?: CellStyle;
  readonly note?: string;
}

export interface Worksheet {
  readonly name: string;
  /** Rows from the top; `undefined` cells are left out. */
  readonly rows: readonly (readonly (WorkbookCell | undefined)[])[];
  /** Width of each column in characters. */
  readonly widths: readonly number[];
  readonly frozen?: { readonly rows: number; readonly columns: number };
}

export interface Workbook {
  readonly title: string;
  /** ISO date; the same workbook and date give the same bytes. */
  readonly date: string;
  readonly sheets: readonly Worksheet[];
  /** Name and absolute reference, `'Assumptions'!$C$4`. */
  readonly names: readonly { readonly name: string; readonly reference: string }[];
}
