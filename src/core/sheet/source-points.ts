/**
 * Normal points of uncertain sources. Every source has its own scrambled Sobol dimension, by the number the plan keeps for
 * it; ranges typed in cells of one column share a factor besides, and the plan's correlations hold. Points are made where
 * they are used: only shared factors and correlated sources are kept.
 */
import type { Plan } from '../document/plan.ts';
import { correlateInto, gaussianFromRank, mixFactorInto } from '../uncertainty/copula.ts';
import { SOBOL_DIMENSIONS } from '../uncertainty/joe-kuo.ts';
import { hashText } from '../uncertainty/rng.ts';
import { normalQuantile } from '../uncertainty/normal.ts';
import { resampledUniforms, sourceNormals } from '../uncertainty/sobol.ts';
import { COLUMN_CORRELATION, correlationModel, familyOf, type CorrelationModel } from './correlations.ts';

export interface PointSettings {
  readonly samples: number;
  readonly seed: number;
  /** Rank correlation between ranges typed in cells of one column, in place of everything the plan sets. */
  readonly columnCorrelation?: number;
  /** Sources and shared factors that take a second, independent set of points: for total sensitivity indices. */
  readonly resample?: ReadonlySet<string>;
}

export class SourcePoints {
  private readonly samples: number;
  private readonly seed: number;
  private readonly sources: Plan['sources'];
  private readonly gaussian: number;
  private readonly resample: ReadonlySet<string> | null;
  private readonly correlations: CorrelationModel | null;
  private readonly normals = new Map<string, Float64Array>();

  /** Throws `CORRELATION` when the plan's correlations cannot be. */
  constructor(plan: Plan, { samples, seed, columnCorrelation, resample }: PointSettings) {
    this.resample = resample ?? null;
    this.samples = samples;
    this.seed = seed;
    this.sources = plan.sources;
    this.gaussian = gaussianFromRank(columnCorrelation ?? COLUMN_CORRELATION);
    this.correlations = columnCorrelation === undefined ? correlationModel(plan.correlations) : null;
  }

  /** Points `start`, `start + 1`, … of the source with this key, the shared factor of its column mixed in. */
  into(key: string, out: Float64Array, start: number): void {
    const named = key.replace(/#$/, '');
    if (this.correlations?.rows.has(named)) return out.set(this.kept(named).subarray(start, start + out.length));
    this.fillNormals(key, out, start);
    const family = familyOf(key);
    const rho = family === null ? 0 : (this.correlations?.shared.get(family) ?? this.gaussian);
    if (family === null || rho === 0) return;
    const factor = this.kept(family).subarray(start, start + out.length);
    mixFactorInto(factor, out, { shared: Math.sqrt(rho), own: Math.sqrt(1 - rho) }, out, out.length);
  }

  /** All points of a shared factor or of a source that the plan's correlations name. */
  private kept(name: string): Float64Array {
    let z = this.normals.get(name);
    if (!z) {
      z = this.correlated(name);
      if (!z) this.fillNormals(name, (z = new Float64Array(this.samples)), 0);
      this.normals.set(name, z);
    }
    return z;
  }

  private independent: Float64Array[] | null = null;

  /** Points of a source that the plan's correlations name; undefined for others. */
  private correlated(name: string): Float64Array | undefined {
    const model = this.correlations;
    const row = model?.rows.get(name);
    if (!model || row === undefined) return undefined;
    const { samples } = this;
    this.independent ??= model.names.map((member) => {
      const z = new Float64Array(samples);
      this.fillNormals(member, z, 0);
      return z;
    });
    const out = new Float64Array(samples);
    correlateInto(model.factor, model.names.length, row, this.independent, out, samples);
    return out;
  }

  private fillNormals(key: string, out: Float64Array, start: number): void {
    const numbers = this.sources;
    // A column's own distribution (`runs.*.mfu#`) has the number of its column.
    const name = key.replace(/#$/, '');
    const number = Object.hasOwn(numbers, name) ? (numbers[name] as number) : undefined;
    // Sources without a number of their own, and numbers beyond the table, take hashed points: still fixed by their name.
    const dimension =
      number !== undefined && number < SOBOL_DIMENSIONS ? number : SOBOL_DIMENSIONS + (hashText(key) >>> 1);
    if (!this.resample?.has(name)) return sourceNormals(out, dimension, this.seed, start, out.length);
    resampledUniforms(out, dimension, this.seed, start, out.length);
    for (let i = 0; i < out.length; i++) out[i] = normalQuantile(out[i] as number);
  }
}
