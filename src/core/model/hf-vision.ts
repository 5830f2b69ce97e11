import type { Block, BlockGroup, Norm, VisionProjector, VisionTower } from './architecture.ts';
import { LAYER_NORM, RMS_NORM, attention } from './architecture.ts';
import type { JsonObject } from './hf-fields.ts';
import { Fields } from './hf-fields.ts';
import type { Families, ProjectorKind, VisionHabits } from './hf-habits.ts';

/** The guess for a tower no one described: a plain encoder with biases and layer norms. */
const PLAIN_TOWER: VisionHabits = { norm: LAYER_NORM, bias: true, patchBias: true, positions: 'grid' };

/** Layers of one tile and, where pictures come in tiles, layers over all of them with a gate on each branch. */
function encoderLayers(
  fields: Fields,
  habits: VisionHabits,
  depth: number,
  width: number,
  heads: number,
  inner: number,
): BlockGroup[] {
  const wide = habits.mlpOfOutputWidth === true ? (fields.integer('out_hidden_size') ?? inner) : inner;
  const block = encoderBlock(habits, width, heads, wide);
  const over = habits.tiles === true ? (fields.integer('num_global_layers') ?? 0) : 0;
  const groups = [{ count: depth, block }];
  return over === 0 ? groups : [...groups, { count: over, block: { ...block, extraParams: block.extraParams + 2 } }];
}

/** Tables of tile positions: one row per aspect ratio and none, over every patch and twice over every tile, with three gates. */
function tileTables(fields: Fields, habits: VisionHabits, width: number): number {
  if (habits.tiles !== true) return 0;
  const ratios = (fields.list('supported_aspect_ratios')?.length ?? 8) + 1;
  const tiles = fields.integer('max_num_tiles') ?? 4;
  return ratios * tiles * width * (positionsOf(fields, habits) + 2) + 3;
}

const has = (fields: Fields, ...names: string[]): string | undefined =>
  names.find((name) => fields.integer(name) !== undefined);

function first(fields: Fields, ...names: string[]): number | undefined {
  const name = has(fields, ...names);
  return name === undefined ? undefined : fields.integer(name);
}

/**
 * Vision tower of a multimodal file: `vision` is its nested object, `config` the whole file, `textWidth` the hidden size
 * of the language model, `outerType` the file's model type. `tower` is null when width or depth are not stated.
 */
export function visionOf(
  vision: JsonObject,
  config: JsonObject,
  textWidth: number,
  outerType: string,
  families: Families,
): { tower: VisionTower | null } {
  const outer = families.get(outerType);
  const stated = families.get(String(vision['model_type'] ?? ''));
  const family = stated?.habits.vision === undefined ? families.get(outer?.parts?.['vision_config'] ?? '') : stated;
  const habits = family?.habits.vision;
  const fields = new Fields(vision, family?.defaults ?? {});
  const known = habits ?? PLAIN_TOWER;
  const width = first(fields, 'embed_dim', 'width', 'hidden_size', 'vt_hidden_size');
  const depth = first(fields, 'depth', 'num_hidden_layers', 'layers', 'vt_num_hidden_layers');
  if (width === undefined || depth === undefined || width === 0 || depth === 0) return { tower: null };
  const heads =
    first(fields, 'num_heads', 'num_attention_heads', 'attention_heads', 'vt_num_attention_heads') ??
    Math.max(1, Math.round(width / 64));
  const ratio = Number(fields.get('mlp_ratio') ?? 4);
  const inner =
    first(fields, 'intermediate_size', 'vt_intermediate_size') ??
    Math.round(width * (Number.isFinite(ratio) ? ratio : 4));
  const merge = fields.integer('spatial_merge_size') ?? 2;
  const tower: VisionTower = {
    hiddenSize: width,
    blocks: encoderLayers(fields, known, depth, width, heads, inner),
    norm: known.norm,
    patchInputs: patchInputs(fields, known),
    patchBias: known.patchBias ?? false,
    positions: positionsOf(fields, known),
    extraParams:
      (known.extraNorms ?? 0) * normWidth(known.norm, width) +
      (known.classToken === true ? width : 0) +
      tileTables(fields, known, width) +
      poolingHead(fields, known, width, inner),
    projectors: projectorsOf(outer?.habits.projector, fields, config, known, { width, inner, merge, textWidth }),
    approximate: habits === undefined || outer?.habits.projector === undefined,
  };
  return { tower };
}

function normWidth(norm: Norm, width: number): number {
  return (norm.weight ? width : 0) + (norm.bias ? width : 0);
}

function encoderBlock(habits: VisionHabits, width: number, heads: number, inner: number): Block {
  const bias = habits.bias ?? false;
  const headDim = Math.floor(width / heads);
  return {
    mixer: attention({
      heads,
      headDim,
      queryBias: habits.qkvBias ?? bias,
      keyBias: habits.qkvBias ?? bias,
      valueBias: habits.qkvBias ?? bias,
      outBias: bias,
      qkNorm: habits.qkNorm === true ? { over: 'head', norm: RMS_NORM } : null,
    }),
    feedForward: { type: 'mlp', intermediateSize: inner, gated: habits.gated ?? false, bias: habits.mlpBias ?? bias },
    norms: habits.norms ?? 2,
    extraParams: (habits.layerScales ?? 0) * width,
  };
}

