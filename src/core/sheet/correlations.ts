/**
 * Correlations typed in the plan, joined with the factor that ranges of one column share, as one Gaussian copula.
 *
 * A name is a cell (`runs.r1.mfu`, `assumptions.pue`) or a column's shared factor (`runs.*.mfu`); the factor paired with
 * itself sets how much the column's cells share. Cells of two columns whose factors are correlated are correlated through
 * them. A pair that is typed holds exactly; what its cells share with the rest of their columns gives way as far as it must.
 */
import type { Correlation, Plan } from '../document/plan.ts';
import { TABLE_IDS } from '../document/plan.ts';
import { FlopsheetError } from '../errors.ts';
import { cholesky, nearestCorrelation } from '../uncertainty/correlation-matrix.ts';
import { checkCorrelations, gaussianFromRank, rankFromGaussian } from '../uncertainty/copula.ts';

/** Rank correlation between ranges typed in cells of one column, unless set. */
export const COLUMN_CORRELATION = 0.5;

export interface CorrelationModel {
  /** Row of each source in the factor, by source key. */
  readonly rows: ReadonlyMap<string, number>;
  readonly names: readonly string[];
  /** Cholesky factor of the Gaussian correlations, row-major. */
  readonly factor: Float64Array;
  /** Gaussian correlation of the cells of a column, by the name of its factor, where it was typed. */
  readonly shared: ReadonlyMap<string, number>;
}

/** The factor that ranges typed in one column share; assumptions are different quantities and share none. */
export function familyOf(key: string): string | null {
  const first = key.indexOf('.');
  const table = key.slice(0, first);
  const row = key.slice(first + 1, key.lastIndexOf('.'));
  if (table === 'assumptions' || row === '*' || !(TABLE_IDS as readonly string[]).includes(table)) return null;
  return `${table}.*.${key.slice(key.lastIndexOf('.') + 1).replace(/#.*$/, '')}`;
}

/** The source key a typed name stands for. Throws `CORRELATION` for what is neither a cell nor a column. */
export function correlationName(name: string): string {
  const parts = name.trim().split('.');
  const known = (TABLE_IDS as readonly string[]).includes(parts[0] as string);
  if (known && parts[0] === 'assumptions' && parts.length === 2 && parts[1]) return `${name.trim()}.value`;
  if (known && parts.length >= 3 && parts.every((part) => part !== '')) return name.trim();
  throw new FlopsheetError('CORRELATION', `"${name}" is neither a cell nor a column`, {
    hint: 'write "runs.r1.mfu" for a cell, "runs.*.mfu" for a whole column, or "assumptions.pue"',
  });
}

/** A list of correlations, read: names of cells and columns, and what stands between them on the Gaussian scale. */
interface ReadCorrelations {
  readonly names: readonly string[];
  /** By pair, both ways round. */
  readonly given: ReadonlyMap<string, number>;
  readonly shared: ReadonlyMap<string, number>;
}

function readCorrelations(typed: readonly Correlation[]): ReadCorrelations {
  const shared = new Map<string, number>();
  const given = new Map<string, number>();
  const names: string[] = [];
  const add = (name: string): void => {
    if (!names.includes(name)) names.push(name);
  };
  for (const { a, b, rank } of typed) {
    const [x, y] = [correlationName(a), correlationName(b)];
    if (!(rank >= -1 && rank <= 1))
      throw new FlopsheetError('CORRELATION', `the correlation of ${a} and ${b} is ${rank}`, {
        hint: 'a correlation is between -1 and 1',
      });
    for (const name of [x, y]) {
      const family = familyOf(name);
      if (family) add(family);
      add(name);
    }
    if (x !== y) given.set(pair(x, y), gaussianFromRank(rank)).set(pair(y, x), gaussianFromRank(rank));
    else if (x.includes('.*.') && rank >= 0 && rank < 1) shared.set(x, gaussianFromRank(rank));
    else
      throw new FlopsheetError('CORRELATION', `the correlation of ${a} with itself is ${rank}`, {
        hint: 'a column with itself, as in "runs.*.mfu", may be from 0 to below 1; a cell with itself is always 1',
      });
  }
  return { names, given, shared };
}

