/** What a correlation can be set between: the uncertain cells of an evaluated plan, and the columns they stand in. */
import { TABLE_IDS } from '../document/plan.ts';
import { COLUMN_CORRELATION, correlationName, familyOf } from './correlations.ts';
import type { Sheet } from './sheet.ts';
import type { ColumnState, Compiled } from './state.ts';

/** An uncertain cell or column by the name correlations use, and as people read it. */
export interface CorrelationChoice {
  readonly name: string;
  readonly label: string;
  /** What is typed there; empty for columns. */
  readonly text: string;
}

/** A column in whose cells ranges are typed: they share a factor. */
export interface SharedColumn extends CorrelationChoice {
  /** Number of cells with ranges. */
  readonly cells: number;
  /** Rank correlation between any two of them. */
  readonly rank: number;
  /** False while `rank` is the default, 0.5. */
  readonly typed: boolean;
}

function isUncertain(compiled: Compiled | null): boolean {
  return compiled !== null && !compiled.error && compiled.program.sources.length > 0;
}

/** Everything that can be correlated, in the order of the tables; at most `limit` single cells. */
export function correlationChoices(
  sheet: Sheet,
  limit: number,
): { readonly choices: readonly CorrelationChoice[]; readonly columns: readonly SharedColumn[] } {
  const columns: CorrelationChoice[] = [];
  const cells: CorrelationChoice[] = [];
  const shared: SharedColumn[] = [];
  for (const id of TABLE_IDS)
    for (const column of sheet.state.tables[id].columns) {
      const rows = [...column.entries].filter(([, entry]) => entry.is === 'formula' && isUncertain(entry.compiled));
      const name = `${id}.*.${column.def.id}`;
      const own = isUncertain(column.compiled);
      if (id !== 'assumptions' && (own || rows.length > 0)) {
        const choice = { name, label: labelOf(sheet, name), text: '' };
        columns.push(choice);
        if (rows.length > 1) shared.push({ ...choice, cells: rows.length, ...sharedRank(sheet, name) });
      }
      for (const [row, entry] of rows.sort((a, b) => a[0] - b[0]))
        if (cells.length < limit) cells.push({ ...cellChoice(sheet, column, row), text: entry.text });
    }
  return { choices: [...columns, ...cells], columns: shared };
}

function sharedRank(sheet: Sheet, name: string): { rank: number; typed: boolean } {
  const typed = sheet.plan.correlations?.find((own) => own.a === name && own.b === name);
  return { rank: typed?.rank ?? COLUMN_CORRELATION, typed: typed !== undefined };
}

function cellChoice(sheet: Sheet, column: ColumnState, row: number): { name: string; label: string } {
  const key = column.table.keys[row] as string;
  const name = column.table.id === 'assumptions' ? `assumptions.${key}` : `${column.table.id}.${key}.${column.def.id}`;
  return { name, label: labelOf(sheet, name) };
}

/** A correlation's name as people read it: `MFU of Llama 3.1 405B`, `MFU, all runs`, `pue`. */
export function labelOf(sheet: Sheet, name: string): string {
  const key = correlationName(name);
  const [table, row] = key.split('.') as [(typeof TABLE_IDS)[number], string];
  const id = key.slice(key.lastIndexOf('.') + 1);
  if (table === 'assumptions') return row;
  const label = sheet.column(table, id)?.def.label ?? id;
  if (familyOf(key) === null) return `${label}, all ${table}`;
  const own = key.slice(table.length + 1, key.lastIndexOf('.'));
  return `${label} of ${sheet.text(table, own, 'name') || own}`;
}
