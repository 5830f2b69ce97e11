import type { MicrobatchFeatures, StepFeatures } from './features.ts';
import { microbatchFeatures, stepFeatures } from './features.ts';
import type { HardwareSpec } from './hardware.ts';
import type { Layout, TrainingSetup } from './layout.ts';
import { impliedRecompute } from './memory.ts';
import type { FitOptions, FitResult, GaussianPrior } from './map-fit.ts';
import { fitWithPriors } from './map-fit.ts';
import { PRIORS, parameterIndex } from './parameters.ts';
import type { ModelProfile } from './profile.ts';
import { assembleStep, layerSeconds, recomputeShare, stackFactor, stageSeconds } from './step-time.ts';

/** A measured run ready to be fitted. */
export interface FitCase {
  readonly hardware: HardwareSpec;
  readonly setup: TrainingSetup;
  readonly layout: Layout;
  readonly features: MicrobatchFeatures;
  readonly step: StepFeatures;
  /** Share of activations memory forces to recompute, when the run does not say what it recomputed; else `null`. */
  readonly implied: number | null;
  /** Natural logarithm of measured tokens per second and chip. */
  readonly logMeasured: number;
  /** Rows of one group (same model, chip, precision, source) share their weight: n^-0.35 each. */
  readonly weight: number;
}

/** Prepares a measured run: its features do not depend on parameters. */
export function fitCase(
  profile: ModelProfile,
  hardware: HardwareSpec,
  setup: TrainingSetup,
  layout: Layout,
  recomputeUnknown: boolean,
  tokensPerSecondPerChip: number,
  weight: number,
): FitCase {
  return {
    hardware,
    setup,
    layout,
    features: microbatchFeatures(profile, hardware, setup, layout),
    step: stepFeatures(profile, hardware, setup, layout),
    implied: recomputeUnknown ? impliedRecompute(profile, hardware, setup, layout) : null,
    logMeasured: Math.log(tokensPerSecondPerChip),
    weight,
  };
}

const IMPLIED = parameterIndex('implied recompute');

/** Share recomputed when only memory tells: a fitted part of what memory forces. */
export function impliedShare(theta: Float64Array, implied: number): number {
  return Math.min(1, Math.exp(theta[IMPLIED] ?? 0) * implied);
}

/** Natural logarithm of predicted tokens per second and chip. */
export function predictLog(theta: Float64Array, c: FitCase): number {
  const share = c.implied === null ? 0 : impliedShare(theta, c.implied);
  const recompute =
    c.implied === null ? recomputeShare(theta, c.layout.recompute) : { layers: share, attention: share };
  const t = stageSeconds(theta, c.features, c.hardware, c.setup, recompute);
  const step = assembleStep(
    theta,
    layerSeconds(t),
    t.head,
    t.host,
    c.step,
    c.layout,
    stackFactor(theta, c.hardware, c.setup),
    c.setup,
  );
  return Math.log(c.step.tokensPerChip / step.total);
}

/** Fits the parameters of the step-time model on log throughput; without cases the priors come back. */
export function fitParameters(
  cases: readonly FitCase[],
  options: FitOptions = {},
  priors: readonly GaussianPrior[] = PRIORS,
): FitResult {
  const difference = (theta: Float64Array, row: number): number => {
    const c = cases[row]!;
    return (predictLog(theta, c) - c.logMeasured) * c.weight;
  };
  return fitWithPriors(priors, cases.length, difference, options);
}
