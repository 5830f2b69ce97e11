import { readFileSync } from 'node:fs';
import {
  FEWEST_RUNS,
  OPTIMIZERS,
  RECOMPUTES,
  RUN_COLUMNS,
  SCHEDULES,
  TABLES,
  layout,
  predictCase,
  predictStep,
  readCases,
  refitPredictor,
  usualLayout,
  validateLayout,
  writePredictorFit,
  type Layout,
  type Refit,
  type StepPrediction,
} from '../../core/cluster/index.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { formatSignificant } from '../../core/format/number.ts';
import { parseCsv } from '../../import/model/csv.ts';
import { clusterContext } from '../cluster-context.ts';
import { textFlag, type Command, type Invocation } from '../command.ts';
import { assertFile } from '../models.ts';
import { numberFlag, wholeFlag } from '../numbers.ts';
import { UNANSWERED, layoutJson, predictionJson } from '../step-json.ts';
import { withCatalog } from '../store.ts';
import { table } from '../table.ts';
import { assertWritable, writeWhole } from '../write-file.ts';
import { batchSeqsFlag, choiceFlag, fitFlag, trainingQuestion, type TrainingQuestion } from '../training-arguments.ts';

const LARGEST_TABLE = 64_000_000;
const MOST_ROWS = 200_000;
const DEGREES = ['tp', 'pp', 'cp', 'ep', 'vp', 'microbatch'] as const;
const OFFLOADS = ['optimizer', 'activations', 'weights'] as const;
const text = { type: 'string' } as const;

export const predictCommand: Command = {
  name: 'predict',
  usage:
    '--model FILE|KEY --hardware KEY --chips N --seq S --batch-seqs B [--tp --pp --cp --ep --vp --microbatch --precision --recompute --fsdp --zero --expert-tp --no-sequence-parallel --offload --optimizer --node-spread --schedule --stack --stack-date --fit FIT.json] | --csv FILE [--configs DIR --fit FIT.json --refit OUT.json]',
  summary: 'step time, MFU and memory of one layout',
  flags: {
    model: text,
    hardware: text,
    chips: text,
    seq: text,
    'batch-seqs': text,
    ...Object.fromEntries(DEGREES.map((degree) => [degree, text])),
    precision: text,
    recompute: text,
    schedule: text,
    fsdp: { type: 'boolean' },
    'expert-tp': text,
    zero: text,
    'no-sequence-parallel': { type: 'boolean' },
    optimizer: text,
    offload: text,
    'node-spread': text,
    stack: text,
    'stack-date': text,
    csv: text,
    configs: text,
    fit: text,
    refit: text,
  },
  minPositionals: 0,
  async run(invocation) {
    const csv = textFlag(invocation, 'csv');
    if (csv !== undefined) return many(csv, invocation);
    if (textFlag(invocation, 'refit') !== undefined)
      throw new FlopsheetError('ARG', '--refit needs --csv with your measured runs', {
        where: '--refit',
        hint: `a table with the columns ${RUN_COLUMNS.join(', ')}`,
      });
    return one(invocation);
  },
};

/** The layout the flags describe; `null` when they say nothing of one. Throws what is wrong with it and the nearest valid choice. */
function statedLayout(invocation: Invocation, q: TrainingQuestion): Layout | null {
  const degrees = Object.fromEntries(
    DEGREES.flatMap((flag) => {
      const value = numberFlag(invocation, flag);
      return value === undefined ? [] : [[flag, value]];
    }),
  );
  const fsdp = invocation.flags['fsdp'] === true;
  const schedule = choiceFlag(invocation, 'schedule', SCHEDULES);
  const expertTp = wholeFlag(invocation, 'expert-tp', 1, 1024);
  const zero = wholeFlag(invocation, 'zero', 0, 3) as Layout['zero'] | undefined;
  const offload = offloadFlag(invocation);
  const plain = invocation.flags['no-sequence-parallel'] === true;
  const others = [schedule, expertTp, zero, offload].some((value) => value !== undefined);
  if (Object.keys(degrees).length === 0 && !fsdp && !others && !plain) return null;
  const recompute = choiceFlag(invocation, 'recompute', RECOMPUTES);
  const stated = layout({
    ...degrees,
    ...(zero === undefined ? {} : { zero }),
    ...(fsdp ? { zero: 3 as const } : {}),
    ...(expertTp === undefined ? {} : { expertTp }),
    ...(offload === undefined ? {} : { offload }),
    sequenceParallel: !plain,
    ...(schedule === undefined ? {} : { schedule }),
    ...(recompute === undefined ? {} : { recompute }),
  });
  const dp = q.chips / (stated.tp * stated.pp * stated.cp);
  return { ...stated, dp: Number.isInteger(dp) ? dp : Math.max(1, Math.floor(dp) || 1) };
}

