/** Goal seek: the value of one input that brings a target cell to a wanted value (Brent 1973, on a bracket found first). */
import type { TableId } from '../document/plan.ts';
import { FlopsheetError } from '../errors.ts';
import { formatNumber } from './format-cell.ts';
import type { Sheet } from './sheet.ts';
import type { ColumnState } from './state.ts';

export interface GoalCell {
  readonly table: TableId;
  readonly row: string;
  readonly column: string;
}

export interface GoalResult {
  /** The input as it would be typed, in the column's unit. */
  readonly text: string;
  readonly display: string;
  /** In base units. */
  readonly value: number;
  readonly iterations: number;
}

const MAX_ITERATIONS = 100;

/**
 * Finds the value of `by` for which `target` equals `wanted` (base units). The sheet is left as it was.
 * Throws `NO_SOLUTION` with the values reached when the target cannot get there within the input's bounds.
 */
export function goalSeek(sheet: Sheet, target: GoalCell, wanted: number, by: GoalCell): GoalResult {
  const input = sheet.column(by.table, by.column);
  const before = sheet.text(by.table, by.row, by.column);
  if (!input || input.type.is !== 'number')
    throw new FlopsheetError('ARG', `${by.table}.${by.column} is not a number that can be varied`);
  const { scale } = input.unit;
  const start = sheet.value(by.table, by.row, by.column) / scale;
  let iterations = 0;
  const evaluate = (shown: number): number => {
    iterations++;
    sheet.apply([{ set: [by.table, by.row, by.column], to: String(shown) }]);
    sheet.recalculate();
    return sheet.value(target.table, target.row, target.column) - wanted;
  };
  try {
    const [low, high] = bracket(evaluate, Number.isFinite(start) && start !== 0 ? start : 1, input, wanted);
    const root = brent(evaluate, low, high);
    return { text: String(root), display: formatNumber(input.def, input.unit, root), value: root * scale, iterations };
  } finally {
    sheet.apply([{ set: [by.table, by.row, by.column], to: before === '' ? null : before }]);
    sheet.recalculate();
  }
}

function bracket(evaluate: (x: number) => number, start: number, input: ColumnState, wanted: number): [number, number] {
  const floor = input.def.min ?? Number.NEGATIVE_INFINITY;
  const ceiling = input.def.max ?? Number.POSITIVE_INFINITY;
  const clamp = (x: number): number => Math.min(ceiling, Math.max(floor, x));
  const points = new Map<number, number>();
  const probe = (x: number): number => {
    const at = clamp(x);
    let y = points.get(at);
    if (y === undefined) points.set(at, (y = evaluate(at)));
    return y;
  };
  for (let step = 0; step <= 40; step++) {
    probe(start * 2 ** (step / 2));
    probe(start * 2 ** (-step / 2));
    if (floor === Number.NEGATIVE_INFINITY) probe(-start * 2 ** (step / 2));
    const known = [...points].filter(([, y]) => Number.isFinite(y)).sort((p, q) => p[0] - q[0]);
    for (let i = 1; i < known.length; i++) {
      const [x0, y0] = known[i - 1] as [number, number];
      const [x1, y1] = known[i] as [number, number];
      if (y0 === 0) return [x0, x0];
      if (y0 * y1 <= 0) return [x0, x1];
    }
  }
  const reached = [...points.values()].filter(Number.isFinite).map((y) => y + wanted);
  if (reached.length === 0)
    throw new FlopsheetError('NO_SOLUTION', 'no solution, because the target is unknown for every value tried', {
      hint: 'fill in what the target still needs',
    });
  const low = Math.min(...reached);
  const high = Math.max(...reached);
  const why =
    low === high
      ? 'the target does not depend on this input'
      : `the target stays between ${low.toPrecision(4)} and ${high.toPrecision(4)} (base units) for inputs from ${Math.min(...points.keys()).toPrecision(3)} to ${Math.max(...points.keys()).toPrecision(3)}`;
  throw new FlopsheetError('NO_SOLUTION', `no solution, because ${why}`, {
    hint: 'vary another input, or ask for a value in between',
  });
}

function brent(evaluate: (x: number) => number, low: number, high: number): number {
  let a = low;
  let b = high;
  let fa = evaluate(a);
  let fb = evaluate(b);
  if (fa === 0) return a;
  let c = a;
  let fc = fa;
  let d = b - a;
  let e = d;
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    if (fb * fc > 0) {
      c = a;
      fc = fa;
      d = e = b - a;
    }
    if (Math.abs(fc) < Math.abs(fb)) [a, b, c, fa, fb, fc] = [b, c, b, fb, fc, fb];
    const tolerance = 2 * Number.EPSILON * Math.abs(b);
    const middle = (c - b) / 2;
    if (Math.abs(middle) <= tolerance || fb === 0) return b;
    if (Math.abs(e) < tolerance || Math.abs(fa) <= Math.abs(fb)) d = e = middle;
    else {
      const s = fb / fa;
      let p: number;
      let q: number;
      if (a === c) {
        p = 2 * middle * s;
        q = 1 - s;
      } else {
        const r = fb / fc;
        const t = fa / fc;
        p = s * (2 * middle * t * (t - r) - (b - a) * (r - 1));
        q = (t - 1) * (r - 1) * (s - 1);
      }
      if (p > 0) q = -q;
      p = Math.abs(p);
      if (2 * p < Math.min(3 * middle * q - Math.abs(tolerance * q), Math.abs(e * q))) {
        e = d;
        d = p / q;
      } else d = e = middle;
    }
    a = b;
    fa = fb;
    b += Math.abs(d) > tolerance ? d : Math.sign(middle) * tolerance;
    fb = evaluate(b);
  }
  return b;
}

export { dataTable, largestWithin, type DataTable, type LargestResult, type Limit, type Varied } from './data-table.ts';
