import type { Habits, ProjectorKind } from '../../core/model/hf-habits.ts';
import { LAYER_NORM, RMS_NORM } from '../../core/model/architecture.ts';

/** Vision towers by the model type of the nested `vision_config` (modelling code of transformers 5.18). */
const MERGED_TOWER: Habits = {
  vision: { norm: LAYER_NORM, bias: true, patchBias: true, positions: 'table', frames: true },
};

export const VISION_TYPES: Readonly<Record<string, Habits>> = {
  qwen2_vl_vision: { vision: { norm: LAYER_NORM, bias: true, patchBias: false, frames: true } },
  qwen2_5_vl_vision: { vision: { norm: RMS_NORM, bias: true, gated: true, patchBias: false, frames: true } },
  qwen3_vl_vision: MERGED_TOWER,
  qwen3_vl_moe_vision: MERGED_TOWER,
  qwen3_5_vision: MERGED_TOWER,
  qwen3_5_moe_vision: MERGED_TOWER,
  siglip_vision_model: {
    vision: { norm: LAYER_NORM, bias: true, patchBias: true, positions: 'grid', extraNorms: 1, poolingHead: true },
  },
  clip_vision_model: { vision: { norm: LAYER_NORM, bias: true, positions: 'grid', classToken: true, extraNorms: 2 } },
  gemma4_vision: { vision: { norm: RMS_NORM, norms: 4, gated: true, qkNorm: true, positions: 'axes' } },
  llama4_vision_model: { vision: { norm: LAYER_NORM, bias: true, positions: 'grid', classToken: true, extraNorms: 2 } },
  pixtral: { vision: { norm: RMS_NORM, gated: true, extraNorms: 1 } },
  internvl_vision: {
    vision: {
      norm: LAYER_NORM,
      bias: true,
      qkvBias: false,
      patchBias: true,
      positions: 'grid',
      classToken: true,
      layerScales: 2,
    },
  },
};

/** How multimodal types join tower and language model. */
export const PROJECTORS: Readonly<Record<string, ProjectorKind>> = {
  qwen2_vl: 'merge_mlp',
  qwen2_5_vl: 'merge_mlp',
  qwen3_vl: 'merge_mlp',
  qwen3_vl_moe: 'merge_mlp',
  qwen3_5: 'merge_mlp',
  qwen3_5_moe: 'merge_mlp',
  gemma3: 'norm_linear',
  gemma4: 'linear',
  llama4: 'adapter',
  mistral3: 'patch_merge',
  llava: 'mlp',
  paligemma: 'biased_linear',
  internvl: 'shuffle_mlp',
};
