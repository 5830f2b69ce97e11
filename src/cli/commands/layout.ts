import {
  RANKINGS,
  chipsOf,
  halves,
  layout,
  ranked,
  scalingCurve,
  searchLayouts,
  slowerBecause,
  validateLayout,
  type FoundLayout,
  type PredictorFit,
  type Ranking,
  type StepPrediction,
} from '../../core/cluster/index.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { formatSignificant } from '../../core/format/number.ts';
import type { Command, Invocation } from '../command.ts';
import { numberFlag, wholeFlag } from '../numbers.ts';
import { layoutJson, partsJson } from '../step-json.ts';
import { table } from '../table.ts';
import { choiceFlag, fitFlag, need, trainingQuestion, type TrainingQuestion } from '../training-arguments.ts';
import { layoutText } from './predict.ts';

const GIB = 2 ** 30;
const text = { type: 'string' } as const;

export const layoutCommand: Command = {
  name: 'layout',
  usage:
    '--model FILE|KEY --hardware KEY --chips N --seq S --batch-tokens T [--precision P] [--by time|cost|chips] [--usd-per-chip-hour P] [--top K] [--stack --stack-date] [--fit FIT.json]',
  summary: 'searches the fastest layouts that fit; by cost or chips over chip counts up to N',
  flags: {
    model: text,
    hardware: text,
    chips: text,
    seq: text,
    'batch-tokens': text,
    precision: text,
    by: text,
    'usd-per-chip-hour': text,
    fit: text,
    top: text,
    stack: text,
    'stack-date': text,
  },
  minPositionals: 0,
  async run(invocation) {
    const top = wholeFlag(invocation, 'top', 1, 1000) ?? 10;
    const q = await trainingQuestion(invocation, 'layout', (seqLen) => batchSeqs(invocation, seqLen));
    assertPossible(q);
    const by = choiceFlag(invocation, 'by', RANKINGS) ?? 'time';
    const price = numberFlag(invocation, 'usd-per-chip-hour') ?? null;
    if (price !== null && !(price > 0))
      throw new FlopsheetError('ARG', `a price of ${price} USD per chip-hour is not above 0`, {
        where: '--usd-per-chip-hour',
        hint: 'write for example 2.49',
      });
    const fit = fitFlag(invocation);
    const start = performance.now();
    const result = by === 'time' ? searchFor(q, fit, top) : searchCounts(q, fit, by, top);
    const elapsed = (performance.now() - start) / 1000;
    const notes = [...q.notes, ...result.notes];
    const best = result.layouts[0];
    if (best === undefined)
      notes.push(
        result.considered === 0
          ? `No degrees split ${q.setup.batchSeqs} sequences and the model over ${q.chips} chips.`
          : `None of the ${result.considered} layouts fits into ${formatSignificant(q.hardware.memoryBytes / GIB, 4)} GiB: use more chips, or chips with more memory.`,
      );
    else notes.push(...best.prediction.notes);
    if (invocation.json)
      invocation.print(
        JSON.stringify({
          configs_considered: result.considered,
          configs_evaluated: result.evaluated,
          elapsed_s: elapsed,
          layouts: result.layouts.map(({ layout: l, prediction: p }) => ({
            chips: chipsOf(l),
            ...layoutJson(l),
            step_s: p.stepSeconds,
            step_s_p10: p.p10,
            step_s_p90: p.p90,
            tokens_per_s: p.tokensPerSecond,
            mfu: p.mfu,
            hfu: p.hfu,
            memory_gib: p.memory.total / GIB,
            bottleneck: p.bottleneck,
            ...partsJson(p),
            chip_hours_per_million_tokens: chipHours(p),
            usd_per_million_tokens: price === null ? null : price * chipHours(p),
            slower_because: best === undefined ? [] : slowerBecause(best.prediction, p).slice(0, 3),
          })),
          notes,
        }),
      );
    else invocation.print(readable(q, result, by, price, elapsed, notes));
    return best === undefined ? 1 : 0;
  },
};

function batchSeqs(invocation: Invocation, seqLen: number): number {
  const tokens = need(
    numberFlag(invocation, 'batch-tokens'),
    'layout',
    'batch-tokens',
    'tokens a step, for example 4M',
  );
  const batch = tokens / seqLen;
  if (Number.isInteger(batch) && batch >= 1) return batch;
  // "4M" is meant as about 4M: the nearest whole number of sequences is taken when it is within 1 %.
  const nearest = Math.max(1, Math.round(batch));
  if (Math.abs(nearest / batch - 1) < 0.01) {
    invocation.warn(`A batch of ${nearest} sequences (${nearest * seqLen} tokens) is taken.`);
    return nearest;
  }
  throw new FlopsheetError('ARG', `a batch of ${tokens} tokens is not a number of sequences of ${seqLen}`, {
    where: '--batch-tokens',
    hint: `use ${nearest * seqLen}`,
  });
}

