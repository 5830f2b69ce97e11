/** Types of values in formulas. Texts, booleans, dates and schedules travel as numbers in vectors; types keep them apart. */
import { compatible, NONE, typeName, type CountKind, type Dimension } from '../quantity/dimension.ts';
import type { TableId } from '../document/plan.ts';

export type ValueType =
  | { readonly is: 'number'; readonly dimension: Dimension; readonly kind: CountKind }
  | { readonly is: 'schedule'; readonly dimension: Dimension; readonly kind: CountKind }
  /** A choice lists what may be written. */
  | { readonly is: 'text'; readonly choices?: readonly string[] }
  | { readonly is: 'boolean' }
  | { readonly is: 'date' }
  /** A text that names a catalog row (`to` = catalog kind) or a row of a table (`to` = table id). */
  | { readonly is: 'reference'; readonly to: string }
  /** Type of something that is itself in error: agrees with everything, so that one mistake is reported once. */
  | { readonly is: 'any' };

export const PLAIN_NUMBER: ValueType = { is: 'number', dimension: NONE, kind: '' };
export const TEXT: ValueType = { is: 'text' };
export const BOOLEAN: ValueType = { is: 'boolean' };
export const DATE: ValueType = { is: 'date' };
export const ANY: ValueType = { is: 'any' };

/** A type in words for messages. */
export function describeType(type: ValueType): string {
  switch (type.is) {
    case 'number':
      return typeName(type);
    case 'schedule':
      return `schedule of ${typeName(type)}`;
    case 'boolean':
      return 'yes/no';
    case 'reference':
      return `reference to ${type.to}`;
    default:
      return type.is;
  }
}

/** True when a value of type `b` may stand where `a` is expected, or be compared with it. */
export function agrees(a: ValueType, b: ValueType): boolean {
  if (a.is === 'any' || b.is === 'any') return true;
  const textA = a.is === 'text' || a.is === 'reference';
  const textB = b.is === 'text' || b.is === 'reference';
  if (textA || textB) return textA && textB;
  if (a.is !== b.is) return false;
  if ((a.is === 'number' || a.is === 'schedule') && (b.is === 'number' || b.is === 'schedule')) return compatible(a, b);
  return true;
}

/** What the checker knows of one column. */
export interface ColumnFact {
  readonly table: TableId;
  readonly id: string;
  /** Position in the table's list of columns. */
  readonly index: number;
  readonly type: ValueType;
  readonly label: string;
}

/** Where a formula stands and what it may name. Implemented by the sheet; small fakes serve tests and `eval`. */
export interface Scope {
  /** The table of the formula; null for a formula outside any table. */
  readonly table: TableId | null;
  /** True when the formula fills a column that is a fraction in 0..1: ranges are logit-normal. */
  readonly fraction: boolean;
  column(table: TableId, id: string): ColumnFact | undefined;
  columnIds(table: TableId): readonly string[];
  /** Row number of a key, -1 when there is none. */
  row(table: TableId, key: string): number;
  rowKeys(table: TableId): readonly string[];
  /** Type of an assumption; undefined when there is none of that key. */
  assumption(key: string): ValueType | undefined;
  /** Type of a field of a catalog kind; undefined when the kind has no such field. */
  catalogField(kind: string, field: string): ValueType | undefined;
  catalogFields(kind: string): readonly string[];
  /** Number that stands for a text in vectors. */
  textId(text: string): number;
}
