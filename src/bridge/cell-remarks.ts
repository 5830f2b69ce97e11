/** What people and the price book say about cells, put onto a view of the sheet: open comments, stale prices. */
import { priceConcerns, priceUse } from '../core/plan/price-use.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { CellView, SheetView } from '../core/sheet/view.ts';
import { listComments } from '../store/comments.ts';
import type { ReadableDb } from '../store/database.ts';

/** Columns whose cells warn when their quote is old or marked. */
const PRICED = new Set(['chip_hour_price', 'price_as_of']);

/** The view with remarks on its cells. `today` is an ISO date. */
export function withRemarks(view: SheetView, sheet: Sheet, db: ReadableDb, plan: string, today: string): SheetView {
  const comments = new Map<string, number>();
  for (const { cell, replyTo } of listComments(db, plan, { open: true }))
    if (cell.table === view.table && replyTo === null) {
      const at = `${cell.row}\n${cell.column}`;
      comments.set(at, (comments.get(at) ?? 0) + 1);
    }
  const priced = view.table === 'runs' && view.columns.some((id) => PRICED.has(id));
  if (comments.size === 0 && !priced) return view;
  return {
    ...view,
    rows: view.rows.map((row) => {
      const use = priced ? priceUse(sheet, row.at) : null;
      const concern = use ? priceConcerns([use], today)[0]?.message : undefined;
      return {
        ...row,
        cells: row.cells.map((cell, c): CellView => {
          const id = view.columns[c] as string;
          const count = comments.get(`${row.key}\n${id}`);
          const stale = concern !== undefined && PRICED.has(id) && cell.warning === undefined && !cell.problem;
          if (count === undefined && !stale) return cell;
          return {
            ...cell,
            ...(stale ? { warning: concern } : {}),
            ...(count === undefined ? {} : { comments: count }),
          };
        }),
      };
    }),
  };
}
