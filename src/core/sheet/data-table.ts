/** What-if: a sheet with other texts in one or two inputs, and the largest input that keeps within limits. */
import type { TableId } from '../document/plan.ts';
import { FlopsheetError } from '../errors.ts';
import { formatNumber } from './format-cell.ts';
import type { Sheet } from './sheet.ts';
import type { GoalCell, GoalResult } from './solve.ts';
import type { ColumnState } from './state.ts';

/** An input and the texts to type into it, one after the other. */
export interface Varied {
  readonly cell: GoalCell;
  readonly texts: readonly string[];
}

export interface DataTable {
  /** By text of the first input, then by text of the second (one entry without a second), then by target. Base units; NaN is unknown. */
  readonly values: readonly (readonly (readonly number[])[])[];
}

/** A cell and what it may be, in base units. */
export interface Limit {
  readonly cell: GoalCell;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface LargestResult extends GoalResult {
  /** The limit that stops a larger value; null when the upper end of the search was reached. */
  readonly stoppedBy: Limit | null;
}

const PROBES = 48;
const HALVINGS = 60;

function address({ table, row, column }: GoalCell): string {
  return `${table}.${row}.${column}`;
}

function columnOf(sheet: Sheet, cell: GoalCell): ColumnState {
  const column = sheet.column(cell.table, cell.column);
  if (!column || !sheet.state.tables[cell.table].rowNumber.has(cell.row))
    throw new FlopsheetError('NOT_FOUND', `there is no cell ${address(cell)}`, { where: address(cell) });
  return column;
}

function valueOf(sheet: Sheet, cell: GoalCell): number {
  return sheet.value(cell.table, cell.row, cell.column);
}

/** Runs `work` with a way to type into cells; afterwards every cell holds what it held before. */
function restoring<T>(
  sheet: Sheet,
  cells: readonly GoalCell[],
  work: (type: (texts: readonly string[]) => void) => T,
): T {
  const set = (texts: readonly (string | null)[]): void => {
    sheet.apply(
      cells.map((cell, i) => ({
        set: [cell.table, cell.row, cell.column] as [TableId, string, string],
        to: texts[i] ?? null,
      })),
    );
    sheet.recalculate();
  };
  const before = cells.map((cell) => sheet.text(cell.table, cell.row, cell.column) || null);
  try {
    return work(set);
  } finally {
    set(before);
  }
}

/**
 * Values of the targets for every text of one input, or every pair of texts of two. The sheet is left as it was.
 * A text that is no value makes the targets unknown, as it would in the sheet. Throws `NOT_FOUND` for a missing cell.
 */
export function dataTable(sheet: Sheet, targets: readonly GoalCell[], first: Varied, second?: Varied): DataTable {
  const cells = second ? [first.cell, second.cell] : [first.cell];
  for (const cell of [...targets, ...cells]) columnOf(sheet, cell);
  return restoring(sheet, cells, (type) => ({
    values: first.texts.map((a) =>
      (second?.texts ?? ['']).map((b) => {
        type([a, b]);
        return targets.map((target) => valueOf(sheet, target));
      }),
    ),
  }));
}

function broken(sheet: Sheet, limits: readonly Limit[]): Limit | null {
  return (
    limits.find((limit) => {
      const value = valueOf(sheet, limit.cell);
      return !(
        value <= (limit.atMost ?? Number.POSITIVE_INFINITY) && value >= (limit.atLeast ?? Number.NEGATIVE_INFINITY)
      );
    }) ?? null
  );
}

/**
 * The largest value of `by` between `low` and `high` (display unit) at which every limit holds, to 12 digits or to the
 * multiple of `step`. The whole interval is probed first, so that limits that hold in the middle only are found; gaps
 * narrower than 1/48 of it (by ratio when both ends are positive) may be missed. The sheet is left as it was.
 * Throws `NO_SOLUTION` with the limit that cannot be kept and how near it comes.
 */
export function largestWithin(
  sheet: Sheet,
  by: GoalCell,
  limits: readonly Limit[],
  low: number,
  high: number,
  step = 0,
): LargestResult {
  const input = columnOf(sheet, by);
  for (const limit of limits) columnOf(sheet, limit.cell);
  if (input.type.is !== 'number') throw new FlopsheetError('ARG', `${address(by)} is not a number that can be varied`);
  if (!(low < high) || step < 0)
    throw new FlopsheetError('ARG', `there is nothing to search between ${low} and ${high}`, {
      hint: 'the lower end comes first',
    });
  const snap = (x: number): number => (step > 0 ? Math.max(Math.floor(x / step + 1e-9) * step, low) : x);
  let iterations = 0;
  return restoring(sheet, [by], (type) => {
    const stop = (x: number): Limit | null => {
      iterations++;
      type([String(x)]);
      return broken(sheet, limits);
    };
    const point = (i: number): number =>
      snap(
        i === 0
          ? low
          : i === PROBES
            ? high
            : low > 0
              ? low * (high / low) ** (i / PROBES)
              : low + ((high - low) * i) / PROBES,
      );
    let stopped: Limit | null = null;
    for (let i = PROBES; i >= 0; i--) {
      const found = stop(point(i));
      if (found) {
        stopped = found;
        continue;
      }
      let [good, bad] = [point(i), i === PROBES ? point(i) : point(i + 1)];
      for (let k = 0; k < HALVINGS && stopped && bad - good > Math.max(step * 1.5, 1e-13 * Math.abs(bad)); k++) {
        const middle = snap((good + bad) / 2);
        if (middle <= good) break;
        const why = stop(middle);
        if (why) [bad, stopped] = [middle, why];
        else good = middle;
      }
      return {
        text: String(good),
        display: formatNumber(input.def, input.unit, good),
        value: good * input.unit.scale,
        iterations,
        stoppedBy: stopped,
      };
    }
    throw noSolution(sheet, stopped as Limit, low, high, (x) => void stop(x));
  });
}

/** Says how near the limit comes over the interval. */
function noSolution(sheet: Sheet, limit: Limit, low: number, high: number, visit: (x: number) => void): FlopsheetError {
  const column = columnOf(sheet, limit.cell);
  const show = (value: number): string => formatNumber(column.def, column.unit, value / column.unit.scale);
  const reached = [low, Math.sqrt(Math.abs(low * high)), high].map((x) => {
    visit(x);
    return valueOf(sheet, limit.cell);
  });
  const name = `${column.def.label} (${address(limit.cell)})`;
  const known = reached.filter(Number.isFinite);
  const why =
    known.length === 0
      ? `${name} is unknown for every value tried`
      : limit.atMost !== undefined && known.every((value) => value > (limit.atMost as number))
        ? `${name} is at least ${show(Math.min(...known))}, above ${show(limit.atMost)}, for every value tried`
        : limit.atLeast !== undefined && known.every((value) => value < (limit.atLeast as number))
          ? `${name} is at most ${show(Math.max(...known))}, below ${show(limit.atLeast)}, for every value tried`
          : `the limits are never kept together; at the lower end ${name} is ${show(reached[0] as number)}`;
  return new FlopsheetError('NO_SOLUTION', `no solution, because ${why}`, {
    where: address(limit.cell),
    hint: known.length === 0 ? 'fill in what it still needs' : 'ease this limit, or vary another input',
  });
}
