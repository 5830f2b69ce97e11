import type { HardwareSpec } from './hardware.ts';
import { supportsPrecision } from './hardware.ts';
import type { Layout, TrainingSetup } from './layout.ts';
import { chipsOf } from './layout.ts';
import type { ModelProfile } from './profile.ts';

/** One thing wrong with a layout: what, in which field, the nearest valid value (`null` when there is none to name). */
export interface LayoutProblem {
  readonly code: string;
  readonly field: keyof Layout | keyof TrainingSetup | 'chips';
  readonly message: string;
  readonly hint: string;
  readonly nearest: number | null;
}

/** Divisors of a positive integer, ascending. */
export function divisors(n: number): number[] {
  const low: number[] = [];
  const high: number[] = [];
  for (let d = 1; d * d <= n; d++)
    if (n % d === 0) {
      low.push(d);
      if (d * d !== n) high.unshift(n / d);
    }
  return [...low, ...high];
}

/** The divisor of `n` nearest to `wanted` (ratio-wise), the smaller of two. */
export function nearestDivisor(n: number, wanted: number): number {
  let best = 1;
  for (const d of divisors(n)) if (Math.abs(Math.log(d / wanted)) < Math.abs(Math.log(best / wanted)) - 1e-12) best = d;
  return best;
}

const DEGREES = ['tp', 'pp', 'cp', 'dp', 'ep', 'expertTp', 'vp', 'microbatch'] as const;
const NAMES: Readonly<Record<(typeof DEGREES)[number], string>> = {
  tp: 'Tensor parallelism',
  pp: 'Pipeline parallelism',
  cp: 'Context parallelism',
  dp: 'Data parallelism',
  ep: 'Expert parallelism',
  expertTp: 'Tensor parallelism of experts',
  vp: 'Chunks per pipeline rank',
  microbatch: 'The microbatch',
};

/**
 * Everything that keeps a layout from running: degrees that are not whole numbers, do not divide the model, the chips or
 * the batch, a sequence beyond the model's, a format the chip lacks. Empty when it can run (memory is another question).
 * `chips` is the number at hand, when it is fixed.
 */
export function validateLayout(
  p: ModelProfile,
  h: HardwareSpec,
  s: TrainingSetup,
  l: Layout,
  chips: number | null = null,
): LayoutProblem[] {
  const problems: LayoutProblem[] = [];
  const add = (
    code: string,
    field: LayoutProblem['field'],
    message: string,
    hint: string,
    nearest: number | null = null,
  ): void => void problems.push({ code, field, message, hint, nearest });
  for (const field of DEGREES) {
    const value = l[field];
    if (!Number.isInteger(value) || value < 1)
      add(
        'layout-degree',
        field,
        `${NAMES[field]} is ${value}; it must be a whole number of at least 1.`,
        'Use 1 or more.',
        Math.max(1, Math.round(value) || 1),
      );
  }
  if (problems.length > 0) return problems;
  const used = chipsOf(l);
  if (chips !== null && used !== chips) {
    const rest = l.tp * l.pp * l.cp;
    const fits = chips % rest === 0;
    add(
      'layout-chips',
      'chips',
      `tp ${l.tp} x pp ${l.pp} x cp ${l.cp} x dp ${l.dp} is ${used} chips; there are ${chips}.`,
      fits
        ? `Set dp to ${chips / rest}.`
        : `Use ${Math.max(1, Math.floor(chips / rest)) * rest} chips, or degrees whose product divides ${chips}.`,
      fits ? chips / rest : null,
    );
  }
  modelProblems(p, l, add);
  if (l.dp > s.batchSeqs)
    add(
      'layout-batch-small',
      'dp',
      `A batch of ${s.batchSeqs} sequences cannot be split over ${l.dp} replicas.`,
      `Use dp ${nearestDivisor(s.batchSeqs, Math.min(l.dp, s.batchSeqs))}, or a batch of at least ${l.dp} sequences.`,
      nearestDivisor(s.batchSeqs, Math.min(l.dp, s.batchSeqs)),
    );
  else if (s.batchSeqs % (l.dp * l.microbatch) !== 0) {
    const each = s.batchSeqs / l.dp;
    const nearest = Number.isInteger(each) ? nearestDivisor(each, l.microbatch) : null;
    add(
      'layout-batch',
      'microbatch',
      `A batch of ${s.batchSeqs} sequences is not a multiple of dp ${l.dp} x microbatch ${l.microbatch}.`,
      nearest === null
        ? `Use a batch of ${Math.ceil(s.batchSeqs / (l.dp * l.microbatch)) * l.dp * l.microbatch} sequences.`
        : `Use a microbatch of ${nearest}.`,
      nearest,
    );
  }
  if (!(s.seqLen >= 1))
    add('layout-seq', 'seqLen', `A sequence of ${s.seqLen} tokens cannot be trained on.`, 'Use at least 1 token.', 1);
  else if (p.maxPositions !== null && s.seqLen > p.maxPositions)
    add(
      'layout-seq-long',
      'seqLen',
      `A sequence of ${s.seqLen} tokens is longer than the model's ${p.maxPositions}.`,
      `Use at most ${p.maxPositions} tokens, or a model with longer context.`,
      p.maxPositions,
    );
  if (l.cp > 1 && s.seqLen % (2 * l.cp) !== 0)
    add(
      'layout-cp',
      'cp',
      `A sequence of ${s.seqLen} tokens does not split into 2 x ${l.cp} chunks.`,
      `Use cp ${nearestDivisor(Math.max(1, Math.floor(s.seqLen / 2)), l.cp)}.`,
      nearestDivisor(Math.max(1, Math.floor(s.seqLen / 2)), l.cp),
    );
  if (!supportsPrecision(h, s.precision))
    add('layout-precision', 'precision', `The chip has no ${s.precision} units.`, 'Use bf16, or a chip that has them.');
  return problems;
}

