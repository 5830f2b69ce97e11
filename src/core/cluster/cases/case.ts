import { attention, LAYER_NORM, transformer } from '../../model/architecture.ts';
import type { Architecture } from '../../model/architecture.ts';
import type { HardwareSpec, Precision } from '../hardware.ts';
import type { Layout, TrainingSetup } from '../layout.ts';

/** Cells of a row as text by column name. */
export type CaseRow = Readonly<Record<string, string | undefined>>;

/** Finds what a row only names. `null`: unknown, never a substitute. */
export interface CaseContext {
  architecture(name: string): Architecture | null;
  hardware(name: string): HardwareSpec | null;
}

/** One row of a published table as something to predict. */
export interface PredictionCase {
  /** Kind of table (see `TABLES`). */
  readonly table: string;
  /** Row of the table, from 0. */
  readonly row: number;
  readonly model: string;
  readonly chip: string;
  readonly chips: number;
  readonly architecture: Architecture | null;
  readonly hardware: HardwareSpec | null;
  readonly setup: TrainingSetup;
  /** `null`: not given, the best feasible layout is searched. */
  readonly layout: Layout | null;
  /** The table does not say what is recomputed: as much as memory forces. */
  readonly recomputeUnknown: boolean;
  /** Tokens per second and chip as printed; read for fits and scores only, never for a prediction. */
  readonly measured: number | null;
  readonly measuredPeakBytes: number | null;
  /** Why the row is not used for a fit or score; empty when it is. */
  readonly excluded: string;
  /** Second configuration of a cell printed as "a (b)". */
  readonly second: boolean;
}

/** Number at the start of a cell ("1,024", "12 (3)", "4e3"); `null` when there is none. */
export function numberIn(text: string | undefined): number | null {
  const match = /^\s*(-?[\d.]+(?:e[+-]?\d+)?)/i.exec((text ?? '').replaceAll(',', ''));
  if (match === null) return null;
  const value = Number(match[1]);
  return Number.isFinite(value) ? value : null;
}

/** Whole number at the start of a cell, or `fallback`. */
export function integerIn(text: string | undefined, fallback: number): number {
  const value = numberIn(text);
  return value === null ? fallback : Math.trunc(value);
}

/** Year of a release named `25.09` or `26.04.01`; `null` when there is none. */
export function releaseYear(text: string | undefined): number | null {
  const match = /(\d\d)\.(\d\d)(\.\d\d)?/.exec(text ?? '');
  if (match === null) return null;
  return 2000 + Number(match[1]) + (Number(match[2]) - 0.5) / 12 + (match[3] === undefined ? 0 : 0.04);
}

/** Precision a cell names; empty is `fallback`. */
export function precisionIn(text: string | undefined, fallback: Precision = 'bf16'): Precision {
  const upper = (text ?? '').toUpperCase();
  if (upper.trim() === '') return fallback;
  if (upper.includes('FP4')) return 'fp4';
  if (upper.includes('MX') && !(upper.split('(')[0] ?? '').includes('CS')) return 'mxfp8';
  return upper.includes('F8') || upper.includes('P8') || upper.includes('FLOAT8') ? 'fp8' : 'bf16';
}

/** Architecture of a classic decoder from its columns: multi-head attention, plain feed-forward, tied embeddings. */
export function classicDecoder(
  name: string,
  row: CaseRow,
  columns: Readonly<Record<'hidden' | 'layers' | 'heads', string>>,
): Architecture {
  const hidden = integerIn(row[columns.hidden], 0);
  const heads = integerIn(row[columns.heads], 1);
  return transformer({
    name,
    hiddenSize: hidden,
    vocabSize: integerIn(row['vocab_size'], 51200),
    tiedEmbeddings: true,
    norm: LAYER_NORM,
    blocks: [
      {
        count: integerIn(row[columns.layers], 0),
        block: {
          mixer: attention({ heads, headDim: hidden / heads }),
          feedForward: {
            type: 'mlp',
            intermediateSize: integerIn(row['ffn_dim'], 4 * hidden),
            gated: false,
            bias: false,
          },
          norms: 2,
          extraParams: 0,
        },
      },
    ],
  });
}
