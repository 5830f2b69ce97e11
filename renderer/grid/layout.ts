/** How one table is laid out for the person who looks at it. Kept in the store beside the plan, never part of it. */
import type { Filter, SortKey } from '../../src/core/sheet/arrange.ts';
import type { ColumnView } from '../../src/core/sheet/view.ts';

export interface Layout {
  /** Widths the user chose, in px at zoom 1. */
  readonly widths: Readonly<Record<string, number>>;
  readonly hidden: readonly string[];
  /** Shown although the planner would not show them. */
  readonly shown: readonly string[];
  /** The user's order of columns; columns that are not named follow their neighbour. */
  readonly order: readonly string[];
  /** Columns that stay while the others scroll; the row's name always does. */
  readonly frozen: number;
  /** Groups of which only the first column shows. */
  readonly collapsed: readonly string[];
  readonly zoom: number;
  readonly sort: readonly SortKey[];
  readonly filter: readonly Filter[];
}

export const EMPTY_LAYOUT: Layout = {
  widths: {},
  hidden: [],
  shown: [],
  order: [],
  frozen: 1,
  collapsed: [],
  zoom: 1,
  sort: [],
  filter: [],
};

/** A stored layout; what an older version did not know gets its default. */
export function readLayout(stored: unknown): Layout {
  return stored !== null && typeof stored === 'object' ? { ...EMPTY_LAYOUT, ...stored } : EMPTY_LAYOUT;
}

/** All columns in the user's order; one that has no place of its own stays behind its natural neighbour. */
export function inOrder(all: readonly ColumnView[], order: readonly string[]): readonly ColumnView[] {
  if (order.length === 0) return all;
  const byId = new Map(all.map((column) => [column.id, column]));
  const result = order.flatMap((id) => byId.get(id) ?? []);
  const placed = new Set(result.map((column) => column.id));
  all.forEach((column, i) => {
    if (placed.has(column.id)) return;
    const before = all[i - 1];
    result.splice(before ? result.indexOf(before) + 1 : 0, 0, column);
    placed.add(column.id);
  });
  return result;
}

/** The columns a layout shows, the row's name first. */
export function visibleColumns(all: readonly ColumnView[], layout: Layout, titleId: string): readonly ColumnView[] {
  const wanted = inOrder(all, layout.order).filter(
    (column) => (column.shown || layout.shown.includes(column.id)) && !layout.hidden.includes(column.id),
  );
  const title = wanted.find((column) => column.id === titleId) ?? wanted[0];
  if (!title) return [];
  const rest = wanted.filter((column) => column !== title);
  return [
    title,
    ...rest.filter((column, i) => !layout.collapsed.includes(column.group) || rest[i - 1]?.group !== column.group),
  ];
}

/** The layout with a column shown, whatever hid it. */
export function withColumn(layout: Layout, column: ColumnView): Layout {
  return {
    ...layout,
    hidden: layout.hidden.filter((id) => id !== column.id),
    shown: column.shown || layout.shown.includes(column.id) ? layout.shown : [...layout.shown, column.id],
    collapsed: layout.collapsed.filter((group) => group !== column.group),
  };
}

/** The layout with a column hidden. */
export function withoutColumn(layout: Layout, column: ColumnView): Layout {
  return {
    ...layout,
    hidden: column.shown ? [...layout.hidden, column.id] : layout.hidden,
    shown: layout.shown.filter((id) => id !== column.id),
  };
}

/** The layout with a column moved to stand at another's place. */
export function moveColumn(layout: Layout, all: readonly ColumnView[], id: string, to: string): Layout {
  if (id === to) return layout;
  const ids = inOrder(all, layout.order).map((column) => column.id);
  const [from, place] = [ids.indexOf(id), ids.indexOf(to)];
  if (from < 0 || place < 0) return layout;
  ids.splice(from, 1);
  ids.splice(place, 0, id);
  return { ...layout, order: ids };
}