type Add = (
  code: string,
  field: LayoutProblem['field'],
  message: string,
  hint: string,
  nearest?: number | null,
) => void;

function modelProblems(p: ModelProfile, l: Layout, add: Add): void {
  if (p.attentionHeads > 0 && p.attentionHeads % l.tp !== 0) {
    const nearest = nearestDivisor(p.attentionHeads, l.tp);
    add(
      'layout-tp',
      'tp',
      `tp ${l.tp} does not divide the model's ${p.attentionHeads} attention heads.`,
      `Use tp ${nearest}.`,
      nearest,
    );
  }
  if (l.pp > p.layers)
    add(
      'layout-pp',
      'pp',
      `${l.pp} pipeline stages are more than the model's ${p.layers} layers.`,
      `Use at most pp ${p.layers}.`,
      p.layers,
    );
  else if (l.pp * l.vp > p.layers) {
    const most = Math.max(1, Math.floor(p.layers / l.pp));
    add(
      'layout-vp',
      'vp',
      `${l.pp} stages x ${l.vp} chunks are more than the model's ${p.layers} layers.`,
      `Use vp ${most}.`,
      most,
    );
  }
  if (l.schedule === 'interleaved' && l.pp === 1)
    add('layout-schedule', 'schedule', 'An interleaved schedule needs pipeline stages.', 'Use 1f1b, or pp above 1.');
  if (p.maxExperts === 0) {
    if (l.ep > 1) add('layout-ep', 'ep', `The model has no experts to spread over ep ${l.ep}.`, 'Use ep 1.', 1);
    return;
  }
  if (p.maxExperts % l.ep !== 0) {
    const nearest = nearestDivisor(p.maxExperts, l.ep);
    add(
      'layout-ep',
      'ep',
      `ep ${l.ep} does not divide the model's ${p.maxExperts} experts.`,
      `Use ep ${nearest}.`,
      nearest,
    );
  }
  const ranks = l.tp * l.cp * l.dp;
  if (ranks % (l.ep * l.expertTp) !== 0) {
    const nearest = nearestDivisor(ranks, l.ep * l.expertTp);
    add(
      'layout-expert-ranks',
      'ep',
      `ep ${l.ep} x expert tp ${l.expertTp} does not divide the ${ranks} ranks of a stage.`,
      `Use ep ${Math.max(1, Math.floor(nearest / l.expertTp))}.`,
      Math.max(1, Math.floor(nearest / l.expertTp)),
    );
  }
}
