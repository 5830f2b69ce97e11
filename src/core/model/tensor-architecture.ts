import type { Architecture, Block, FeedForward, Mixer } from './architecture.ts';
import { RMS_NORM, attention, groupBlocks, transformer } from './architecture.ts';
import type { ImportedArchitecture } from './hf-config.ts';
import { blockParameters } from './parameters.ts';
import type { TensorGroup, TensorInventory } from './tensors.ts';

/** What a weight file says beside its tensors; anything unknown is left out. */
export interface TensorHints {
  readonly name?: string;
  readonly headDim?: number;
  readonly expertsPerToken?: number;
  readonly maxPositions?: number;
  /** Tokens a windowed layer sees, and which layers have a window. */
  readonly window?: number;
  readonly windowed?: (layer: number) => boolean;
}

type Role =
  | 'q'
  | 'k'
  | 'v'
  | 'o'
  | 'qkv'
  | 'q_down'
  | 'q_up'
  | 'kv_down'
  | 'kv_up'
  | 'k_up'
  | 'v_up'
  | 'gate'
  | 'up'
  | 'down'
  | 'gate_up'
  | 'expert_gate'
  | 'expert_up'
  | 'expert_down'
  | 'expert_gate_up'
  | 'router'
  | 'shared_up'
  | 'shared_gate'
  | 'shared_down'
  | 'vector'
  | 'other';

