/**
 * Sweeps: one plan evaluated for many values of its inputs. Cases are numbered, and a case is a function of the sweep and
 * its number alone, so that shards on other machines give together what one machine would give.
 */
import type { Command, TableId } from '../document/plan.ts';
import { TABLE_IDS } from '../document/plan.ts';
import { FlopsheetError } from '../errors.ts';
import { programmeCost, programmeSamples, PROGRAMME_COST } from '../sheet/compare.ts';
import { cellProblemOf } from '../sheet/diagnose.ts';
import { readCell } from '../sheet/literal.ts';
import { plainValue } from '../sheet/render.ts';
import type { Sheet } from '../sheet/sheet.ts';
import type { GoalCell } from '../sheet/solve.ts';
import { Spreads } from '../sheet/spreads.ts';
import type { ColumnState } from '../sheet/state.ts';
import { aggregateNodeOf, PROGRAMME_COLUMNS } from '../sheet/totals.ts';
import type { CellProblem, Spread } from '../sheet/view.ts';
import { sourceUniforms } from '../uncertainty/sobol.ts';

/** An input that takes given texts in turn, or points between two numbers. Cells of a `*` take the same text together. */
export type Varied = { readonly name: string; readonly id: string; readonly cells: readonly GoalCell[] } & (
  | { readonly is: 'list'; readonly texts: readonly string[]; readonly numeric: boolean }
  | { readonly is: 'range'; readonly low: number; readonly high: number; readonly log: boolean; readonly numeric: true }
);

/** A result that is written: a total of the runs, the programme's cost, or one cell. */
export interface Measure {
  readonly id: string;
  readonly unit: string;
  readonly of: { readonly total: string } | { readonly cell: GoalCell } | 'programme';
}

export interface Sweep {
  readonly varied: readonly Varied[];
  /** Points drawn in the space of the ranges; 1 without ranges. */
  readonly points: number;
  /** Seed of those points. */
  readonly seed: number;
  /** Number of cases: product of the lists' lengths and the points. */
  readonly cases: number;
}

export interface SweepCase {
  readonly number: number;
  /** By `id` of what is varied: the number in the cell's unit, or the text. */
  readonly inputs: Readonly<Record<string, number | string>>;
  /** By `id` of the measure; null is unknown. */
  readonly values: Readonly<Record<string, number | string | boolean | null>>;
  /** Only where the result varies and percentiles are wanted. */
  readonly spreads: Readonly<Record<string, Spread>>;
  /** Why a value is unknown; empty when nothing is wrong. */
  readonly problem: string;
}

const MOST_CASES = 10_000_000;

function mistake(message: string, where: string, hint: string): FlopsheetError {
  return new FlopsheetError('ARG', message, { where, hint });
}

/** Name of a column in a table of results: letters, digits and underscores. */
function columnName(name: string): string {
  return name
    .replaceAll('*', 'all')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

/** The cells of `runs.r1.mfu`, `runs."my run".mfu`, `runs.*.mfu` or `assumptions.pue`. Throws `ARG` or `NOT_FOUND`. */
function cellsOf(sheet: Sheet, name: string): GoalCell[] {
  const parts = /^([a-z]+)\.(?:"([^"]+)"|([^.]+))(?:\.([A-Za-z0-9_]+))?$/.exec(name);
  const table = parts?.[1] as TableId;
  const row = parts?.[2] ?? parts?.[3] ?? '';
  const column = parts?.[4] ?? (table === 'assumptions' ? 'value' : '');
  if (!parts || !TABLE_IDS.includes(table) || column === '')
    throw mistake(`"${name}" names no cell`, name, 'as in runs.r1.mfu, runs.*.mfu or assumptions.pue');
  const { keys, byId } = sheet.state.tables[table];
  const rows = row === '*' ? keys : keys.filter((key) => key === row);
  if (rows.length === 0 || !byId.has(column))
    throw new FlopsheetError('NOT_FOUND', `there is no cell ${name}`, {
      where: name,
      hint: rows.length === 0 ? `rows of ${table}: ${keys.join(', ') || 'none'}` : `${table} has no column ${column}`,
    });
  return rows.map((key) => ({ table, row: key, column }));
}

function columnOf(sheet: Sheet, { table, column }: GoalCell): ColumnState {
  return sheet.state.tables[table].byId.get(column) as ColumnState;
}

/** Type and unit of a cell: an assumption has its own. */
function targetOf(sheet: Sheet, cell: GoalCell) {
  const column = columnOf(sheet, cell);
  const own =
    cell.table === 'assumptions' && cell.column === 'value' ? sheet.state.assumptions.get(cell.row) : undefined;
  return { type: own?.type ?? column.type, unit: own?.unit ?? column.unit };
}

