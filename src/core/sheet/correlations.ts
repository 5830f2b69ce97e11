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
import { gaussianFromRank, rankFromGaussian } from '../uncertainty/copula.ts';

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
  const names = new Set<string>();
  for (const { a, b, rank } of typed) {
    const [x, y] = [correlationName(a), correlationName(b)];
    if (!(rank >= -1 && rank <= 1))
      throw new FlopsheetError('CORRELATION', `the correlation of ${a} and ${b} is ${rank}`, {
        hint: 'a correlation is between -1 and 1',
      });
    for (const name of [x, y]) {
      const family = familyOf(name);
      if (family) names.add(family);
      names.add(name);
    }
    if (x !== y) given.set(pair(x, y), gaussianFromRank(rank)).set(pair(y, x), gaussianFromRank(rank));
    else if (x.includes('.*.') && rank >= 0 && rank < 1) shared.set(x, gaussianFromRank(rank));
    else
      throw new FlopsheetError('CORRELATION', `the correlation of ${a} with itself is ${rank}`, {
        hint: 'a column with itself, as in "runs.*.mfu", may be from 0 to below 1; a cell with itself is always 1',
      });
  }
  return { names: [...names], given, shared };
}

/**
 * Gaussian correlations of all names, when columns keep `hold` (0..1) of their hold on the cells that are named: typed, or
 * what the factors of their columns give.
 */
function matrixOf({ names, given, shared }: ReadCorrelations, hold: number): Float64Array {
  const size = names.length;
  const place = new Map(names.map((name, i) => [name, i]));
  const typed = new Float64Array(size * size).fill(Number.NaN);
  for (const [key, rho] of given) {
    const [x, y] = key.split('\n') as [string, string];
    const [i, j] = [place.get(x), place.get(y)];
    if (i !== undefined && j !== undefined) typed[i * size + j] = rho;
  }
  // A cell stands behind the factor of its column, by a weight; anything else stands for itself.
  const behind = names.map((name) => place.get(familyOf(name) ?? name) ?? -1);
  const weight = names.map((name) => {
    const family = familyOf(name);
    return family === null ? 1 : hold * Math.sqrt(shared.get(family) ?? gaussianFromRank(COLUMN_CORRELATION));
  });
  const rho = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++) {
      const own = typed[i * size + j] as number;
      const [x, y] = [behind[i] as number, behind[j] as number];
      const between = x === y && x >= 0 ? 1 : x < 0 || y < 0 ? 0 : (typed[x * size + y] as number) || 0;
      const value = Number.isNaN(own)
        ? x === i && y === j
          ? 0
          : (weight[i] as number) * (weight[j] as number) * between
        : own;
      rho[i * size + j] = rho[j * size + i] = value;
    }
  for (let i = 0; i < size; i++) rho[i * size + i] = 1;
  return rho;
}

const models = new WeakMap<readonly Correlation[], CorrelationModel>();

/**
 * The copula of a plan; null when no correlations are typed. Throws `CORRELATION` for a number outside -1..1 and for a
 * table that no quantities can have, with the nearest that they can.
 */
export function correlationModel(typed: readonly Correlation[] | undefined): CorrelationModel | null {
  if (!typed || typed.length === 0) return null;
  const known = models.get(typed);
  if (known) return known;
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
  if (factor === null) throw contradiction(typed);
  const model = { rows: new Map(names.map((name, row) => [name, row])), names, factor, shared };
  models.set(typed, model);
  return model;
}

function contradiction(typed: readonly Correlation[]): FlopsheetError {
  const near = nearestPossible(typed);
  const changes = typed.map((own, i) => ({ own, to: near[i]?.rank ?? own.rank }));
  const worst = changes.reduce((a, b) => (Math.abs(b.to - b.own.rank) > Math.abs(a.to - a.own.rank) ? b : a));
  return new FlopsheetError(
    'CORRELATION',
    'These correlations contradict one another: no quantities can have them all',
    {
      hint: `The nearest possible table changes ${worst.own.a} and ${worst.own.b} most, from ${worst.own.rank} to ${worst.to}.`,
    },
  );
}

function pair(a: string, b: string): string {
  return `${a}\n${b}`;
}

/** Quantities that hang together for which the nearest possible table is searched; more would take too long. */
const MOST_TOGETHER = 40;

/**
 * The possible correlations nearest to an impossible list (Higham 2002, on the Gaussian scale), to three decimals: pairs
 * that are not in the list stay uncorrelated, and quantities that have nothing to do with the contradiction keep what they
 * have. Among more than 40 quantities that hang together all are lowered alike. A list that is possible comes back as it
 * is. Throws `CORRELATION` for names and numbers that cannot be read.
 */
export function nearestPossible(typed: readonly Correlation[]): Correlation[] {
  const read = readCorrelations(typed);
  let list = [...typed];
  for (const group of connected(read)) {
    const inGroup = (own: Correlation): boolean => own.a !== own.b && group.includes(correlationName(own.a));
    const within = (): ReadCorrelations => {
      const again = readCorrelations(list.filter(inGroup));
      return { ...again, names: group };
    };
    if (cholesky(matrixOf(within(), 0), group.length)) continue;
    const size = group.length;
    const wanted = matrixOf(within(), 0);
    const fixed = wanted.map((_, k) =>
      read.given.has(pair(group[Math.floor(k / size)] as string, group[k % size] as string)) ? 0 : 1,
    );
    const near = size > MOST_TOGETHER ? wanted : nearestCorrelation(wanted, size, Uint8Array.from(fixed));
    // Rounding may step over the edge of the possible: then a little less of everything.
    const before = list;
    for (
      let part = 1;
      !cholesky(matrixOf(within(), 0), size) || part === 1;
      part -= size > MOST_TOGETHER ? 0.01 : 0.001
    )
      list = before.map((own): Correlation => {
        if (!inGroup(own)) return own;
        const at = group.indexOf(correlationName(own.a)) * size + group.indexOf(correlationName(own.b));
        return { ...own, rank: Number((part * rankFromGaussian(near[at] as number)).toFixed(3)) };
      });
  }
  return list;
}

/** Names in groups that pairs hold together; names without a pair are left out. */
function connected({ names, given }: ReadCorrelations): string[][] {
  const left = new Set(names);
  const groups: string[][] = [];
  for (const first of names) {
    if (!left.delete(first)) continue;
    const group = [first];
    for (const member of group)
      for (const other of left)
        if (given.has(pair(member, other))) {
          left.delete(other);
          group.push(other);
        }
    if (group.length > 1) groups.push(group);
  }
  return groups;
}

/** Refuses correlations that cannot be, before a plan takes them. Throws `CORRELATION`. */
export function checkPlanCorrelations(plan: Pick<Plan, 'correlations'>): void {
  correlationModel(plan.correlations);
}