/** Roles by the tensor's name inside its layer; the first match wins. Both common naming schemes (checkpoints and GGUF) are covered. */
const ROLES: readonly [RegExp, Role][] = [
  [/(shared_experts?|shared_mlp|shexp).*(gate_proj|w1)|ffn_gate_shexp/, 'shared_gate'],
  [/(shared_experts?|shared_mlp).*(up_proj|w3)|ffn_up_shexp/, 'shared_up'],
  [/(shared_experts?|shared_mlp).*(down_proj|w2)|ffn_down_shexp/, 'shared_down'],
  [/experts?\.(#\.)?.*gate_up_proj|gate_up_exps/, 'expert_gate_up'],
  [/experts?\.#\.(gate_proj|w1)\.|experts\.gate_proj|ffn_gate_exps/, 'expert_gate'],
  [/experts?\.#\.(up_proj|w3)\.|experts\.up_proj|ffn_up_exps/, 'expert_up'],
  [/experts?\.#\.(down_proj|w2)\.|experts\.down_proj|ffn_down_exps/, 'expert_down'],
  [/(mlp|moe|feed_forward|block_sparse_moe|mixer)\.(gate|router(\.\w+)?)\.weight$|ffn_gate_inp\.weight$/, 'router'],
  [/q_a_proj\.weight$|attn_q_a\.weight$/, 'q_down'],
  [/q_b_proj\.weight$|attn_q_b\.weight$/, 'q_up'],
  [/kv_a_proj_with_mqa\.weight$|attn_kv_a_mqa\.weight$/, 'kv_down'],
  [/kv_b_proj\.weight$|attn_kv_b\.weight$/, 'kv_up'],
  [/attn_k_b\.weight$/, 'k_up'],
  [/attn_v_b\.weight$/, 'v_up'],
  [/(qkv_proj|query_key_value|c_attn|Wqkv|attn_qkv)\.weight$/, 'qkv'],
  [/(q_proj|attn_q|\bwq|\.query)\.weight$/, 'q'],
  [/(k_proj|attn_k|\bwk|\.key)\.weight$/, 'k'],
  [/(v_proj|attn_v|\bwv|\.value)\.weight$/, 'v'],
  [/(attn|attention)\w*\.(o_proj|out_proj|dense|c_proj|wo)\.weight$|(mixer\.o_proj|attn_output)\.weight$/, 'o'],
  [/(mlp|feed_forward|ffn)\w*\.gate_up_proj\.weight$/, 'gate_up'],
  [/(gate_proj|ffn_gate|feed_forward\.w1)\.weight$/, 'gate'],
  [/(up_proj|ffn_up|feed_forward\.w3|fc1|fc_in|c_fc|dense_h_to_4h)\.weight$/, 'up'],
  [/(down_proj|ffn_down|feed_forward\.w2|fc2|fc_out|dense_4h_to_h|mlp\.c_proj)\.weight$/, 'down'],
];

const LAYER = /(?:^|\.)(?:layers|h|blocks|blk|layer|block)\.#\.(.*)$/;
const VISION = /(^|\.)(vision\w*|visual|v\.blk|vit|image_\w*|mm|multi_modal_projector|audio\w*)\./;
const EMBEDDING = /(embed_tokens|wte|word_embeddings|embed_in|tok_embeddings|token_embd|embeddings|embedding)\.weight$/;
const HEAD = /^(model\.)?(lm_head|output|embed_out|language_model\.lm_head)\.weight$/;
/** Tensors only a module that predicts further tokens has. */
const MTP = /(eh_proj|nextn|enorm|hnorm|shared_head)/;

interface LayerTensors {
  readonly roles: Map<Role, { group: TensorGroup; each: number }>;
  params: number;
  norms: number;
  mtp: boolean;
  unread: number;
}

/**
 * Architecture of a decoder from the names and shapes of its tensors. Parameters are exact by construction (what no
 * matrix explains stays as the layer's extra parameters); FLOPs are exact where every matrix was understood, else
 * approximate with the reason. `null` when the file holds no embedding or no layers.
 */
export function architectureFromTensors(
  inventory: TensorInventory,
  hints: TensorHints = {},
): ImportedArchitecture | null {
  const outside = inventory.groups.filter((group) => !LAYER.test(group.template) || VISION.test(group.template));
  const embedding = outside.find(
    (group) =>
      EMBEDDING.test(group.template) && group.shape.length === 2 && group.count === 1 && !VISION.test(group.template),
  );
  const layers = layersOf(inventory);
  if (embedding === undefined || layers.length === 0) return null;
  const [vocabSize = 0, hiddenSize = 0] = embedding.shape;
  const notes: string[] = [];
  const head = outside.find((group) => HEAD.test(group.template) && group.shape[0] === vocabSize);
  const main = layers.filter((layer) => !layer.mtp);
  const blocks = main.map((layer, at) => blockOf(layer, hiddenSize, hints, at));
  const unread = main.reduce((sum, layer) => sum + layer.unread, 0);
  const mtpParams = layers.filter((layer) => layer.mtp).reduce((sum, layer) => sum + layer.params, 0);
  const outsideParams = outside.reduce((sum, group) => sum + group.params, 0);
  const { blocks: groups, layerOrder } = groupBlocks(blocks);
  const moe = blocks.some((block) => block.feedForward?.type === 'moe');
  if (mtpParams > 0)
    notes.push(
      `The file also stores ${mtpParams.toLocaleString('en-US')} parameters of multi-token prediction modules; they are not in params_total.`,
    );
  if (unread > 0)
    notes.push(
      `${unread.toLocaleString('en-US')} parameters lie in matrices whose use was not understood: counted as parameters, not in the FLOPs.`,
    );
  if (moe && hints.expertsPerToken === undefined)
    notes.push(
      'The file does not say how many experts a token uses: active parameters and FLOPs assume all. Import config.json for the true number.',
    );
  const vision = outside.filter((group) => VISION.test(group.template)).reduce((sum, group) => sum + group.params, 0);
  if (vision > 0)
    notes.push(`${vision.toLocaleString('en-US')} parameters of image or audio parts are counted, without FLOPs.`);
  const architecture: Architecture = transformer({
    name: hints.name ?? '',
    hiddenSize,
    vocabSize,
    tiedEmbeddings: head === undefined,
    finalNorm: false,
    norm: RMS_NORM,
    blocks: groups,
    layerOrder,
    extraParams: outsideParams - embedding.params - (head?.params ?? 0),
    maxPositions: hints.maxPositions ?? null,
    storedType: [...inventory.bytesByType].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null,
  });
  return { architecture, approximate: unread > 0 || (moe && hints.expertsPerToken === undefined), notes };
}

function layersOf(inventory: TensorInventory): LayerTensors[] {
  const layers: LayerTensors[] = [];
  for (const group of inventory.groups) {
    const match = LAYER.exec(group.template);
    if (match === null || VISION.test(group.template)) continue;
    const inner = match[1] ?? '';
    const role = group.shape.length < 2 ? 'vector' : (ROLES.find(([pattern]) => pattern.test(inner))?.[1] ?? 'other');
    const each = group.params / group.count;
    for (const [at, count] of group.layers) {
      const layer = (layers[at] ??= { roles: new Map(), params: 0, norms: 0, mtp: false, unread: 0 });
      layer.params += each * count;
      if (MTP.test(inner)) layer.mtp = true;
      if (role === 'other') layer.unread += group.shape.includes(1) ? 0 : each * count;
      else if (role !== 'vector') layer.roles.set(role, { group, each: count });
    }
  }
  return layers.filter((layer) => layer !== undefined);
}

/** Length of a matrix's side that is not the hidden width (the outer one when both or neither are). */
function span(layer: LayerTensors, role: Role, hidden: number): number | undefined {
  const shape = layer.roles.get(role)?.group.shape;
  if (shape === undefined) return undefined;
  const [rows = 0, columns = 0] = shape.slice(-2);
  return columns === hidden ? rows : rows === hidden ? columns : rows;
}

function blockOf(layer: LayerTensors, hidden: number, hints: TensorHints, at: number): Block {
  const block: Block = {
    mixer: mixerOf(layer, hidden, hints, at),
    feedForward: feedForwardOf(layer, hidden, hints),
    norms: 0,
    extraParams: 0,
  };
  const explained = blockParameters(block, hidden, RMS_NORM).params;
  return { ...block, extraParams: layer.params - explained };
}

function mixerOf(layer: LayerTensors, hidden: number, hints: TensorHints, at: number): Mixer | null {
  const window = hints.window !== undefined && (hints.windowed?.(at) ?? true) ? hints.window : null;
  const out = span(layer, 'o', hidden);
  const down = layer.roles.get('kv_down')?.group.shape;
  if (down !== undefined && out !== undefined) return latentOf(layer, out, down);
  const fused = span(layer, 'qkv', hidden);
  const q = span(layer, 'q', hidden) ?? out;
  if (q === undefined || (fused === undefined && layer.roles.get('q') === undefined)) return null;
  const k = span(layer, 'k', hidden) ?? (fused === undefined ? undefined : (fused - q) / 2);
  if (k === undefined) return null;
  const v = span(layer, 'v', hidden) ?? k;
  const headDim = hints.headDim ?? [128, 64, 96, 80, 32].find((width) => q % width === 0 && k % width === 0) ?? q;
  const kvHeads = Math.max(1, Math.round(k / headDim));
  return attention({
    heads: Math.max(1, Math.round(q / headDim)),
    kvHeads,
    headDim,
    valueHeadDim: Math.round(v / kvHeads),
    window,
  });
}

function latentOf(layer: LayerTensors, out: number, down: readonly number[]): Mixer | null {
  const up = layer.roles.get('kv_up')?.group.shape;
  const kUp = layer.roles.get('k_up')?.group.shape;
  const kvRank = up?.[1] ?? (kUp === undefined ? undefined : Math.max(...kUp.slice(-2)));
  if (kvRank === undefined) return null;
  const rope = (down[0] ?? 0) - kvRank;
  const queryShape = layer.roles.get('q_up')?.group.shape ?? layer.roles.get('q')?.group.shape;
  const queries = queryShape?.[0] ?? 0;
  const nopeAll = up === undefined ? 0 : (up[0] ?? 0) - out;
  const heads = up === undefined ? (kUp?.[0] ?? 1) : Math.max(1, Math.round((queries - nopeAll) / Math.max(1, rope)));
  const nope = up === undefined ? Math.round(queries / heads) - rope : Math.round(nopeAll / heads);
  return {
    type: 'latent_attention',
    heads,
    queryRank: layer.roles.get('q_down')?.group.shape[0] ?? null,
    kvRank,
    nopeHeadDim: nope,
    ropeHeadDim: rope,
    valueHeadDim: Math.round(out / heads),
    bias: false,
    indexer: null,
  };
}

function feedForwardOf(layer: LayerTensors, hidden: number, hints: TensorHints): FeedForward | null {
  const expert = layer.roles.get('expert_down') ?? layer.roles.get('expert_up');
  if (expert !== undefined) {
    const { group, each } = expert;
    const experts = group.shape.length >= 3 ? (group.shape.at(-3) ?? 1) : each;
    const width = span(layer, 'expert_down', hidden) ?? span(layer, 'expert_up', hidden) ?? 0;
    const sharedWidth = span(layer, 'shared_down', hidden);
    return {
      type: 'moe',
      experts,
      expertsPerToken: Math.min(experts, hints.expertsPerToken ?? experts),
      expertIntermediateSize: width,
      gated: layer.roles.has('expert_gate') || layer.roles.has('expert_gate_up'),
      bias: false,
      routerBias: false,
      routerCorrection: false,
      routerExtraParams: 0,
      shared:
        sharedWidth === undefined
          ? null
          : { intermediateSize: sharedWidth, gated: layer.roles.has('shared_gate'), bias: false, gate: false },
      latentSize: null,
      parallelMlp: null,
    };
  }
  const width = span(layer, 'down', hidden) ?? span(layer, 'up', hidden);
  if (width === undefined) return null;
  return {
    type: 'mlp',
    intermediateSize: width,
    gated: layer.roles.has('gate') || layer.roles.has('gate_up'),
    bias: false,
  };
}
