import type { Habits, ProjectorKind } from '../../core/model/hf-habits.ts';
import { LAYER_NORM, RMS_NORM } from '../../core/model/architecture.ts';

/** Vision towers by the model type of the nested `vision_config` (modelling code of transformers 5.18). */
const MERGED_TOWER: Habits = {
  vision: { norm: LAYER_NORM, bias: true, patchBias: true, positions: 'table', frames: true },
};

const GLM4V_TOWER: Habits = {
  vision: {
    norm: RMS_NORM,
    gated: true,
    patchBias: true,
    frames: true,
    positions: 'grid',
    extraNorms: 2,
    mlpOfOutputWidth: true,
  },
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
  glm4v_vision: GLM4V_TOWER,
  glm4v_moe_vision: GLM4V_TOWER,
  mllama_vision_model: {
    vision: { norm: LAYER_NORM, mlpBias: true, positions: 'grid', classToken: true, extraNorms: 2, tiles: true },
  },
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
  glm4v: 'merge_gated',
  glm4v_moe: 'merge_gated',
  mllama: 'features_linear',
  llava: 'mlp',
  paligemma: 'biased_linear',
  internvl: 'shuffle_mlp',
};