/** What `--offload optimizer,activations` moves to host memory. */
function offloadFlag(invocation: Invocation): Layout['offload'] | undefined {
  const words = textFlag(invocation, 'offload')
    ?.split(',')
    .map((word) => word.trim().toLowerCase());
  if (words === undefined) return undefined;
  const unknown = words.find((word) => !OFFLOADS.some((what) => what === word));
  if (unknown !== undefined)
    throw new FlopsheetError('ARG', `--offload takes ${OFFLOADS.join(', ')}, not "${unknown}"`, {
      where: '--offload',
      hint: 'write for example optimizer,activations',
    });
  return {
    optimizer: words.includes('optimizer'),
    activations: words.includes('activations'),
    weights: words.includes('weights'),
  };
}

/** Throws the first thing that keeps a layout from running, naming its flag. */
function assertLayout(q: TrainingQuestion, l: Layout): void {
  const problem = validateLayout(q.profile, q.hardware, q.setup, l, q.chips)[0];
  if (problem !== undefined)
    throw new FlopsheetError('LAYOUT', problem.message, {
      where: `--${FLAG_OF[problem.field] ?? problem.field}`,
      hint: problem.hint,
    });
}

/** Flag of a field that has another name. */
const FLAG_OF: Readonly<Record<string, string>> = { seqLen: 'seq', batchSeqs: 'batch-seqs', dp: 'batch-seqs' };

async function one(invocation: Invocation): Promise<number> {
  const asked = await trainingQuestion(invocation, 'predict', () => batchSeqsFlag(invocation));
  const optimizer = choiceFlag(invocation, 'optimizer', OPTIMIZERS);
  const nodeSpread = numberFlag(invocation, 'node-spread') ?? 0;
  if (!(nodeSpread >= 0 && nodeSpread <= 1))
    throw new FlopsheetError('ARG', `a spread of nodes of ${nodeSpread} is not a share`, {
      where: '--node-spread',
      hint: 'write for example 0.02: one in six nodes is more than 2 % slower than the mean',
    });
  const q = { ...asked, setup: { ...asked.setup, nodeSpread, ...(optimizer === undefined ? {} : { optimizer }) } };
  const fit = fitFlag(invocation);
  const stated = statedLayout(invocation, q);
  const notes = [...q.notes];
  let recomputeUnknown = textFlag(invocation, 'recompute') === undefined;
  let used = stated;
  if (used === null) {
    // Sequence and format are wrong whatever the layout; the nearest valid ones are in the message.
    assertLayout({ ...q, chips: 1, setup: { ...q.setup, batchSeqs: 1 } }, layout());
    used = usualLayout(fit.theta, q.profile, q.hardware, q.setup, q.chips);
    const recompute = choiceFlag(invocation, 'recompute', RECOMPUTES);
    if (used !== null && recompute !== undefined) used = { ...used, recompute };
    if (used !== null) notes.push('No layout given: the fastest of the usual ones that fit is assumed.');
    else {
      assertLayout(q, layout({ dp: q.chips, zero: 3 }));
      used = layout({ dp: q.chips, zero: 3, recompute: 'full' });
      recomputeUnknown = false;
      notes.push('No layout given and none of the usual ones fits: fully sharded with full recomputation is shown.');
    }
  }
  assertLayout(q, used);
  const prediction = predictStep(q.profile, q.hardware, used, q.setup, fit, { recomputeUnknown });
  if (recomputeUnknown) notes.push('Recomputation not given: as much as memory forces.');
  notes.push(...prediction.notes);
  const json = { ...predictionJson(prediction), layout: layoutJson(used), hardware: q.hardwareKey, notes };
  if (invocation.json) invocation.print(JSON.stringify(json));
  else invocation.print(readable(q, used, prediction, notes));
  return prediction.fits ? 0 : 1;
}

const GIB = 2 ** 30;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const seconds = (value: number): string => `${formatSignificant(value, 4)} s`;

/** Degrees in words, those of 1 left out. */
export function layoutText(l: Layout): string {
  const degrees = (['tp', 'pp', 'cp', 'ep', 'dp', 'vp'] as const).filter((d) => l[d] > 1).map((d) => `${d} ${l[d]}`);
  return [...degrees, `microbatch ${l.microbatch}`, `zero ${l.zero}`].join(', ');
}