function squareSize(fields: Fields, name: string): number {
  return fields.integer(name) ?? 0;
}

function patchInputs(fields: Fields, habits: VisionHabits): number {
  const patch = squareSize(fields, 'patch_size') || 14;
  const channels = first(fields, 'in_channels', 'num_channels', 'in_chans') ?? 3;
  return channels * patch * patch * (habits.frames === true ? (fields.integer('temporal_patch_size') ?? 2) : 1);
}

function positionsOf(fields: Fields, habits: VisionHabits): number {
  const extra = habits.classToken === true ? 1 : 0;
  switch (habits.positions) {
    case 'table':
      return fields.integer('num_position_embeddings') ?? 0;
    case 'axes':
      return 2 * (fields.integer('position_embedding_size') ?? 0);
    case 'grid': {
      const patch = squareSize(fields, 'patch_size') || 14;
      return Math.floor(squareSize(fields, 'image_size') / patch) ** 2 + extra;
    }
    default:
      return 0;
  }
}

/** Attention pooling of the tower's output: a probe, an attention, a norm and a feed-forward. */
function poolingHead(fields: Fields, habits: VisionHabits, width: number, inner: number): number {
  if (habits.poolingHead !== true || fields.boolean('vision_use_head') === false) return 0;
  return width + 4 * (width * width + width) + 2 * width + 2 * width * inner + width + inner;
}

interface Widths {
  readonly width: number;
  readonly inner: number;
  readonly merge: number;
  readonly textWidth: number;
}

function projectorsOf(
  kind: ProjectorKind | undefined,
  fields: Fields,
  config: JsonObject,
  habits: VisionHabits,
  w: Widths,
): VisionProjector[] {
  const layer = (inputs: number, outputs: number, bias: boolean): VisionProjector['layers'][number] => ({
    inputs,
    outputs,
    bias,
  });
  const patches = w.merge * w.merge;
  const merged = w.width * patches;
  const out =
    fields.integer('out_hidden_size') ??
    (fields.has('embed_dim') ? fields.integer('hidden_size') : undefined) ??
    w.textWidth;
  const mlp = (extraParams: number): VisionProjector => ({
    layers: [layer(merged, merged, true), layer(merged, out, true)],
    extraParams,
    patchesPerToken: patches,
  });
  switch (kind) {
    case 'merge_mlp': {
      const deep = fields.list('deepstack_visual_indexes')?.length ?? 0;
      return [
        mlp(normWidth(habits.norm, w.width)),
        ...Array.from({ length: deep }, () => mlp(normWidth(habits.norm, merged))),
      ];
    }
    case 'norm_linear':
      return [{ layers: [layer(w.width, w.textWidth, false)], extraParams: w.width, patchesPerToken: 16 }];
    case 'linear':
      return [
        {
          layers: [layer(w.width, w.textWidth, false)],
          extraParams: 0,
          patchesPerToken: (fields.integer('pooling_kernel_size') ?? 1) ** 2,
        },
      ];
    case 'biased_linear':
      return [{ layers: [layer(w.width, w.textWidth, true)], extraParams: 0, patchesPerToken: 1 }];
    case 'mlp':
      return [
        {
          layers: [layer(w.width, w.textWidth, true), layer(w.textWidth, w.textWidth, true)],
          extraParams: 0,
          patchesPerToken: 1,
        },
      ];
    case 'shuffle_mlp':
      return [
        {
          layers: [layer(merged, w.textWidth, true), layer(w.textWidth, w.textWidth, true)],
          extraParams: 2 * merged,
          patchesPerToken: patches,
        },
      ];
    case 'patch_merge': {
      const side = new Fields(config).integer('spatial_merge_size') ?? 2;
      const bias = config['multimodal_projector_bias'] === true;
      return [
        {
          layers: [
            layer(w.width * side * side, w.width, false),
            layer(w.width, w.textWidth, bias),
            layer(w.textWidth, w.textWidth, bias),
          ],
          extraParams: w.width,
          patchesPerToken: side * side,
        },
      ];
    }
    case 'adapter': {
      const inputs = fields.integer('projector_input_dim') ?? w.width;
      const outputs = fields.integer('projector_output_dim') ?? inputs;
      return [
        {
          layers: [
            layer(w.inner, inputs, false),
            layer(inputs, outputs, false),
            layer(fields.integer('vision_output_dim') ?? outputs, w.textWidth, false),
          ],
          extraParams: 0,
          patchesPerToken: 4,
        },
      ];
    }
    case 'merge_gated':
      return [
        {
          layers: [
            layer(merged, out, true),
            layer(out, out, false),
            layer(out, w.inner, false),
            layer(out, w.inner, false),
            layer(w.inner, out, false),
          ],
          extraParams: 2 * out,
          patchesPerToken: patches,
        },
      ];
    case 'features_linear':
      return [
        {
          layers: [layer(fields.integer('vision_output_dim') ?? w.width, w.textWidth, true)],
          extraParams: 0,
          patchesPerToken: 1,
        },
      ];
    case undefined:
      return [{ layers: [layer(w.width, w.textWidth, true)], extraParams: 0, patchesPerToken: 1 }];
  }
}
