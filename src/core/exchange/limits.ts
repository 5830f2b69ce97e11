/** What a table may hold before it is refused: far above any plan, far below what would stop the machine. */
export const MOST_FILE_BYTES = 32_000_000;
export const MOST_ROWS = 20_000;
export const MOST_COLUMNS = 500;
export const MOST_CELLS = 500_000;
/** Characters of one cell; a spreadsheet's own limit. */
export const MOST_CELL_CHARACTERS = 32_767;
/** Inflated bytes of one part of a workbook, and of all its parts together. */
export const MOST_PART_BYTES = 64_000_000;
export const MOST_INFLATED_BYTES = 128_000_000;
export const MOST_ZIP_ENTRIES = 2_000;
