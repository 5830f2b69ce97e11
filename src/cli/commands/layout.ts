import {
  SHIPPED_PREDICTOR_FIT,
  layout,
  searchLayouts,
  slowerBecause,
  validateLayout,
  type SearchResult,
} from '../../core/cluster/index.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { formatSignificant } from '../../core/format/number.ts';
import type { Command, Invocation } from '../command.ts';
import { numberFlag, wholeFlag } from '../numbers.ts';
import { layoutJson, partsJson } from '../step-json.ts';
import { table } from '../table.ts';
import { need, trainingQuestion, type TrainingQuestion } from '../training-arguments.ts';
import { layoutText } from './predict.ts';

const GIB = 2 ** 30;
const text = { type: 'string' } as const;

export const layoutCommand: Command = {
  name: 'layout',
  usage:
    '--model FILE|KEY --hardware KEY --chips N --seq S --batch-tokens T [--precision P] [--top K] [--stack --stack-date]',
  summary: 'searches the fastest layouts that fit',
  flags: {
    model: text,
    hardware: text,
    chips: text,
    seq: text,
    'batch-tokens': text,
    precision: text,
    top: text,
    stack: text,
    'stack-date': text,
  },
  minPositionals: 0,
  async run(invocation) {
    const top = wholeFlag(invocation, 'top', 1, 1000) ?? 10;
    const q = await trainingQuestion(invocation, 'layout', (seqLen) => batchSeqs(invocation, seqLen));
    assertPossible(q);
    const start = performance.now();
    const result = searchLayouts(q.profile, q.hardware, q.setup, q.chips, SHIPPED_PREDICTOR_FIT, {
      top,
      onProgress: progressOnTerminal(),
    });
    const elapsed = (performance.now() - start) / 1000;
    const notes = [...q.notes];
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
            slower_because: best === undefined ? [] : slowerBecause(best.prediction, p).slice(0, 3),
          })),
          notes,
        }),
      );
    else invocation.print(readable(q, result, elapsed, notes));
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

function readable(q: TrainingQuestion, result: SearchResult, elapsed: number, notes: readonly string[]): string {
  const best = result.layouts[0]?.prediction;
  return [
    `${q.name} on ${q.chips} ${q.hardwareKey}: ${result.considered} layouts considered, ${result.evaluated} fit, ${elapsed.toFixed(2)} s`,
    ...(best === undefined
      ? []
      : [
          table(
            ['Layout', 'Recompute', 'Step s', 'Tokens/s', 'MFU', 'GiB', 'Slower because'],
            result.layouts.map(({ layout: l, prediction: p }) => {
              const because = slowerBecause(best, p)[0];
              return [
                layoutText(l),
                l.recompute.replaceAll('_', ' '),
                formatSignificant(p.stepSeconds, 4),
                formatSignificant(p.tokensPerSecond, 4),
                `${(100 * p.mfu).toFixed(1)}%`,
                formatSignificant(p.memory.total / GIB, 4),
                because === undefined
                  ? 'fastest'
                  : `${because.part.replaceAll('_', ' ')} +${formatSignificant(because.seconds, 2)} s`,
              ];
            }),
          ),
        ]),
    ...notes.map((note) => `note: ${note}`),
  ].join('\n');
}
