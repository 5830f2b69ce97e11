import type { Families, Family, Habits } from '../../core/model/hf-habits.ts';
import type { Norm } from '../../core/model/architecture.ts';
import { LAYER_NORM } from '../../core/model/architecture.ts';
import { PROJECTORS, VISION_TYPES } from './vision-families.ts';
import defaults from './family-defaults.json' with { type: 'json' };

/**
 * What the implementations of the model types do that their configuration files do not say: biases, norms, gates.
 * Read from the modelling code of transformers 5.18 and from the models' own repositories; the defaults beside them
 * (family-defaults.json) are those of the configuration classes.
 */
const PLAIN_LAYER_NORM: Norm = { kind: 'layer', weight: true, bias: false };
const BARE_LAYER_NORM: Norm = { kind: 'layer', weight: false, bias: false };

const LLAMA: Habits = {
  queryBias: 'attention_bias',
  outBias: 'attention_bias',
  mlpBias: 'mlp_bias',
  gated: true,
  norms: 2,
};
const NO_BIAS: Habits = { queryBias: false, outBias: false, mlpBias: false, gated: true, norms: 2 };
const HEAD_NORM = { when: true, over: 'head' } as const;
const QWEN2: Habits = { ...NO_BIAS, queryBias: true, windowWhen: 'use_sliding_window' };
const QWEN3: Habits = { ...LLAMA, mlpBias: false, qkNorm: HEAD_NORM, windowWhen: 'use_sliding_window' };
const QWEN3_NEXT: Habits = { ...QWEN3, outputGate: 'element', sharedGate: true, linearEvery: 4 };
const GEMMA: Habits = { ...LLAMA, mlpBias: false };
const GEMMA2: Habits = { ...GEMMA, norms: 4, fullEvery: 2 };
const GEMMA3: Habits = { ...GEMMA2, qkNorm: HEAD_NORM, fullEvery: 6 };
const DEEPSEEK: Habits = { ...LLAMA, mlpBias: false, routerCorrection: true, mtpDuplicatesEmbedding: true };
const GLM4_MOE: Habits = {
  ...NO_BIAS,
  queryBias: 'attention_bias',
  qkNorm: { when: 'use_qk_norm', over: 'head' },
  routerCorrection: true,
  mtpDuplicatesEmbedding: true,
};
const BIASED: Habits = { norm: LAYER_NORM, queryBias: true, outBias: true, mlpBias: true, gated: false, norms: 2 };
const OLMO2: Habits = { ...LLAMA, mlpBias: false, qkNorm: { when: true, over: 'all_heads' } };

