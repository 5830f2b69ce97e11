/** Functions over the cluster: predicted speed and memory of a run, failures and goodput of a job. */
import type { Family } from '../../cluster/predictor-fit.ts';
import { RECOMPUTES, trainingSetup } from '../../cluster/layout.ts';
import type { Precision } from '../../cluster/hardware.ts';
import type { Recompute } from '../../cluster/layout.ts';
import {
  dalyInterval,
  effectiveTrainingTimeRatio,
  exactWallTime,
  jobMttfHours,
  spareNodes,
  youngInterval,
} from '../../cluster/reliability.ts';
import { SHIPPED_PREDICTOR_FIT, shippedHardware } from '../../cluster/shipped.ts';
import { answerTraining, type TrainingAnswer } from '../../cluster/training-answer.ts';
import { FlopsheetError } from '../../errors.ts';
import { identity, type Computation } from '../../formula/answers.ts';
import { dateParts } from '../../formula/dates.ts';
import type { BreakdownItem, FunctionDef, LibraryContext } from '../../formula/function.ts';
import type { Architecture } from '../../model/architecture.ts';
import type { CatalogRow } from '../../sheet/catalog.ts';
import { PRECISIONS } from './hardware.ts';

const PARAMS = [
  { name: 'model', type: 'reference:model' },
  { name: 'hardware', type: 'reference:hardware' },
  { name: 'precision', type: `choice:${PRECISIONS.join('|')}` },
  { name: 'chips', type: 'chip' },
  { name: 'seq_len', type: 'token' },
  { name: 'batch_tokens', type: 'token' },
  { name: 'layout', type: 'text', doc: 'auto, or for example tp8 pp16 vp7 mb1 zero1' },
  { name: 'recompute', type: `choice:${RECOMPUTES.join('|')}`, doc: 'of a layout that is given; auto chooses its own' },
  {
    name: 'software_date',
    type: 'date',
    optional: true,
    doc: 'release of the training software; 2026-01-01 if left out',
  },
] as const;

const EXAMPLE =
  '("llama-3.1-405b", "h100-sxm", "bf16", 16384 chip, 8192 token, 16777216 token, "tp8 pp16 vp7 mb1", "none", 2024-07-01)';
const SOURCE = 'roofline with efficiencies fitted on published runs, see docs/accuracy.md';

/** Formats the predictor knows by the names of the precision column. */
const FORMATS: Readonly<Record<string, Precision>> = { bf16: 'bf16', fp16: 'bf16', fp8: 'fp8', fp4: 'fp4' };

/** Normal points of P90 and P95: bands are P10 to P90, ranges P5 to P95. */
const Z90 = 1.2815515655446004;
const Z95 = 1.6448536269514722;

/** 2026-01-01, the year the fit's software parameters are relative to, as a day number. */
const NEWEST_KNOWN_DAY = 20_454;

/** Decimal year of a day number, to the month: software is dated no finer, and samples of a date share answers. */
function yearOfDay(day: number): number {
  const { year, month } = dateParts(day);
  return year + (month - 1) / 12;
}

/** A run as the predictor is asked about it: plain data, so that a worker can answer. */
interface TrainingQuestion {
  readonly model: Architecture;
  readonly hardware: string;
  readonly fields: CatalogRow['fields'];
  readonly precision: Precision;
  readonly chips: number;
  readonly seqLen: number;
  readonly batchSeqs: number;
  readonly layout: string;
  readonly recompute: Recompute;
  readonly stackYear: number;
}

/** The predicted step of a run. */
export const TRAINING: Computation<TrainingQuestion, TrainingAnswer> = {
  name: 'training',
  compute: (q) =>
    answerTraining(
      q.model,
      shippedHardware(q.hardware, q.fields),
      trainingSetup({ seqLen: q.seqLen, batchSeqs: q.batchSeqs, precision: q.precision, stackYear: q.stackYear }),
      q.chips,
      q.layout,
      q.recompute,
      SHIPPED_PREDICTOR_FIT,
    ),
};

