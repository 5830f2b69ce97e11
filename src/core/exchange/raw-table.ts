/** A table as a file holds it: rows of texts, nothing interpreted. */
export interface RawTable {
  /** Sheet of a workbook; empty for a text file. */
  readonly name: string;
  /** The first rows name the columns. Rows may be shorter than the header. */
  readonly rows: readonly (readonly string[])[];
}
