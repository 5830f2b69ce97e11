/** Scaling laws: published laws as data, their optima and uncertainty, fits to one's own runs, and the MoE trade-off. */
export { batchTradeoff, powerLaw } from './batch-size.ts';
export { dataLimitedOptimum, lossWithRepetition } from './data-limited.ts';
export { computeEfficiency, computeMultiple, marginalValue, overTraining } from './decisions.ts';
export { flopForLoss, frontierLoss, lossFunction, optimalAllocation } from './equations.ts';
export { fitLaw } from './fit.ts';
export type { FitMethod, FitOptions, FitResult } from './fit.ts';
export { fitRepetition } from './fit-repetition.ts';
export { inferenceAwareOptimum } from './inference-aware.ts';
export { fitJson, lawJson, lawPointJson, moeJson } from './json.ts';
export { findLaw, LAWS } from './laws.ts';
export { efficiencyLeverage, moeLossFunction } from './moe-equations.ts';
export { moeOptimum, moeSurface, moeTradeoff, optimalGranularity, optimalSparsity } from './moe-tradeoff.ts';
export { frontier, lawPoint } from './point.ts';
export type { LawPoint, LawQuery } from './point.ts';
export { parsePoints } from './points.ts';
export type { Finding, PointOptions, ScalingPoints } from './points.ts';
export { precisionLoss } from './precision.ts';
export type { Law, LawDomain, LawSource, LawUncertainty, LawWarning, TrustGrade } from './types.ts';
