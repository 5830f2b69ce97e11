/** How long the presets take and what they look at. Sizes follow the device: a slow one never gets the big shape first. */
import type { MatmulShape } from '../kernels/matmul.ts';
import type { Preset } from './report.ts';

export interface PresetPlan {
  /** Seconds by which the last task has begun its end; the rest is reserve for compiling and checking. */
  readonly budgetS: number;
  readonly samples: number;
  readonly tuneS: number;
  readonly intensities: readonly number[];
  /** Chains of the peak kernel that are tried. */
  readonly chains: readonly number[];
  readonly workingSets: readonly number[];
  readonly layers: boolean;
  readonly halves: boolean;
}

const KIB = 1024;
const MIB = 2 ** 20;

export const PRESETS: Readonly<Record<Preset, PresetPlan>> = {
  quick: {
    budgetS: 14,
    samples: 15,
    tuneS: 4,
    intensities: [1],
    chains: [4, 8],
    workingSets: [16 * MIB],
    layers: false,
    halves: false,
  },
  standard: {
    budgetS: 54,
    samples: 25,
    tuneS: 12,
    intensities: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    chains: [1, 2, 4, 8],
    workingSets: [32 * KIB, 256 * KIB, 2 * MIB, 16 * MIB, 128 * MIB],
    layers: true,
    halves: true,
  },
};

/** Layer products of a small transformer of width 768 (GPT-2): the shapes measured when no model was named. */
export function defaultLayers(tokens: number): { readonly name: string; readonly shape: MatmulShape }[] {
  const width = 768;
  return [
    { name: 'qkv', shape: { m: tokens, n: 3 * width, k: width } },
    { name: 'attention out', shape: { m: tokens, n: width, k: width } },
    { name: 'mlp up', shape: { m: tokens, n: 4 * width, k: width } },
    { name: 'mlp down', shape: { m: tokens, n: width, k: 4 * width } },
    { name: 'few tokens', shape: { m: Math.max(4, Math.min(64, tokens / 4)), n: width, k: width } },
  ];
}

/** Side of the square product: the largest power of two whose one dispatch should take at most 80 ms at a tenth of the peak. */
export function squareSide(peakFlopPerS: number): number {
  for (const side of [4096, 2048, 1024, 512, 256]) if ((2 * side ** 3) / (0.1 * peakFlopPerS) <= 0.08) return side;
  return 128;
}