/** A number as typed, in the cell's unit. */
function endOf(sheet: Sheet, cell: GoalCell, text: string, where: string): number {
  const target = targetOf(sheet, cell);
  const read = readCell(text, target);
  if (read.is !== 'value' || !Number.isFinite(read.value) || target.type.is !== 'number')
    throw mistake(
      `"${text}" is not a number for this cell`,
      where,
      read.is === 'problem' ? read.hint : 'as in 0.3..0.5',
    );
  return read.value / target.unit.scale;
}

/** Splits at commas that stand outside parentheses and quotes. */
function listOf(text: string): string[] {
  return text.match(/(?:\([^()]*\)|"[^"]*"|[^,])+/g)?.map((part) => part.trim().replace(/^"(.*)"$/, '$1')) ?? [];
}

function even(low: number, high: number, count: number, log: boolean): string[] {
  return Array.from({ length: count }, (_, i) => {
    const share = count === 1 ? 0 : i / (count - 1);
    if (i === 0) return String(low);
    if (i === count - 1) return String(high);
    return String(log ? low * (high / low) ** share : low + (high - low) * share);
  });
}

/**
 * Reads `NAME=VALUES`. VALUES is a list (`0.3,0.4`, as typed into the cell), `A..B:N` for N even steps, or `A..B` for
 * points drawn in between; `:log` at the end spaces by ratio. Throws `ARG` or `NOT_FOUND`.
 */
export function readVaried(sheet: Sheet, text: string): Varied {
  const at = text.indexOf('=');
  const name = text.slice(0, at).trim();
  const values = text.slice(at + 1).trim();
  if (at < 1 || values === '')
    throw mistake(
      `"${text}" varies nothing`,
      '--vary',
      'as in --vary runs.r1.mfu=0.3,0.4,0.5 or --vary assumptions.pue=1.1..1.4:4',
    );
  const cells = cellsOf(sheet, name);
  const [first] = cells as [GoalCell];
  const about = { name, id: columnName(name), cells };
  const range = /^(.+?)\.\.(.+?)(?::(\d+))?(:log)?$/.exec(values);
  if (range) {
    const low = endOf(sheet, first, range[1] as string, name);
    const high = endOf(sheet, first, range[2] as string, name);
    const log = range[4] !== undefined;
    if (!(low < high)) throw mistake(`${values} is empty`, name, 'the lower end comes first');
    if (log && low <= 0) throw mistake(`${values} cannot be spaced by ratio`, name, 'both ends must be positive');
    if (range[3] === undefined) return { ...about, is: 'range', low, high, log, numeric: true };
    const count = Number(range[3]);
    if (count < 1 || count > MOST_CASES) throw mistake(`${count} steps`, name, 'at least 1 step');
    return { ...about, is: 'list', texts: even(low, high, count, log), numeric: true };
  }
  const texts = listOf(values);
  const target = targetOf(sheet, first);
  for (const own of texts) {
    const read = readCell(own, target);
    if (read.is === 'problem') throw mistake(`"${own}" does not fit ${name}: ${read.message}`, name, read.hint);
  }
  const numeric = texts.every((own) => readCell(own, target).is === 'value') && target.type.is === 'number';
  if (!numeric) return { ...about, is: 'list', texts, numeric };
  return { ...about, is: 'list', texts: texts.map((own) => String(endOf(sheet, first, own, name))), numeric };
}

/** Puts axes together. `points` is asked for exactly when something is drawn. Throws `ARG`. */
export function makeSweep(varied: readonly Varied[], points: number | undefined, seed: number): Sweep {
  const ids = varied.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw mistake(`${twice} is varied twice`, '--vary', 'name each input once');
  const drawn = varied.some(({ is }) => is === 'range');
  if (drawn && points === undefined)
    throw mistake('a range without steps is drawn from', '--points', 'say how many points, as in --points 1024');
  if (!drawn && points !== undefined)
    throw mistake(
      'there is nothing to draw from',
      '--points',
      'give a range without steps, as in runs.r1.mfu=0.3..0.5',
    );
  const cases = varied.reduce((n, one) => n * (one.is === 'list' ? one.texts.length : 1), points ?? 1);
  if (cases > MOST_CASES)
    throw mistake(`the sweep has ${cases} cases`, '--vary', `at most ${MOST_CASES}: take fewer steps`);
  return { varied, points: points ?? 1, seed, cases };
}

/** Cases of shard `index` of `count`: neighbouring numbers, so that parts put in order are the whole. */
export function shardOf(cases: number, index: number, count: number): { readonly from: number; readonly to: number } {
  return { from: Math.floor((cases * index) / count), to: Math.floor((cases * (index + 1)) / count) };
}

/** What is written: totals of the runs and the programme's cost, then the cells asked for. Throws as `readVaried`. */
export function measuresOf(sheet: Sheet, cells: readonly string[]): Measure[] {
  const totals = sheet.state.tables.runs.columns
    .filter((column) => column.def.total)
    .map((column): Measure => ({ id: column.def.id, unit: column.unit.text, of: { total: column.def.id } }));
  const programme: Measure = { id: PROGRAMME_COST, unit: sheet.plan.settings.currency, of: 'programme' };
  const own = cells.flatMap((name) =>
    cellsOf(sheet, name).map((cell): Measure => {
      const id = columnName(
        cell.table === 'assumptions' ? `${cell.table}.${cell.row}` : `${cell.table}.${cell.row}.${cell.column}`,
      );
      return { id, unit: targetOf(sheet, cell).unit.text, of: { cell } };
    }),
  );
  return [programme, ...totals, ...own];
}

/** The texts of a case: the last list turns fastest among lists, points fastest of all. */
function textsOf(sweep: Sweep, number: number): string[] {
  let rest = Math.floor(number / sweep.points);
  const point = number % sweep.points;
  const uniform = new Float64Array(1);
  const texts: string[] = [];
  for (let i = sweep.varied.length - 1; i >= 0; i--) {
    const one = sweep.varied[i] as Varied;
    if (one.is === 'list') {
      texts[i] = one.texts[rest % one.texts.length] as string;
      rest = Math.floor(rest / one.texts.length);
    } else {
      // The dimension is the place of the range among all that is varied: every shard draws the same points.
      sourceUniforms(uniform, i, sweep.seed, point, 1);
      const [u] = uniform as unknown as [number];
      texts[i] = String(one.log ? one.low * (one.high / one.low) ** u : one.low + (one.high - one.low) * u);
    }
  }
  return texts;
}

/** Where a measure is read. */
function placeOf(sheet: Sheet, of: { readonly total: string } | { readonly cell: GoalCell }): ColumnState {
  return 'total' in of ? (sheet.column('runs', of.total) as ColumnState) : columnOf(sheet, of.cell);
}

function rowOf(sheet: Sheet, { table, row }: GoalCell): number {
  return sheet.state.tables[table].rowNumber.get(row) as number;
}

function read(sheet: Sheet, { of }: Measure): number | string | boolean | null {
  const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
  if (of === 'programme') return known(programmeCost(sheet));
  const column = placeOf(sheet, of);
  if ('total' in of) return known(aggregateNodeOf(sheet, 'runs', column).result.value / column.unit.scale);
  return plainValue(sheet, column, rowOf(sheet, of.cell));
}

function spreadOf(sheet: Sheet, spreads: Spreads, { of }: Measure): Spread | undefined {
  if (of === 'programme') {
    const samples = programmeSamples(sheet, spreads.current());
    return typeof samples === 'number' ? undefined : spreads.current().spread(samples, 1);
  }
  const column = placeOf(sheet, of);
  return 'total' in of ? spreads.ofTotal('runs', column) : spreads.ofCell(column, rowOf(sheet, of.cell));
}

/** Why a measure is unknown, as far as one cell says it. */
function causeOf(sheet: Sheet, { of }: Measure): CellProblem | null {
  if (of !== 'programme' && 'cell' in of) return cellProblemOf(sheet, columnOf(sheet, of.cell), rowOf(sheet, of.cell));
  const columns = of === 'programme' ? PROGRAMME_COLUMNS : ([['runs', of.total]] as const);
  for (const [table, id] of columns) {
    const column = sheet.column(table, id);
    const included = sheet.column(table, 'included')?.values;
    for (let row = 0; column && row < column.values.length; row++)
      if (included?.[row] !== 0 && !Number.isFinite(column.values[row])) return cellProblemOf(sheet, column, row);
  }
  return null;
}

/** Evaluates the cases `from` to `to` (excluded), one after the other. The sheet is left at the last case. */
export function* runSweep(
  sheet: Sheet,
  sweep: Sweep,
  measures: readonly Measure[],
  { from, to, percentiles }: { readonly from: number; readonly to: number; readonly percentiles: boolean },
): Generator<SweepCase> {
  const spreads = new Spreads(sheet);
  for (let number = from; number < to; number++) {
    const texts = textsOf(sweep, number);
    const commands = sweep.varied.flatMap((one, i) =>
      one.cells.map((cell): Command => ({ set: [cell.table, cell.row, cell.column], to: texts[i] as string })),
    );
    if (commands.length > 0) sheet.apply(commands);
    sheet.recalculate();
    const values = Object.fromEntries(measures.map((measure) => [measure.id, read(sheet, measure)]));
    const missing = measures.find(({ id }) => values[id] === null);
    const cause = missing ? causeOf(sheet, missing) : null;
    yield {
      number,
      inputs: Object.fromEntries(
        sweep.varied.map((one, i) => [one.id, one.numeric ? Number(texts[i]) : (texts[i] as string)]),
      ),
      values,
      spreads: percentiles
        ? Object.fromEntries(
            measures.flatMap((measure) => {
              const spread = spreadOf(sheet, spreads, measure);
              return spread ? [[measure.id, spread]] : [];
            }),
          )
        : {},
      problem: cause ? `${cause.root}: ${cause.message}` : '',
    };
  }
}
