import { fitWithPriors } from '../cluster/map-fit.ts';
import { FlopsheetError } from '../errors.ts';
import type { MeasuredPoint } from './benchmark-file.ts';
import { closedLoop } from './closed-loop.ts';
import type { Deployment } from './deployment.ts';
import { resolveDeployment } from './deployment.ts';
import type { Efficiency } from './efficiency.ts';
import type { ServingFit } from './serving-fit.ts';

/** Efficiencies a handful of measurements can move, with how far (log standard deviation) the fitted ones may be off. */
const MOVED: readonly (readonly [name: keyof Efficiency, sd: number, kind: 'fraction' | 'seconds'])[] = [
  ['weightRead', 0.25, 'fraction'],
  ['cacheRead', 0.4, 'fraction'],
  ['decodeFlop', 0.4, 'fraction'],
  ['prefillFlop', 0.4, 'fraction'],
  ['layerSeconds', 0.5, 'seconds'],
  ['expertLayerSeconds', 0.5, 'seconds'],
  ['sequenceSeconds', 0.8, 'seconds'],
  ['allReduceSeconds', 0.5, 'seconds'],
  ['requestSeconds', 0.7, 'seconds'],
];

/** What one's own measurements say. */
export interface OwnFit {
  readonly efficiency: Partial<Efficiency>;
  readonly moved: readonly { readonly name: keyof Efficiency; readonly before: number; readonly after: number }[];
  /** Mean |predicted / measured - 1| of TPOT before and after, and leaving each point out in turn (`null` with one point). */
  readonly errorBefore: number;
  readonly errorAfter: number;
  readonly errorLeftOut: number | null;
  readonly points: readonly { readonly measured: MeasuredPoint; readonly before: number; readonly after: number }[];
}

const cap = (value: number): number => Math.min(1, value);

/**
 * Moves the fitted efficiencies of a deployment towards measured points (Gaussian priors around the shipped fit): a few
 * points shift what they inform and leave the rest. Lengths and concurrency come from each point.
 */
export function fitMeasured(d: Deployment, fit: ServingFit, points: readonly MeasuredPoint[]): OwnFit {
  if (points.length === 0)
    throw new FlopsheetError('benchmark', 'There is no measured point to fit to.', { hint: 'Paste at least one run.' });
  const cases = points.map((p) => {
    const resolved = resolveDeployment(
      { ...d, request: { ...d.request, inputTokens: p.inputTokens, outputTokens: p.outputTokens } },
      fit,
    );
    return { p, resolved };
  });
  const base = cases[0]!.resolved.efficiency;
  const shifted = (theta: Float64Array): Efficiency => {
    const out: Record<string, number> = { ...base };
    MOVED.forEach(([name, , kind], j) => {
      const value = base[name] * Math.exp(theta[j]!);
      out[name] = kind === 'fraction' ? cap(value) : value;
    });
    return out as unknown as Efficiency;
  };
  const tpotOf = (i: number, e: Efficiency): { tpot: number; ttft: number } => {
    const { p, resolved } = cases[i]!;
    return closedLoop(
      resolved.replica,
      e,
      resolved.deployment.request,
      p.concurrency / resolved.replicas,
      Math.max(1, resolved.memory.maxBatch),
      resolved.prefillReplica !== null,
    );
  };
  const priors = MOVED.map(([, sd]) => ({ mean: 0, sd }));
  const solve = (used: readonly number[]): Float64Array =>
    fitWithPriors(
      priors,
      2 * used.length,
      (theta, row) => {
        const i = used[row >> 1]!;
        const e = shifted(theta);
        const { p } = cases[i]!;
        const loop = tpotOf(i, e);
        if (row % 2 === 0) return Math.log(loop.tpot / p.tpot);
        return p.ttft === null ? 0 : 0.3 * Math.log(loop.ttft / p.ttft);
      },
      { sigma: 0.04, softness: 2, iterations: 25 },
    ).theta;
  const all = points.map((_, i) => i);
  const theta = solve(all);
  const own = shifted(theta);
  const relative = (i: number, e: Efficiency): number => Math.abs(tpotOf(i, e).tpot / points[i]!.tpot - 1);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    efficiency: Object.fromEntries(MOVED.map(([name]) => [name, own[name]])),
    moved: MOVED.map(([name]) => ({ name, before: base[name], after: own[name] })),
    errorBefore: mean(all.map((i) => relative(i, base))),
    errorAfter: mean(all.map((i) => relative(i, own))),
    errorLeftOut:
      points.length < 2 ? null : mean(all.map((i) => relative(i, shifted(solve(all.filter((other) => other !== i)))))),
    points: points.map((measured, i) => ({ measured, before: tpotOf(i, base).tpot, after: tpotOf(i, own).tpot })),
  };
}
