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

/** How much room a limit leaves, as a share of it: negative when it is broken, NaN when its cell is unknown. */
function room(sheet: Sheet, limit: Limit): number {
  const value = valueOf(sheet, limit.cell);
  const share = (slack: number, bound: number): number => slack / (Math.abs(bound) || 1);
  const { atMost, atLeast } = limit;
  const above = atLeast === undefined ? Number.POSITIVE_INFINITY : share(value - atLeast, atLeast);
  const below = atMost === undefined ? Number.POSITIVE_INFINITY : share(atMost - value, atMost);
  return Number.isNaN(value) ? value : Math.min(above, below);
}

/** The limit that is kept least, and its room; unknown counts as not kept. */
function tightest(sheet: Sheet, limits: readonly Limit[]): { limit: Limit; room: number } {
  let worst = { limit: limits[0] as Limit, room: Number.POSITIVE_INFINITY };
  for (const limit of limits) {
    const own = room(sheet, limit);
    if (Number.isNaN(own)) return { limit, room: Number.NEGATIVE_INFINITY };
    if (own < worst.room) worst = { limit, room: own };
  }
  return worst;
}

/**
 * The largest value of `by` between `low` and `high` (display unit) at which every limit holds, to 12 digits or to the
 * multiple of `step`. The interval is probed at 49 points, evenly by ratio when both ends are positive; wherever the room
 * that the limits leave has a peak between them, the peak is searched, so that narrow windows are found too. What can be
 * missed: a window beside a larger peak within the same two steps of 1/48, and one among values that are unknown. The
 * sheet is left as it was. Throws `NO_SOLUTION` with the limit that cannot be kept and how near it comes.
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
    const probe = (x: number): Probe => {
      iterations++;
      type([String(x)]);
      return { x, ...tightest(sheet, limits) };
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
    // From the top down to the first point that keeps every limit.
    const probes: Probe[] = [];
    for (let i = PROBES; i >= 0; i--) {
      probes.unshift(probe(point(i)));
      if (holds(probes[0] as Probe)) break;
    }
    const found = highestWindow(probes, (x) => probe(snap(x)));
    if (!found) throw noSolution(sheet, (probes[0] as Probe).limit, low, high, (x) => void probe(x));
    let { good, bad } = found;
    for (let k = 0; k < HALVINGS && bad && bad.x - good.x > Math.max(step * 1.5, 1e-13 * Math.abs(bad.x)); k++) {
      const middle = snap((good.x + bad.x) / 2);
      if (middle <= good.x) break;
      const next = probe(middle);
      if (holds(next)) good = next;
      else bad = next;
    }
    return {
      text: String(good.x),
      display: formatNumber(input.def, input.unit, good.x),
      value: good.x * input.unit.scale,
      iterations,
      stoppedBy: bad?.limit ?? null,
    };
  });
}

/** A value of the input that was tried, and the limit that leaves least room there. */
interface Probe {
  readonly x: number;
  readonly limit: Limit;
  readonly room: number;
}

function holds(probe: Probe): boolean {
  return probe.room >= 0;
}

/**
 * A point that keeps every limit and the nearest point above that does not (none at the upper end). `probes` rise in x;
 * at most the first of them holds. Peaks of room above it are searched from the top by golden section.
 */
function highestWindow(
  probes: readonly Probe[],
  probe: (x: number) => Probe,
): { good: Probe; bad: Probe | null } | null {
  const first = probes[0] as Probe;
  for (let i = probes.length - 1; i >= (holds(first) ? 1 : 0); i--) {
    const here = probes[i] as Probe;
    const [below, above] = [probes[i - 1] ?? here, probes[i + 1] ?? here];
    if (here.room === Number.NEGATIVE_INFINITY || here.room < below.room || here.room < above.room) continue;
    if (here.room === below.room && here.room === above.room) continue;
    const peak = peakBetween(below.x, above.x, probe);
    if (peak) return { good: peak, bad: probes.find((other) => other.x > peak.x && !holds(other)) ?? null };
  }
  return holds(first) ? { good: first, bad: probes[1] ?? null } : null;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
const PEAK_PROBES = 40;

/** A point between two others that keeps every limit, where the room rises to one peak; null when the peak does not. */
function peakBetween(from: number, to: number, probe: (x: number) => Probe): Probe | null {
  let [low, high] = [from, to];
  let left = probe(high - GOLDEN * (high - low));
  let right = probe(low + GOLDEN * (high - low));
  for (let k = 0; k < PEAK_PROBES; k++) {
    if (holds(right)) return right;
    if (holds(left)) return left;
    if (left.room < right.room) {
      low = left.x;
      left = right;
      right = probe(low + GOLDEN * (high - low));
    } else {
      high = right.x;
      right = left;
      left = probe(high - GOLDEN * (high - low));
    }
    if (high - low <= 1e-12 * Math.abs(high) || left.x >= right.x) return null;
  }
  return null;
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
