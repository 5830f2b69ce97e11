/** Measurements of this machine's chips: sessions, their history, and their use as hardware. */
import * as v from 'valibot';
import type { Ceiling } from '../../core/calibrate/ceiling.ts';
import type { MatmulShape } from '../../core/calibrate/kernels/matmul.ts';
import type { PlaybookStep } from '../../core/calibrate/playbook.ts';
import type { DeviceIdentity, SessionReport } from '../../core/calibrate/measure/report.ts';
import { id, text, wholeNumber } from './arguments.ts';

const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.gtValue(0));
const device = v.strictObject({
  name: text(300),
  vendor: text(300),
  architecture: text(300),
  device: text(300),
  description: text(1000),
  fallback: v.boolean(),
  host: v.picklist(['browser', 'electron', 'node']),
  hostVersion: text(300),
  features: v.pipe(v.array(text(100)), v.maxLength(50)),
  subgroupSize: v.nullable(v.tuple([wholeNumber, wholeNumber])),
  maxBufferBytes: finite,
  workgroupBytes: finite,
  power: v.picklist(['mains', 'battery', 'unknown']),
});
const kernel = v.strictObject({
  name: v.pipe(text(200), v.minLength(1)),
  kind: v.picklist(['peak', 'intensity', 'bandwidth', 'matmul', 'attention', 'row']),
  dtype: v.picklist(['f32', 'f16', 'i8']),
  samplesS: v.pipe(v.array(positive), v.minLength(1), v.maxLength(10_000)),
  p50S: positive,
  p99S: positive,
  ciS: v.tuple([positive, positive]),
  flop: finite,
  bytes: finite,
  shape: v.nullable(v.tuple([wholeNumber, wholeNumber, wholeNumber])),
  workingSet: v.nullable(finite),
  config: text(200),
  checked: wholeNumber,
  // Only kernels that agreed with their reference have a number.
  worst: v.pipe(finite, v.minValue(0), v.maxValue(1)),
});
export const sessionReport = v.strictObject({
  version: v.literal(1),
  preset: v.picklist(['quick', 'standard']),
  device,
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  elapsedS: positive,
  complete: v.boolean(),
  stopped: text(1000),
  clock: v.picklist(['timestamp', 'wall']),
  quantumNs: v.nullable(positive),
  sentinel: v.strictObject({
    atS: v.pipe(v.array(finite), v.maxLength(1000)),
    timesS: v.pipe(v.array(finite), v.maxLength(1000)),
    spread: positive,
    driftPerMinute: finite,
    stationary: v.boolean(),
  }),
  kernels: v.pipe(v.array(kernel), v.maxLength(2000)),
  knee: v.nullable(positive),
  refused: v.pipe(v.array(v.strictObject({ name: text(300), why: text(2000) })), v.maxLength(5000)),
  tuning: v.record(
    text(100),
    v.strictObject({
      explored: wholeNumber,
      budgetHit: v.boolean(),
      best: positive,
      median: positive,
      worst: positive,
    }),
  ),
  notes: v.pipe(v.array(text(2000)), v.maxLength(1000)),
});

export const measurementMethods = {
  'measure.save': v.strictObject({ report: sessionReport, label: text(100) }),
  'measure.history': v.strictObject({}),
  'measure.mark': v.strictObject({ session: id, label: v.optional(text(100)), excluded: v.optional(v.boolean()) }),
  'measure.hardware': v.strictObject({ session: id }),
  /** Products of a model, for measuring; `tokens` at once on one chip. */
  'measure.products': v.strictObject({ model: id, tokens: v.pipe(wholeNumber, v.minValue(1), v.maxValue(1_000_000)) }),
  'measure.ceiling': v.strictObject({
    session: id,
    model: id,
    tokens: v.pipe(wholeNumber, v.minValue(1), v.maxValue(1_000_000)),
  }),
  'measure.baseline': v.strictObject({ plan: id, scenario: id, run: id }),
} as const;

export interface SessionView {
  readonly id: string;
  readonly device: number;
  readonly label: string;
  readonly excluded: boolean;
  readonly report: SessionReport;
}

export interface RunBaseline {
  readonly file: string;
  readonly fileDate: string;
  readonly card: readonly (readonly [label: string, value: string])[];
  readonly steps: readonly PlaybookStep[];
}

export interface MeasurementResults {
  /** Null: measured in software, shown and not kept. */
  'measure.save': { readonly session: string | null };
  'measure.history': {
    readonly devices: readonly { readonly id: number; readonly name: string; readonly identity: DeviceIdentity }[];
    /** Oldest first. */
    readonly sessions: readonly SessionView[];
  };
  'measure.mark': null;
  'measure.hardware': { readonly key: string };
  'measure.products': { readonly layers: readonly { readonly name: string; readonly shape: MatmulShape }[] };
  'measure.ceiling': Ceiling;
  /** Null: no log was used in this run yet. */
  'measure.baseline': RunBaseline | null;
}
