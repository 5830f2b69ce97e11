import type { Architecture } from '../model/architecture.ts';
import { microbatchFeatures, stepFeatures } from './features.ts';
import type { HardwareSpec } from './hardware.ts';
import type { Layout, Recompute, TrainingSetup } from './layout.ts';
import { NO_OFFLOAD, RECOMPUTES, layout, microbatches } from './layout.ts';
import { PLANNABLE, heldParams, microbatchMemory, stageMemory } from './memory.ts';
import type { StepPrediction } from './predict.ts';
import { STEP_PARTS, predictStep } from './predict.ts';
import type { StepPart } from './predict.ts';
import type { PredictorFit } from './predictor-fit.ts';
import type { ModelProfile } from './profile.ts';
import { profileModel } from './profile.ts';
import type { SearchLimits } from './search-space.ts';
import { OFFLOADS, degreesOf, expertDegrees, schedulesOf, shardings } from './search-space.ts';
import { assembleStep, efficiencies, layerSeconds, recomputeShare, stackFactor, stageSeconds } from './step-time.ts';
import { divisors } from './validate-layout.ts';

/** One found layout with its prediction. */
export interface FoundLayout {
  readonly layout: Layout;
  readonly prediction: StepPrediction;
}

export interface SearchResult {
  /** Best first; at most `top`. */
  readonly layouts: readonly FoundLayout[];
  /** Valid layouts looked at, and those that fit and were timed. */
  readonly considered: number;
  readonly evaluated: number;
  readonly cancelled: boolean;
}

export interface SearchProgress {
  readonly considered: number;
  readonly evaluated: number;
  /** Share of the space done, 0..1. */
  readonly done: number;
  readonly best: Layout | null;
  readonly bestSeconds: number;
}

export interface SearchOptions {
  readonly top?: number;
  readonly limits?: SearchLimits;
  /** Time layouts that do not fit as well: what would be fastest if memory were no limit. */
  readonly anyMemory?: boolean;
  /** Called after each set of degrees; false cancels. */
  readonly onProgress?: (progress: SearchProgress) => boolean;
}

/**
 * Finds the fastest layouts of `model` on `chips` of `hardware`: every valid one is considered, those that do not fit are
 * dropped by memory first, the rest is timed in closed form. Exact: equal to predicting every layout on its own.
 * An impossible request gives no layouts; `validateLayout` says why for one layout.
 */
