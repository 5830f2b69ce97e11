export { predictCase } from './cases/predict-case.ts';
export type { CaseAnswer } from './cases/predict-case.ts';
export type { CaseContext, CaseRow, PredictionCase } from './cases/case.ts';
export { matchName } from './cases/names.ts';
export { TABLES, readCases, tableOf } from './cases/read.ts';
export { RUN_COLUMNS } from './cases/runs.ts';
export { usualLayout } from './auto-layout.ts';
export { fitCase, fitParameters } from './fit.ts';
export type { FitCase } from './fit.ts';
export type { FitOptions, FitResult } from './map-fit.ts';
export { PRECISIONS, decimalYear, hardwareFromCatalogRow, peakFlopPerS, supportsPrecision } from './hardware.ts';
export type { HardwareRow, HardwareSpec, Precision } from './hardware.ts';
export { hardwareCatalog } from './hardware-catalog.ts';
export {
  NO_OFFLOAD,
  OPTIMIZERS,
  RECOMPUTES,
  SCHEDULES,
  STACKS,
  chipsOf,
  layout,
  microbatches,
  trainingSetup,
} from './layout.ts';
export type { Layout, Offload, Optimizer, Recompute, Schedule, Stack, TrainingSetup } from './layout.ts';
export { PLANNABLE, fitsMemory, leastRecompute, memoryPerChip } from './memory.ts';
export type { MemoryEstimate, MemoryParts } from './memory.ts';
export { BOTTLENECKS, STEP_PARTS, familyOf, predictStep } from './predict.ts';
export type { PredictOptions, StepPart, StepPrediction } from './predict.ts';
export { readPredictorFit, writePredictorFit } from './predictor-fit.ts';
export { FEWEST_RUNS, refitPredictor } from './refit.ts';
export type { Refit, RefitRow } from './refit.ts';
export { roofline } from './roofline.ts';
export type { Bound, Roofline, RooflinePoint } from './roofline.ts';
export { sensitivities } from './sensitivity.ts';
export type { Sensitivity } from './sensitivity.ts';
export type { Band, Family, PredictorFit, PredictorFitFile } from './predictor-fit.ts';
export { profileModel } from './profile.ts';
export type { LayerProfile, ModelProfile } from './profile.ts';
export { RANKINGS, halves, ranked, scalingCurve } from './scaling-curve.ts';
export type { Ranking, ScalingCurve, ScalingOptions, ScalingPoint } from './scaling-curve.ts';
export { searchLayouts, slowerBecause } from './search.ts';
export type { FoundLayout, SearchOptions, SearchProgress, SearchResult } from './search.ts';
export type { SearchLimits } from './search-space.ts';
export { readLayout, writeLayout } from './layout-text.ts';
export { answerTraining } from './training-answer.ts';
export type { TrainingAnswer } from './training-answer.ts';
export { SHIPPED_PREDICTOR_FIT, shippedHardware, shippedVariant } from './shipped.ts';
export { validateLayout } from './validate-layout.ts';
export type { LayoutProblem } from './validate-layout.ts';
