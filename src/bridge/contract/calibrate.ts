/** Logs of real runs, and their use in a plan. */
import * as v from 'valibot';
import type { MeasuredRun } from '../../core/calibrate/measured-run.ts';
import type { LogSummary } from '../../core/calibrate/summarize-log.ts';
import type { ChangeResult } from './plans.ts';
import { id, text, wholeNumber } from './arguments.ts';

const measured = v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0)));
const logSummary = v.strictObject({
  format: v.picklist(['megatron-lm', 'nanotron', 'torchtitan', 'hf-trainer', 'kineto']),
  points: wholeNumber,
  excluded: wholeNumber,
  stepSP50: measured,
  stepSP99: measured,
  drift: v.optional(v.nullable(v.pipe(v.number(), v.finite())), null),
  batchSequences: measured,
  tokensPerS: measured,
  tokensPerSPerChip: measured,
  flopPerSPerChip: measured,
  hardwareFlopPerSPerChip: measured,
  mfu: measured,
  hfu: measured,
  notes: v.array(text()),
});
const inRun = {
  plan: id,
  scenario: id,
  run: id,
  summary: logSummary,
  /** Chips the log ran on; those of the run when left out. */
  chips: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000_000))),
};

export const calibrateMethods = {
  'log.measure': v.strictObject(inRun),
  'log.use': v.strictObject({
    ...inRun,
    base: wholeNumber,
    file: v.strictObject({ name: v.pipe(text(300), v.minLength(1)), date: v.pipe(v.string(), v.isoDate()) }),
  }),
  'log.list': v.strictObject({ plan: id }),
} as const;

/** A log that was used in a run. */
export interface UsedLog {
  readonly id: string;
  readonly run: string;
  readonly file: string;
  /** ISO day. */
  readonly fileDate: string;
  readonly format: string;
  readonly importedAt: string;
  readonly summary: LogSummary;
  readonly measured: MeasuredRun;
}

export interface CalibrateResults {
  'log.measure': MeasuredRun;
  'log.use': ChangeResult;
  'log.list': readonly UsedLog[];
}