export function searchLayouts(
  model: Architecture | ModelProfile,
  hardware: HardwareSpec,
  s: TrainingSetup,
  chips: number,
  fit: PredictorFit,
  options: SearchOptions = {},
): SearchResult {
  const p = 'groups' in model ? model : profileModel(model, s.seqLen, s.multiTokenPrediction);
  const { theta } = fit;
  const limits = options.limits ?? {};
  const top = new Top(options.top ?? 10);
  const room = options.anyMemory === true ? Infinity : hardware.memoryBytes * PLANNABLE;
  const efficiency = efficiencies(theta, hardware, s);
  const stack = stackFactor(theta, hardware, s);
  let considered = 0;
  let evaluated = 0;
  const degrees = degreesOf(p, s, chips, limits);
  const offloads = limits.offload ?? OFFLOADS;
  const recomputes: readonly Recompute[] = limits.recompute ?? RECOMPUTES;
  for (let index = 0; index < degrees.length; index++) {
    const d = degrees[index]!;
    const schedules = schedulesOf(p, d.pp, limits);
    const shards = shardings(d, hardware, limits);
    const inner = schedules.length * shards.length * offloads.length;
    const sizes = divisors(s.batchSeqs / d.dp).filter(
      (b) => limits.microbatch === undefined || limits.microbatch.includes(b),
    );
    const sp = (d.tp > 1 ? [true, false] : [true]).filter(
      (v) => limits.sequenceParallel === undefined || limits.sequenceParallel.includes(v),
    );
    for (const [ep, expertTp] of expertDegrees(p, d, limits)) {
      const held = heldParams(p, { ...d, ep, expertTp });
      for (const microbatch of sizes)
        for (const sequenceParallel of sp) {
          const base = layout({ ...d, ep, expertTp, microbatch, sequenceParallel });
          const features = microbatchFeatures(p, hardware, s, base);
          const m = microbatches(base, s.batchSeqs);
          for (const recompute of recomputes) {
            considered += inner;
            const kept = { ...base, recompute };
            const b = microbatchMemory(p, s, kept);
            const spilled = microbatchMemory(p, s, { ...kept, offload: { ...NO_OFFLOAD, activations: true } });
            // What no sharding and no schedule can take away.
            if (spilled.layer + spilled.exchange + (d.pp === 1 ? spilled.logits : 0) > room) continue;
            const t = stageSeconds(theta, features, hardware, s, recomputeShare(theta, recompute), efficiency);
            const layers = layerSeconds(t);
            for (const [schedule, vp] of schedules)
              for (const [zero, shardGroup] of shards) {
                // Offloading only adds time: what is too slow without it need not be timed with it.
                const plain: Layout = { ...kept, schedule, vp, zero, shardGroup, offload: NO_OFFLOAD };
                const floor = assembleStep(
                  theta,
                  layers,
                  t.head,
                  t.host,
                  stepFeatures(p, hardware, s, plain),
                  plain,
                  stack,
                  s,
                ).total;
                for (const offload of offloads) {
                  const candidate: Layout = { ...kept, schedule, vp, zero, shardGroup, offload };
                  const bytes = offload.activations ? spilled : b;
                  if (d.pp === 1) {
                    if (stageMemory(bytes, held, p, s, candidate, m, 'only').total > room) continue;
                  } else if (
                    stageMemory(bytes, held, p, s, candidate, m, 'first').total > room ||
                    stageMemory(bytes, held, p, s, candidate, m, 'last').total > room
                  )
                    continue;
                  evaluated++;
                  if (floor >= top.worst) continue;
                  const spills = offload.optimizer || offload.activations || offload.weights;
                  const step = spills ? stepFeatures(p, hardware, s, candidate, spilled.spill) : null;
                  const time =
                    step === null
                      ? floor
                      : assembleStep(theta, layers, t.head, t.host, step, candidate, stack, s).total;
                  if (time < top.worst) top.add(candidate, time);
                }
              }
          }
        }
    }
    const progress = {
      considered,
      evaluated,
      done: (index + 1) / degrees.length,
      best: top.best,
      bestSeconds: top.bestSeconds,
    };
    if (options.onProgress?.(progress) === false) return finish(top, p, hardware, s, fit, considered, evaluated, true);
  }
  return finish(top, p, hardware, s, fit, considered, evaluated, false);
}

function finish(
  top: Top,
  p: ModelProfile,
  h: HardwareSpec,
  s: TrainingSetup,
  fit: PredictorFit,
  considered: number,
  evaluated: number,
  cancelled: boolean,
): SearchResult {
  const layouts = top.layouts.map((found) => ({ layout: found, prediction: predictStep(p, h, found, s, fit) }));
  return { layouts, considered, evaluated, cancelled };
}

/** The fastest few, ordered; equal times keep the first found. */
class Top {
  readonly size: number;
  worst = Infinity;
  private readonly found: { layout: Layout; seconds: number }[] = [];

  constructor(size: number) {
    this.size = Math.max(1, size);
  }

  add(candidate: Layout, seconds: number): void {
    let at = this.found.length;
    while (at > 0 && this.found[at - 1]!.seconds > seconds) at--;
    this.found.splice(at, 0, { layout: candidate, seconds });
    if (this.found.length > this.size) this.found.pop();
    if (this.found.length === this.size) this.worst = this.found[this.size - 1]!.seconds;
  }

  get layouts(): readonly Layout[] {
    return this.found.map((f) => f.layout);
  }

  get best(): Layout | null {
    return this.found[0]?.layout ?? null;
  }

  get bestSeconds(): number {
    return this.found[0]?.seconds ?? Infinity;
  }
}

/** Why one layout is slower than another: the parts that cost more, largest first, in seconds per step. */
export function slowerBecause(best: StepPrediction, other: StepPrediction): { part: StepPart; seconds: number }[] {
  return STEP_PARTS.map((part) => ({ part, seconds: other.parts[part] - best.parts[part] }))
    .filter((d) => d.seconds > 0)
    .sort((a, b) => b.seconds - a.seconds);
}