/** Gaussian correlations of all names, when columns keep `hold` (0..1) of their hold on the cells that are named. */
function matrixOf({ names, given, shared }: ReadCorrelations, hold: number): Float64Array {
  const size = names.length;
  const rho = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++)
      rho[i * size + j] = rho[j * size + i] =
        i === j ? 1 : gaussian(names[i] as string, names[j] as string, given, shared, hold);
  return rho;
}

/**
 * The copula of a plan; null when no correlations are typed. Throws `CORRELATION` for a number outside -1..1 and for a
 * table that no quantities can have, with the nearest that they can.
 */
export function correlationModel(typed: readonly Correlation[] | undefined): CorrelationModel | null {
  if (!typed || typed.length === 0) return null;
  const read = readCorrelations(typed);
  const { names, shared } = read;
  const table = (hold: number): Float64Array => matrixOf(read, hold);
  const size = names.length;
  let factor = cholesky(table(1), size);
  // The strongest hold of the columns on the named cells that the typed pairs allow.
  let [low, high] = [0, 1];
  for (let i = 0; factor === null && i < 24; i++) {
    const middle = (low + high) / 2;
    if (cholesky(table(middle), size)) low = middle;
    else high = middle;
  }
  factor ??= cholesky(table(low * 0.999), size);
  if (factor === null) {
    const check = checkCorrelations(table(0).map(rankOf), size, names);
    if (!check.ok) throw check.problem;
    factor = check.factor;
  }
  return { rows: new Map(names.map((name, row) => [name, row])), names, factor, shared };
}

function pair(a: string, b: string): string {
  return `${a}\n${b}`;
}

/**
 * The possible correlations nearest to an impossible list (Higham 2002, on the Gaussian scale), to three decimals: pairs
 * that are not in the list stay uncorrelated. A list that is possible comes back as it is. Throws `CORRELATION` for names
 * and numbers that cannot be read.
 */
export function nearestPossible(typed: readonly Correlation[]): Correlation[] {
  const read = readCorrelations(typed);
  const { names, given } = read;
  const size = names.length;
  if (cholesky(matrixOf(read, 0), size)) return [...typed];
  const fixed = new Uint8Array(size * size);
  for (let k = 0; k < fixed.length; k++)
    if (!given.has(pair(names[Math.floor(k / size)] as string, names[k % size] as string))) fixed[k] = 1;
  const near = nearestCorrelation(matrixOf(read, 0), size, fixed);
  // Rounding may step over the edge of the possible: then a little less of everything.
  for (let part = 1; ; part -= 0.001) {
    const list = typed.map((own): Correlation => {
      const [x, y] = [correlationName(own.a), correlationName(own.b)];
      if (x === y) return own;
      const rho = near[names.indexOf(x) * size + names.indexOf(y)] as number;
      return { ...own, rank: Number((part * rankFromGaussian(rho)).toFixed(3)) };
    });
    if (cholesky(matrixOf(readCorrelations(list), 0), size)) return list;
  }
}

/** As people typed it: without the last bits of the way there and back. */
function rankOf(rho: number): number {
  return Math.max(-1, Math.min(1, Number(rankFromGaussian(rho).toFixed(12))));
}

/** Gaussian correlation of two different sources: typed, or what their columns' factors give with a hold of 0..1. */
function gaussian(
  a: string,
  b: string,
  given: ReadonlyMap<string, number>,
  shared: ReadonlyMap<string, number>,
  hold: number,
): number {
  const own = given.get(pair(a, b));
  if (own !== undefined) return own;
  const [familyA, familyB] = [familyOf(a), familyOf(b)];
  if (familyA === null && familyB === null) return 0;
  const weight = (family: string | null): number =>
    family === null ? 1 : hold * Math.sqrt(shared.get(family) ?? gaussianFromRank(COLUMN_CORRELATION));
  const [x, y] = [familyA ?? a, familyB ?? b];
  return weight(familyA) * weight(familyB) * (x === y ? 1 : (given.get(pair(x, y)) ?? 0));
}

/** Refuses correlations that cannot be, before a plan takes them. Throws `CORRELATION`. */
export function checkPlanCorrelations(plan: Pick<Plan, 'correlations'>): void {
  correlationModel(plan.correlations);
}
