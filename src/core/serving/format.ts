import { FlopsheetError } from '../errors.ts';
import type { HardwareSpec } from '../cluster/hardware.ts';

/** How weights are stored and multiplied. `int4` and `int8` are weight-only storage: the products run at 16 bits. */
export const SERVING_PRECISIONS = ['bf16', 'fp8', 'int8', 'fp4', 'int4'] as const;
export type ServingPrecision = (typeof SERVING_PRECISIONS)[number];

/** Bytes of one element of a key-value cache by its format. */
export const KV_BYTES = { bf16: 2, fp8: 1 } as const;
export type KvFormat = keyof typeof KV_BYTES;

/** Bytes of one stored weight; `fp4` holds one 8-bit scale per 16 weights (NVFP4), `int4` is the bare half byte. */
export const WEIGHT_BYTES: Readonly<Record<ServingPrecision, number>> = {
  bf16: 2,
  fp8: 1,
  int8: 1,
  fp4: 0.5625,
  int4: 0.5,
};

/** Precision a name stands for (`fp16`, `nvfp4`, `w4a16`…). Throws `serving-precision` for an unknown one. */
export function servingPrecision(name: string): ServingPrecision {
  const folded = name.trim().toLowerCase();
  if (/^(bf16|fp16|bfloat16|float16|16)$/.test(folded)) return 'bf16';
  if (/^(fp8|float8|w8a8|fp8_?block|8)$/.test(folded)) return 'fp8';
  if (/^(fp4|nvfp4|mxfp4|w4a4|float4|4)$/.test(folded)) return 'fp4';
  if (folded === 'int8' || folded === 'w8a16') return 'int8';
  if (/^(int4|w4a16|awq|gptq)$/.test(folded)) return 'int4';
  throw new FlopsheetError('serving-precision', `"${name}" is not a precision models are served in.`, {
    where: 'precision',
    hint: `Use one of ${SERVING_PRECISIONS.join(', ')}.`,
  });
}

/** Formats of the parts of a served model. */
export interface WeightFormats {
  /** Attention projections and recurrent mixers. */
  readonly attention: ServingPrecision;
  /** Feed-forward, shared and routed experts. */
  readonly feedForward: ServingPrecision;
  /** Embedding, head and router stay at 16 bits in every published recipe. */
  readonly rest: 'bf16';
  readonly kv: KvFormat;
}

/**
 * Formats of a usual quantised checkpoint: at 4 bits a model with experts keeps its attention at 16 bits (the published
 * NVFP4 and MXFP4 recipes exclude `self_attn`), a dense one quantises every projection; the cache is 8-bit when weights are.
 */
export function usualFormats(precision: ServingPrecision, experts: boolean, kv?: KvFormat): WeightFormats {
  const four = precision === 'fp4' || precision === 'int4';
  return {
    attention: four && experts ? 'bf16' : precision,
    feedForward: precision,
    rest: 'bf16',
    kv: kv ?? (precision === 'fp8' || precision === 'fp4' ? 'fp8' : 'bf16'),
  };
}

/** Dense peak (FLOP/s) products of a stored format run at: 16-bit units where the chip has none that narrow. */
export function productPeak(hardware: HardwareSpec, format: ServingPrecision): number {
  if (format === 'fp8') return hardware.fp8FlopPerS ?? hardware.bf16FlopPerS;
  if (format === 'fp4') return hardware.fp4FlopPerS ?? hardware.bf16FlopPerS;
  return hardware.bf16FlopPerS;
}