/** Throws what no layout can mend: the sequence, the format, a batch no split of the chips divides. */
function assertPossible(q: TrainingQuestion): void {
  const problem = validateLayout(q.profile, q.hardware, { ...q.setup, batchSeqs: 1 }, layout())[0];
  if (problem === undefined) return;
  const flag = problem.field === 'seqLen' ? 'seq' : problem.field;
  throw new FlopsheetError('LAYOUT', problem.message, { where: `--${flag}`, hint: problem.hint });
}

/** A bar on stderr where a person watches; nothing elsewhere. */
function progressOnTerminal(): (progress: { done: number }) => boolean {
  let told = 0;
  return ({ done }) => {
    const now = performance.now();
    if (process.stderr.isTTY && (now - told > 100 || done === 1)) {
      told = now;
      process.stderr.write(
        done === 1
          ? '\r\u001b[K'
          : `\r${'█'.repeat(Math.round(done * 30)).padEnd(30, '░')} ${Math.round(done * 100)} %`,
      );
    }
    return true;
  };
}

/** What a search found; by cost or chips the layouts are of several chip counts. */
interface Found {
  readonly layouts: readonly FoundLayout[];
  readonly considered: number;
  readonly evaluated: number;
  readonly notes: readonly string[];
}

function searchFor(q: TrainingQuestion, fit: PredictorFit, top: number): Found {
  return {
    ...searchLayouts(q.profile, q.hardware, q.setup, q.chips, fit, { top, onProgress: progressOnTerminal() }),
    notes: [],
  };
}

/** The best layout of every chip count up to the one given, by halves, ranked. */
function searchCounts(q: TrainingQuestion, fit: PredictorFit, by: Ranking, top: number): Found {
  let considered = 0;
  let evaluated = 0;
  const tell = progressOnTerminal();
  const counts = halves(q.chips);
  const { points } = scalingCurve(q.profile, q.hardware, q.setup, counts, fit, {
    onProgress: (done, of) => {
      considered += of.considered;
      evaluated += of.evaluated;
      return tell({ done });
    },
  });
  const rows = ranked(points, by).slice(0, top);
  const pareto = ranked(points, 'time').filter((p) => p.pareto);
  return {
    layouts: rows.map((p) => p.best),
    considered,
    evaluated,
    notes: [
      `The best layout of ${counts.join(', ')} chips each.`,
      ...(pareto.length === 0
        ? []
        : [`Nothing is both faster and cheaper than ${pareto.map((p) => p.chips).join(', ')} chips.`]),
    ],
  };
}

function chipHours(p: StepPrediction): number {
  return 1e6 / p.tokensPerSecondPerChip / 3600;
}

function readable(
  q: TrainingQuestion,
  result: Found,
  by: Ranking,
  price: number | null,
  elapsed: number,
  notes: readonly string[],
): string {
  const best = result.layouts[0]?.prediction;
  const first = { time: 'fastest', cost: 'cheapest', chips: 'fewest chips' }[by];
  return [
    `${q.name} on ${by === 'time' ? '' : 'up to '}${q.chips} ${q.hardwareKey}: ${result.considered} layouts considered, ${result.evaluated} fit, ${elapsed.toFixed(2)} s`,
    ...(best === undefined
      ? []
      : [
          table(
            [
              ...(by === 'time' ? [] : ['Chips']),
              'Layout',
              'Recompute',
              'Step s',
              'Tokens/s',
              'MFU',
              'GiB',
              price === null ? 'Chip-h per M tokens' : 'USD per M tokens',
              by === 'time' ? 'Slower because' : 'Rank',
            ],
            result.layouts.map(({ layout: l, prediction: p }, i) => {
              const because = slowerBecause(best, p)[0];
              const why =
                because === undefined || i === 0
                  ? first
                  : `${because.part.replaceAll('_', ' ')} +${formatSignificant(because.seconds, 2)} s`;
              return [
                ...(by === 'time' ? [] : [String(chipsOf(l))]),
                layoutText(l),
                l.recompute.replaceAll('_', ' '),
                formatSignificant(p.stepSeconds, 4),
                formatSignificant(p.tokensPerSecond, 4),
                `${(100 * p.mfu).toFixed(1)}%`,
                formatSignificant(p.memory.total / GIB, 4),
                formatSignificant(chipHours(p) * (price ?? 1), 3),
                by === 'time' || i === 0 ? why : String(i + 1),
              ];
            }),
          ),
        ]),
    ...notes.map((note) => `note: ${note}`),
  ].join('\n');
}