/** The run's predicted step; null with reasons when there is none. */
function answer(args: readonly number[], context: LibraryContext): TrainingAnswer | null {
  const [model = 0, hardware = 0, precision = 0, chips = 0, seq = 0, batch = 0, layout = 0, recompute = 0] = args;
  const stackYear = yearOfDay(args[8] ?? NEWEST_KNOWN_DAY);
  const no = (...reasons: string[]): null => {
    for (const reason of reasons) context.because(reason);
    return null;
  };
  const payload = context.payload('model', context.text(model)) as Architecture | undefined;
  if (payload?.kind !== 'transformer')
    return no(
      `the architecture of "${context.text(model)}" is not known`,
      'choose a model of the catalog that has one, or drop its config.json on the app',
    );
  const key = context.text(hardware);
  const row = context.rows('hardware').get(key);
  if (row === undefined) return no(`there is no chip "${key}" in the catalog`, 'choose a chip from the catalog');
  const format = FORMATS[context.text(precision)];
  if (format === undefined)
    return no(`the predictor has no rates for ${context.text(precision)}`, 'choose bf16, fp16, fp8 or fp4');
  const question: TrainingQuestion = {
    model: payload,
    hardware: key,
    fields: row.fields,
    precision: format,
    chips: Math.round(chips),
    seqLen: Math.round(seq),
    batchSeqs: Math.max(1, Math.round(batch / seq)),
    layout: context.text(layout),
    recompute: context.text(recompute) as Recompute,
    stackYear,
  };
  const { model: _model, fields: _fields, ...asked } = question;
  const outcome = context.answer({
    computation: TRAINING,
    key: ['training', identity(payload), identity(row), ...Object.values(asked)].join('|'),
    data: question,
  });
  if (outcome === null) return null;
  return 'answer' in outcome ? (outcome.answer as TrainingAnswer) : no(...outcome.reasons);
}

function ofRun(
  name: string,
  result: string,
  doc: string,
  pick: (a: TrainingAnswer) => number,
  parts: (a: TrainingAnswer) => readonly BreakdownItem[],
): FunctionDef {
  return {
    name,
    group: 'cluster',
    params: PARAMS,
    result,
    doc,
    example: `${name}${EXAMPLE}`,
    source: SOURCE,
    memo: true,
    expensive: true,
    compute: (args, context) => {
      const found = answer(args, context);
      return found === null ? Number.NaN : pick(found);
    },
    breakdown: (args, context) => {
      const found = answer(args, context);
      return found === null ? [] : [{ label: 'layout', value: found.layoutText, unit: '' }, ...parts(found)];
    },
  };
}

const stepParts = ({ prediction: p }: TrainingAnswer): BreakdownItem[] => [
  ...Object.entries(p.parts)
    .filter(([, seconds]) => seconds > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([part, value]) => ({ label: part.replaceAll('_', ' '), value, unit: 's' })),
  { label: 'step at p10', value: p.p10, unit: 's' },
  { label: 'step at p90', value: p.p90, unit: 's' },
  { label: 'bottleneck', value: p.bottleneck, unit: '' },
  ...p.notes.map((note) => ({ label: 'note', value: note, unit: '' })),
];

const memoryParts = ({ prediction: { memory: m } }: TrainingAnswer): BreakdownItem[] =>
  Object.entries({
    weights: m.weights,
    gradients: m.gradients,
    optimizer: m.optimizer,
    activations: m.activations,
    logits: m.logits,
    buffers: m.buffers,
    'framework and allocator': m.framework,
  }).map(([label, bytes]) => ({ label, value: bytes, unit: 'byte' }));

