/** Which mark (conditional format) of its column a value gets. */
import { limitOf } from './arrange.ts';
import { readMarks, type Mark } from './look.ts';
import type { ColumnState } from './state.ts';

/**
 * The rule that applies to a value, or null. `value` is in base units, `shown` the text on screen. Limits that the column
 * cannot read apply to nothing.
 */
export function markOf(column: ColumnState, value: number, shown: string): Mark | null {
  for (const rule of rulesOf(column)) if (rule.applies(value, shown)) return rule.mark;
  return null;
}

interface Rule {
  readonly mark: Mark;
  readonly applies: (value: number, shown: string) => boolean;
}

const rules = new WeakMap<object, readonly Rule[]>();

function rulesOf(column: ColumnState): readonly Rule[] {
  if (column.def.marks === undefined) return [];
  let known = rules.get(column.def);
  if (!known)
    rules.set(
      column.def,
      (known = (readMarks(column.def.marks) ?? []).map((mark) => ({ mark, applies: test(column, mark) }))),
    );
  return known;
}

function test(column: ColumnState, { test: kind, value }: Mark): Rule['applies'] {
  const wanted = value.toLowerCase();
  if (kind === 'is') return (_, shown) => shown.toLowerCase() === wanted;
  if (kind === 'contains') return (_, shown) => shown.toLowerCase().includes(wanted);
  let limit: number;
  try {
    limit = limitOf(column, value);
  } catch {
    return () => false;
  }
  return kind === 'above' ? (own) => own > limit : (own) => own < limit;
}
