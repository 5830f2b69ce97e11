import { OPERAND_BYTES, microbatchFeatures, stepFeatures } from './features.ts';
import type { HardwareSpec } from './hardware.ts';
import { peakFlopPerS } from './hardware.ts';
import type { Layout, TrainingSetup } from './layout.ts';
import { predictStep } from './predict.ts';
import type { PredictorFit } from './predictor-fit.ts';
import type { ModelProfile } from './profile.ts';
import { recomputeShare, stageSeconds } from './step-time.ts';

/** What keeps a piece of work from being faster: the chip's products, its memory, or links. */
export type Bound = 'compute' | 'memory' | 'network';

/** One piece of a step's work on the roofline: FLOP per byte it moves, and FLOP/s it is predicted to reach. */
export interface RooflinePoint {
  readonly name: string;
  readonly flopPerByte: number;
  readonly flopPerS: number;
  /** FLOP/s the datasheet allows at this intensity. */
  readonly ceiling: number;
  readonly bound: Bound;
}

export interface Roofline {
  readonly peak: number;
  readonly memoryBandwidth: number;
  readonly domainBandwidth: number;
  /** FLOP per byte above which the chip's products, not its memory, are the limit. */
  readonly ridge: number;
  readonly points: readonly RooflinePoint[];
}

/** Operations counted per 2-byte element of elementwise work, and per update of the optimizer with the bytes it moves. */
const PER_ELEMENT = 1;
const FLOP_PER_UPDATE = 15;
const BYTES_PER_UPDATE = 30;

/**
 * The work of one step on one chip against its datasheet ceilings: products with their operands, attention (queries, keys
 * and values read and written once a pass, scores kept on the chip), elementwise work, head, optimizer; and all of a
 * step's FLOP against the bytes sent over links. Work that takes no time is left out.
 */
export function roofline(p: ModelProfile, h: HardwareSpec, s: TrainingSetup, l: Layout, fit: PredictorFit): Roofline {
  const { theta } = fit;
  const f = microbatchFeatures(p, h, s, l);
  const step = stepFeatures(p, h, s, l);
  const share = recomputeShare(theta, l.recompute);
  const t = stageSeconds(theta, f, h, s, share);
  const peak = peakFlopPerS(h, s.precision);
  const passes = (s.task === 'lora' ? 2.05 : 3) + share.layers;
  const points: RooflinePoint[] = [];
  const add = (name: string, flop: number, bytes: number, seconds: number, top: number): void => {
    if (!(seconds > 0) || !(flop > 0) || !(bytes > 0)) return;
    const flopPerByte = flop / bytes;
    const byMemory = flopPerByte * h.memoryBandwidth;
    const bound = byMemory < top ? 'memory' : 'compute';
    points.push({ name, flopPerByte, flopPerS: flop / seconds, ceiling: Math.min(top, byMemory), bound });
  };
  // One microbatch through all layers; what is per step follows.
  const products = passes * f.gemm * peak;
  const grouped = passes * f.expertGemm * peak;
  const core = (3.5 + Math.max(share.layers, share.attention)) * f.attention * h.bf16FlopPerS;
  const head = f.head * h.bf16FlopPerS;
  const rows = p.groups.reduce((sum, g) => sum + g.count * (g.qkvWidth + g.mixedWidth), 0);
  add('Matrix products', products, passes * f.gemmBytes * h.memoryBandwidth, t.gemm, peak);
  add('Attention', core, (passes * OPERAND_BYTES.bf16 * rows * f.tokens) / l.tp, t.attention, h.bf16FlopPerS);
  const expertWeights = p.groups.reduce((sum, g) => sum + g.count * g.expertParams * g.experts, 0);
  const expertBytes = (passes * expertWeights * OPERAND_BYTES[s.precision]) / (l.ep * l.expertTp);
  add('Expert products', grouped, expertBytes, t.experts, peak);
  const elementwise = (f.elementwiseBytes * h.memoryBandwidth * passes) / 3;
  add('Elementwise', (elementwise / 2) * PER_ELEMENT, elementwise, t.elementwise, peak);
  const headBytes = (3 * f.headBytes + f.lossBytes) * h.memoryBandwidth;
  add('Output head and loss', head, headBytes, t.head, h.bf16FlopPerS);
  const updates = (step.optimizer * h.memoryBandwidth) / BYTES_PER_UPDATE;
  add('Optimizer', FLOP_PER_UPDATE * updates, BYTES_PER_UPDATE * updates, step.optimizer / 0.7, peak);
  const perChip = step.microbatches / l.pp;
  const sent = linkBytes(f, step, h, perChip);
  if (sent > 0) {
    const flop = (products + grouped + core + head) * perChip;
    const flopPerByte = flop / sent;
    points.push({
      name: 'Whole step per byte sent',
      flopPerByte,
      flopPerS: flop / predictStep(p, h, l, s, fit).stepSeconds,
      ceiling: Math.min(peak, flopPerByte * h.domainBandwidth),
      bound: 'network',
    });
  }
  const { memoryBandwidth, domainBandwidth } = h;
  return { peak, memoryBandwidth, domainBandwidth, ridge: peak / memoryBandwidth, points };
}

/** Bytes one chip sends per step, as seconds of its domain's links times their bandwidth. */
function linkBytes(
  f: ReturnType<typeof microbatchFeatures>,
  step: ReturnType<typeof stepFeatures>,
  h: HardwareSpec,
  share: number,
): number {
  const perMicrobatch = (f.tensor + f.context + f.allToAllNear + f.allToAllFar) * share;
  const perStep = step.data + (step.pipeline + step.shard) * step.microbatches;
  return (perMicrobatch + perStep) * h.domainBandwidth;
}