function readable(q: TrainingQuestion, l: Layout, p: StepPrediction, notes: readonly string[]): string {
  const parts = Object.entries(p.parts).sort((a, b) => b[1] - a[1]);
  return [
    `${q.name} on ${q.chips} ${q.hardwareKey}, ${q.setup.precision}: ${layoutText(l)}`,
    table(
      ['What', 'Value'],
      [
        ['Step', `${seconds(p.stepSeconds)} (p10 ${seconds(p.p10)}, p90 ${seconds(p.p90)})`],
        ['Tokens per second and chip', formatSignificant(p.tokensPerSecondPerChip, 4)],
        ['Model TFLOP/s per chip', formatSignificant(p.modelTflopsPerChip, 4)],
        ['MFU, HFU', `${percent(p.mfu)}, ${percent(p.hfu)}`],
        [
          'Memory per chip',
          `${formatSignificant(p.memory.total / GIB, 4)} GiB of ${formatSignificant(q.hardware.memoryBytes / GIB, 4)}: ${p.fits ? 'fits' : 'does not fit'}`,
        ],
        ['Bottleneck', p.bottleneck],
      ],
    ),
    table(
      ['Part of the step', 'Seconds', 'Share'],
      parts
        .filter(([, value]) => value > 0.001 * p.stepSeconds)
        .map(([part, value]) => [
          part.replaceAll('_', ' '),
          formatSignificant(value, 3),
          percent(value / p.stepSeconds),
        ]),
    ),
    ...notes.map((note) => `note: ${note}`),
  ].join('\n');
}

async function many(file: string, invocation: Invocation): Promise<number> {
  assertFile(file, LARGEST_TABLE, 'name a CSV file with a header line');
  const { header, rows } = parseCsv(readFileSync(file, 'utf8'), MOST_ROWS);
  if (!TABLES.some((kind) => kind.columns.every((column) => header.includes(column))))
    throw new FlopsheetError('csv-columns', `the columns of ${file} are not those of a table of training runs`, {
      where: file,
      hint: `a table has one of these pairs of columns: ${TABLES.map((kind) => kind.columns.join(' and ')).join('; ')}`,
    });
  const out = textFlag(invocation, 'refit');
  if (out !== undefined) assertWritable(out);
  const cases = await withCatalog(
    invocation,
    (catalog, store) => readCases(rows, clusterContext(catalog, store, textFlag(invocation, 'configs'))) ?? [],
  );
  const shipped = fitFlag(invocation);
  const refit = out === undefined ? null : refitPredictor(shipped, cases);
  if (out !== undefined && refit !== null)
    writeWhole(out, `${JSON.stringify(writePredictorFit(refit.fit), null, 1)}\n`);
  const first = new Map(cases.filter((c) => !c.second).map((c) => [c.row, c]));
  const answers = rows.map((_, row) => {
    const found = first.get(row);
    if (found === undefined)
      return { model: null, chip: null, ...UNANSWERED, layout: null, notes: ['The row states nothing to predict.'] };
    const { prediction, layout: used, notes } = predictCase(found, refit?.fit ?? shipped);
    return {
      model: found.model,
      chip: found.chip,
      ...(prediction === null ? UNANSWERED : predictionJson(prediction)),
      layout: used === null ? null : layoutJson(used),
      notes,
    };
  });
  if (invocation.json)
    invocation.print(JSON.stringify({ rows: answers, ...(refit === null ? {} : { refit: refitJson(refit) }) }));
  else
    invocation.print(
      table(
        ['Line', 'Model', 'Chip', 'Step s', 'Tok/s/chip', 'MFU', 'GiB', 'Note'],
        answers.map((a, i) => {
          const answer: Readonly<Record<string, unknown>> = a;
          const number = (key: string, digits: number): string =>
            typeof answer[key] === 'number' ? formatSignificant(answer[key], digits) : 'unknown';
          return [
            String(i + 2),
            a.model ?? '',
            a.chip ?? '',
            number('step_s', 4),
            number('tokens_per_s_per_chip', 4),
            number('mfu', 3),
            number('memory_gib', 4),
            a.notes[0] ?? '',
          ];
        }),
      ),
    );
  if (refit !== null && !invocation.json) invocation.print(refitText(refit, out ?? ''));
  return 0;
}

function refitJson(refit: Refit): Record<string, unknown> {
  const { adopted, before, after, rows, unused } = refit;
  return {
    adopted,
    runs: rows.length,
    mean_error_before: Number.isFinite(before) ? before : null,
    mean_error_held_out: Number.isFinite(after) && rows.length >= FEWEST_RUNS ? after : null,
    unused: unused.map(({ row, reason }) => ({ line: row + 2, reason })),
  };
}

function refitText(refit: Refit, out: string): string {
  const { adopted, before, after, rows, unused } = refit;
  return [
    rows.length < FEWEST_RUNS
      ? `${rows.length} runs can be used, ${FEWEST_RUNS} are needed: ${out} holds the fit as it was.`
      : `${rows.length} runs: mean error ${percent(before)} before, ${percent(after)} on runs left out of the refit. ${
          adopted ? `${out} holds the refit; give it with --fit.` : `No better: ${out} holds the fit as it was.`
        }`,
    ...unused.map(({ row, reason }) => `note: line ${row + 2} not used: ${reason}`),
  ].join('\n');
}