export const CLUSTER_FUNCTIONS: readonly FunctionDef[] = [
  ofRun(
    'predicted_tokens_per_s',
    'token/s',
    'Predicted speed of a run while it runs, with the parts of its step: matrix products, attention, exchange, pipeline bubble, optimizer.',
    (a) => a.prediction.tokensPerSecond,
    stepParts,
  ),
  ofRun(
    'memory_per_chip',
    'byte/chip',
    'Memory a run needs on its fullest chip, by part.',
    (a) => a.prediction.memory.total,
    memoryParts,
  ),
  ofRun(
    'fits_memory',
    'boolean',
    'Whether a run fits into the memory of its chips, with the room an allocator needs.',
    (a) => (a.prediction.fits ? 1 : 0),
    memoryParts,
  ),
  {
    name: 'predictor_error',
    group: 'cluster',
    params: [{ name: 'family', type: 'choice:dense|moe_hybrid', doc: 'dense layers, or experts and recurrent mixers' }],
    result: '1',
    doc: 'Measured over predicted speed at the upper end of its 90 % interval, on runs the fit has not seen; the lower end is its inverse.',
    example: 'predictor_error("dense")',
    source: 'docs/accuracy.md',
    compute: ([family], context) => {
      const { low, high } = SHIPPED_PREDICTOR_FIT.bands[context.text(family as number) as Family];
      return Math.exp(((high - low) / 2) * (Z95 / Z90));
    },
  },
  {
    name: 'job_mttf',
    group: 'cluster',
    params: [
      { name: 'nodes', type: '1' },
      { name: 'failures_per_node_day', type: '1' },
    ],
    result: 's',
    doc: 'Mean time between failures that stop a job: a day over nodes times failures per node-day.',
    example: 'job_mttf(2048, 0.0065)',
    source: 'Kokolis et al. 2024, arXiv 2410.21680',
    compute: ([nodes, rate], context) => said(context, () => jobMttfHours(nodes as number, rate as number) * 3600),
  },
  {
    name: 'checkpoint_interval',
    group: 'cluster',
    params: [
      { name: 'checkpoint_s', type: 's', doc: 'time a checkpoint stops training' },
      { name: 'mttf', type: 's' },
    ],
    result: 's',
    doc: 'Young’s interval between checkpoints: the root of twice the checkpoint time and the mean time to failure.',
    example: 'checkpoint_interval(60 s, 2 h)',
    source: 'Young 1974',
    compute: ([checkpoint, mttf], context) => said(context, () => youngInterval(checkpoint as number, mttf as number)),
  },
  {
    name: 'daly_interval',
    group: 'cluster',
    params: [
      { name: 'checkpoint_s', type: 's', doc: 'time a checkpoint stops training' },
      { name: 'mttf', type: 's' },
    ],
    result: 's',
    doc: 'Daly’s interval between checkpoints: Young’s with the terms that count when failures are frequent.',
    example: 'daly_interval(60 s, 2 h)',
    source: 'Daly 2006, eq. 37',
    compute: ([checkpoint, mttf], context) => said(context, () => dalyInterval(checkpoint as number, mttf as number)),
  },
  {
    name: 'expected_wall_time',
    group: 'cluster',
    params: [
      { name: 'work', type: 's', doc: 'time the job would take without failures' },
      { name: 'checkpoint_s', type: 's', doc: 'time a checkpoint stops training' },
      { name: 'recovery_s', type: 's', doc: 'time to notice, replace and restart' },
      { name: 'mttf', type: 's' },
    ],
    result: 's',
    doc: 'Expected time of a job under failures that come at random, with checkpoints at Daly’s interval; exact where failures are frequent.',
    example: 'expected_wall_time(30 day, 60 s, 600 s, 2 h)',
    source: 'Daly 2006, eq. 13',
    compute: ([work, checkpoint, recovery, mttf], context) =>
      said(context, () =>
        exactWallTime(work as number, {
          checkpointS: checkpoint as number,
          recoveryS: recovery as number,
          mttfS: mttf as number,
          intervalS: dalyInterval(checkpoint as number, mttf as number),
        }),
      ),
  },
  {
    name: 'effective_training_time',
    group: 'cluster',
    params: [
      { name: 'checkpoint_s', type: 's', doc: 'time a checkpoint stops training' },
      { name: 'recovery_s', type: 's', doc: 'time to notice, replace and restart' },
      { name: 'mttf', type: 's' },
    ],
    result: '1',
    doc: 'Share of wall time that makes progress under failures, with checkpoints at Young’s interval.',
    example: 'effective_training_time(60 s, 600 s, 2 h)',
    source: 'Kokolis et al. 2024, arXiv 2410.21680',
    compute: ([checkpoint, recovery, mttf], context) =>
      said(context, () =>
        effectiveTrainingTimeRatio({
          checkpointS: checkpoint as number,
          recoveryS: recovery as number,
          mttfS: mttf as number,
        }),
      ),
  },
  {
    name: 'spare_nodes',
    group: 'cluster',
    params: [
      { name: 'nodes', type: '1' },
      { name: 'failures_per_node_day', type: '1' },
      { name: 'repair', type: 's' },
      { name: 'confidence', type: '1' },
    ],
    result: '1',
    doc: 'Spare nodes so that a failed one finds a replacement with this confidence while others are in repair.',
    example: 'spare_nodes(2048, 0.0065, 1 day, 0.99)',
    source: 'Poisson count of nodes in repair',
    memo: true,
    compute: ([nodes, rate, repair, confidence], context) =>
      said(context, () =>
        spareNodes(nodes as number, rate as number, (repair as number) / 86_400, confidence as number),
      ),
  },
];

/** A value, or unknown with the reason of a FlopsheetError. */
function said(context: LibraryContext, value: () => number): number {
  try {
    return value();
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    context.because(error.message);
    return Number.NaN;
  }
}
