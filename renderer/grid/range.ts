/** Positions and rectangles of cells by row and column number. */

export interface Position {
  readonly row: number;
  readonly column: number;
}

/** Ends are included. */
export interface Range {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** The rectangle between two corners. */
export function rangeOf(a: Position, b: Position): Range {
  return {
    top: Math.min(a.row, b.row),
    bottom: Math.max(a.row, b.row),
    left: Math.min(a.column, b.column),
    right: Math.max(a.column, b.column),
  };
}

export function inRange(range: Range, row: number, column: number): boolean {
  return row >= range.top && row <= range.bottom && column >= range.left && column <= range.right;
}

/** Moves a position, staying inside a table of that size. */
export function moved(
  from: Position,
  rows: number,
  columns: number,
  size: { readonly rows: number; readonly columns: number },
): Position {
  const clamp = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
  return { row: clamp(from.row + rows, size.rows), column: clamp(from.column + columns, size.columns) };
}

/** Where Ctrl+arrow goes along a line of cells: the end of a filled run, or the next filled cell. */
export function edge(filled: (index: number) => boolean, from: number, step: 1 | -1, count: number): number {
  let at = from;
  const inside = (index: number): boolean => index >= 0 && index < count;
  if (!inside(at + step)) return at;
  const run = filled(at) && filled(at + step);
  at += step;
  while (inside(at + step) && (run ? filled(at + step) : !filled(at))) at += step;
  return at;
}
