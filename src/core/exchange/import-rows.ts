/** Mapped rows as commands of the plan: rows that exist are changed, others are added; what cannot be read is a problem. */
import type { Command, PlanRow, TableId } from '../document/plan.ts';
import { cellText, type CellTarget } from './cell-text.ts';
import { headerWords, type TableMapping } from './mapping.ts';

export interface ImportProblem {
  /** Row of the file as a spreadsheet numbers it, from 1. */
  readonly row: number;
  readonly column: string;
  readonly message: string;
  readonly hint: string;
}

export interface ImportedRows {
  readonly commands: readonly Command[];
  /** Keys of the rows that are added and changed, in the order of the file. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly problems: readonly ImportProblem[];
}

/**
 * Commands that bring the rows into a table. A row whose key, or else whose name, stands in the table changes that row's
 * cells; cells the file leaves empty stay. A cell that cannot be read is left out and named among the problems.
 */
export function importRows(
  rows: readonly (readonly string[])[],
  mapping: TableMapping,
  targets: readonly CellTarget[],
  into: {
    readonly table: TableId;
    readonly rows: readonly PlanRow[];
    /** Whether rows that exist are changed. */
    readonly match: boolean;
    /** Whether a cell has this value already, typed or computed. */
    readonly holds: (row: string, column: string, text: string) => boolean;
  },
): ImportedRows {
  const byId = new Map(targets.map((target) => [target.id, target]));
  const existing = new Map(into.rows.map((row) => [row.key, row]));
  const byName = new Map(
    into.match ? into.rows.map((row) => [(row.cells['name'] ?? '').trim().toLowerCase(), row.key] as const) : [],
  );
  byName.delete('');
  const taken = new Set(existing.keys());
  const commands: Command[] = [];
  const added: string[] = [];
  const changed: string[] = [];
  const problems: ImportProblem[] = [];
  rows.slice(mapping.first).forEach((row, i) => {
    if (isTotal(row)) return;
    const cells: Record<string, string> = {};
    let given = '';
    mapping.columns.forEach(({ to, unit }, at) => {
      const target = byId.get(to);
      const raw = (row[at] ?? '').trim();
      if (!target || raw === '') return;
      const read = cellText(raw, target, unit, mapping.decimalComma);
      if ('problem' in read)
        problems.push({ row: mapping.first + i + 1, column: target.label, message: read.problem, hint: read.hint });
      else if (to === 'key') given = read.text;
      else cells[to] = read.text;
    });
    if (Object.keys(cells).length === 0) return;
    const known = existing.has(given) ? given : byName.get((cells['name'] ?? '').trim().toLowerCase());
    if (known !== undefined && into.match) {
      const before = existing.get(known)?.cells ?? {};
      const own = Object.entries(cells).filter(
        ([id, text]) => (before[id] ?? '') !== text && !into.holds(known, id, text),
      );
      for (const [id, text] of own) commands.push({ set: [into.table, known, id], to: text });
      if (own.length > 0 && !changed.includes(known)) changed.push(known);
      return;
    }
    const key = freshKey(given || cells['name'] || '', taken);
    taken.add(key);
    commands.push({ row: [into.table, key], to: { at: into.rows.length + added.length, cells } });
    added.push(key);
  });
  return { commands, added, changed, problems };
}

/** Tables end in sums, which are no rows of their own. */
function isTotal(row: readonly string[]): boolean {
  return /^(grand )?totals?( of .*)?$/i.test(row.find((cell) => cell !== '') ?? '');
}

function freshKey(text: string, taken: ReadonlySet<string>): string {
  const base =
    headerWords(text)
      .replace(/[^a-z0-9_]/g, '')
      .slice(0, 40) || 'row';
  for (let i = 1; ; i++) {
    const key = i === 1 ? base : `${base}_${i}`;
    if (!taken.has(key) && !(key in Object.prototype)) return key;
  }
}