const HABITS: Readonly<Record<string, Habits>> = {
  llama: LLAMA,
  mistral: NO_BIAS,
  ministral: NO_BIAS,
  ministral3: NO_BIAS,
  mixtral: NO_BIAS,
  qwen2: QWEN2,
  qwen2_moe: { ...QWEN2, queryBias: 'qkv_bias?', sharedGate: true },
  qwen2_vl: QWEN2,
  qwen2_vl_text: QWEN2,
  qwen2_5_vl: QWEN2,
  qwen2_5_vl_text: QWEN2,
  qwen3: QWEN3,
  qwen3_moe: QWEN3,
  qwen3_vl: QWEN3,
  qwen3_vl_text: QWEN3,
  qwen3_vl_moe: QWEN3,
  qwen3_vl_moe_text: QWEN3,
  qwen3_next: QWEN3_NEXT,
  qwen3_5: QWEN3_NEXT,
  qwen3_5_text: QWEN3_NEXT,
  qwen3_5_moe: QWEN3_NEXT,
  qwen3_5_moe_text: QWEN3_NEXT,
  qwen: { ...QWEN2, intermediateFactor: 0.5 },
  gemma: GEMMA,
  gemma2: GEMMA2,
  gemma3: GEMMA3,
  gemma3_text: GEMMA3,
  gemma4: GEMMA3,
  gemma4_text: GEMMA3,
  vaultgemma: { ...GEMMA, fullEvery: 2 },
  deepseek: { ...LLAMA, mlpBias: false },
  deepseek_v2: { ...DEEPSEEK, mlpBias: 'mlp_bias', routerCorrection: false },
  deepseek_v3: DEEPSEEK,
  deepseek_v32: DEEPSEEK,
  kimi_k2: DEEPSEEK,
  kimi_k25: DEEPSEEK,
  kimi_linear: { ...DEEPSEEK, mtpDuplicatesEmbedding: false },
  glm_moe_dsa: DEEPSEEK,
  glm4_moe_lite: DEEPSEEK,
  glm: { ...NO_BIAS, queryBias: 'attention_bias' },
  glm4: { ...NO_BIAS, queryBias: 'attention_bias', norms: 4 },
  glm4_moe: GLM4_MOE,
  glm4v_text: { ...NO_BIAS, queryBias: 'attention_bias', norms: 4 },
  glm4v_moe_text: GLM4_MOE,
  chatglm: { ...NO_BIAS, queryBias: 'add_qkv_bias' },
  minimax: { ...NO_BIAS, linear: 'lightning' },
  minimax_text_01: { ...NO_BIAS, linear: 'lightning' },
  minimax_m1: { ...NO_BIAS, linear: 'lightning' },
  minimax_m2: {
    ...NO_BIAS,
    qkNorm: { when: 'use_qk_norm?', over: 'all_heads' },
    routerCorrection: 'use_routing_bias?',
    mtpNotPublished: true,
  },
  gpt_oss: {
    ...NO_BIAS,
    queryBias: 'attention_bias?',
    outBias: 'attention_bias?',
    expertBias: true,
    routerBias: true,
    sinks: true,
    fullEvery: 2,
  },
  olmo: { ...LLAMA, mlpBias: false, norm: BARE_LAYER_NORM },
  olmo2: OLMO2,
  olmo3: { ...OLMO2, fullEvery: 4 },
  olmoe: OLMO2,
  flex_olmo: OLMO2,
  falcon: {
    norm: LAYER_NORM,
    queryBias: 'bias',
    outBias: 'bias',
    mlpBias: 'bias',
    gated: false,
    layout: 'parallel_norms',
  },
  gpt_neox: { ...BIASED, queryBias: 'attention_bias?', outBias: 'attention_bias?' },
  nemotron: {
    norm: LAYER_NORM,
    queryBias: 'attention_bias',
    outBias: 'attention_bias',
    mlpBias: 'mlp_bias',
    gated: false,
    norms: 2,
  },
  nemotron_h: {
    queryBias: 'attention_bias',
    outBias: 'attention_bias',
    mlpBias: 'mlp_bias',
    gated: false,
    norms: 1,
    routerCorrection: true,
  },
  mimo: { ...QWEN2, queryBias: 'attention_bias' },
  mimo_v2_flash: { ...NO_BIAS, queryBias: 'attention_bias', routerCorrection: true, sinks: 'windowed' },
  phi: { ...BIASED, norms: 1, headBias: true, qkNorm: { when: 'qk_layernorm', over: 'head', norm: LAYER_NORM } },
  phi3: NO_BIAS,
  phimoe: { ...LLAMA, norm: LAYER_NORM, mlpBias: false, headBias: 'lm_head_bias' },
  gpt2: { ...BIASED, learnedPositionsOffset: 0 },
  gpt_neo: { ...BIASED, queryBias: false, learnedPositionsOffset: 0 },
  gptj: { ...BIASED, queryBias: false, outBias: false, norms: 1, headBias: true },
  codegen: { ...BIASED, queryBias: false, outBias: false, norms: 1, headBias: true },
  gpt_bigcode: { ...BIASED, learnedPositionsOffset: 0 },
  opt: {
    ...BIASED,
    queryBias: 'enable_bias?',
    outBias: 'enable_bias?',
    mlpBias: 'enable_bias?',
    learnedPositionsOffset: 2,
    finalNorm: 'do_layer_norm_before?',
  },
  bloom: { ...BIASED, embeddingNorm: true, expansion: 4 },
  mpt: {
    norm: PLAIN_LAYER_NORM,
    queryBias: '!no_bias',
    outBias: '!no_bias',
    mlpBias: '!no_bias',
    gated: false,
    norms: 2,
  },
  dbrx: { ...NO_BIAS, norm: PLAIN_LAYER_NORM },
  mllama_text_model: { ...LLAMA, mlpBias: false, crossLayers: true, extraEmbeddingRows: 8 },
  llama4: { ...LLAMA, mlpBias: false, sharedExpert: true },
  llama4_text: { ...LLAMA, mlpBias: false, sharedExpert: true },
  cohere: {
    ...LLAMA,
    mlpBias: false,
    norm: PLAIN_LAYER_NORM,
    norms: 1,
    qkNorm: { when: 'use_qk_norm', over: 'each_head', norm: PLAIN_LAYER_NORM },
  },
  cohere2: { ...LLAMA, mlpBias: false, norm: PLAIN_LAYER_NORM, norms: 1, fullEvery: 4 },
  granite: LLAMA,
  granitemoe: { ...LLAMA, mlpBias: false },
  granitemoeshared: { ...LLAMA, mlpBias: false },
  granitemoehybrid: { ...LLAMA, mlpBias: false, linear: 'mamba' },
  starcoder2: {
    norm: LAYER_NORM,
    queryBias: 'use_bias?',
    outBias: 'use_bias?',
    mlpBias: 'use_bias?',
    gated: false,
    norms: 2,
  },
  stablelm: {
    ...NO_BIAS,
    norm: LAYER_NORM,
    queryBias: 'use_qkv_bias',
    layout: 'parallel_norms',
    qkNorm: { when: 'qk_layernorm', over: 'each_head', norm: PLAIN_LAYER_NORM },
  },
  smollm3: LLAMA,
  exaone: NO_BIAS,
  exaone4: { ...NO_BIAS, qkNorm: HEAD_NORM, fullEvery: 4 },
  ernie4_5: { ...NO_BIAS, queryBias: 'use_bias', outBias: 'use_bias', mlpBias: 'use_bias' },
  ernie4_5_moe: {
    ...NO_BIAS,
    queryBias: 'use_bias',
    outBias: 'use_bias',
    mlpBias: 'use_bias',
    expertBias: 'use_bias',
    routerCorrection: true,
  },
  hunyuan_v1_dense: { ...LLAMA, qkNorm: HEAD_NORM },
  hunyuan_v1_moe: { ...LLAMA, qkNorm: HEAD_NORM },
  seed_oss: { ...NO_BIAS, queryBias: 'attention_bias?', outBias: 'attention_out_bias', mlpBias: 'mlp_bias' },
  bamba: { ...LLAMA, linear: 'mamba' },
  jamba: NO_BIAS,
  mamba: { norms: 1, mixerOnly: true },
  mamba2: { norms: 1, mixerOnly: true },
  falcon_mamba: { norms: 1, mixerOnly: true },
  lfm2: { ...NO_BIAS, qkNorm: HEAD_NORM },
  lfm2_moe: { ...NO_BIAS, qkNorm: HEAD_NORM, routerCorrection: 'use_expert_bias?' },
  dots1: { ...LLAMA, mlpBias: false, qkNorm: HEAD_NORM, routerCorrection: true },
  helium: LLAMA,
  solar_open: { ...GLM4_MOE },
  youtu: DEEPSEEK,
  minicpm3: DEEPSEEK,
  exaone_moe: { ...NO_BIAS, qkNorm: HEAD_NORM, fullEvery: 4, routerCorrection: true },
  arcee: { ...LLAMA, gated: false },
  apertus: { ...LLAMA, gated: false, mlpBias: false, qkNorm: HEAD_NORM, extraPerLayer: 2 },
  internlm2: { ...NO_BIAS, queryBias: 'bias', outBias: 'bias' },
  baichuan: NO_BIAS,
};

/** Families by model type: habits above, defaults of the configuration classes, types of nested parts. */
export const FAMILIES: Families = new Map<string, Family>(
  [...new Set([...Object.keys(HABITS), ...Object.keys(PROJECTORS), ...Object.keys(VISION_TYPES)])].map((type) => {
    const projector = PROJECTORS[type];
    const habits = { ...HABITS[type], ...VISION_TYPES[type], ...(projector === undefined ? {} : { projector }) };
    const entry = (defaults as Record<string, Omit<Family, 'habits'>>)[type];
    return [
      type,
      { habits, defaults: entry?.defaults ?? {}, ...(entry?.parts === undefined ? {} : { parts: entry.parts }) },
    ];
  }),
);
