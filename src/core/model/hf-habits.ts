import type { Norm } from './architecture.ts';
import type { Fields, JsonObject } from './hf-fields.ts';

/** `true`, `false`, or the name of a boolean field that decides ("!name": its opposite; "name?": true unless the field is false). */
export type Flag = boolean | string;

/**
 * What the implementation of a model type does that its configuration file does not say. One entry per model type,
 * kept outside this folder as data; an unknown type gets none and its count is marked approximate.
 */
export interface Habits {
  readonly norm?: Norm;
  /** Norms of the hidden width per layer. */
  readonly norms?: number;
  readonly finalNorm?: Flag;
  readonly embeddingNorm?: Flag;
  readonly queryBias?: Flag;
  readonly keyBias?: Flag;
  readonly valueBias?: Flag;
  readonly outBias?: Flag;
  readonly mlpBias?: Flag;
  readonly headBias?: Flag;
  readonly gated?: Flag;
  readonly expertBias?: Flag;
  readonly routerBias?: Flag;
  readonly routerCorrection?: Flag;
  readonly qkNorm?: { readonly when: Flag; readonly over: 'head' | 'all_heads' | 'each_head'; readonly norm?: Norm };
  /** `windowed`: only in layers with a window. */
  readonly sinks?: Flag | 'windowed';
  readonly outputGate?: 'none' | 'element' | 'head';
  readonly sharedGate?: Flag;
  /** One shared expert of the experts' width although no field says so. */
  readonly sharedExpert?: boolean;
  /** State-space layers have no feed-forward. */
  readonly mixerOnly?: boolean;
  /** What "linear attention" means here; `mamba` is also what every layer is when nothing is said. */
  readonly linear?: 'lightning' | 'mamba';
  /** Parameters of a layer beyond its matrices and norms (learned activations). */
  readonly extraPerLayer?: number;
  /** Rows of the learned position table beyond `max_position_embeddings`; absent: no table. */
  readonly learnedPositionsOffset?: number;
  /** Feed-forward width as a multiple of the hidden size when the file does not state it. */
  readonly expansion?: number;
  /** Width of the gated feed-forward relative to `intermediate_size` (some types state both halves together). */
  readonly intermediateFactor?: number;
  /** Every n-th layer sees everything, the others a window, when no list of layer types is given. */
  readonly fullEvery?: number;
  /** The window field is there but windows are off unless this flag is on. */
  readonly windowWhen?: Flag;
  /** Every n-th layer is full attention, the others linear, when no list is given. */
  readonly linearEvery?: number;
  /** The stored MTP module repeats embedding and head. */
  readonly mtpDuplicatesEmbedding?: boolean;
  /** MTP modules stated in the file are not part of the published weights. */
  readonly mtpNotPublished?: boolean;
  readonly causal?: boolean;
  /** Layers in `cross_attention_layers` look at the picture: norms per head on queries and keys, and two gates. */
  readonly crossLayers?: boolean;
  /** Rows of the embedding beyond the vocabulary, not in the head. */
  readonly extraEmbeddingRows?: number;
  readonly headless?: Flag;
  /** Special layouts understood by the mapper. */
  readonly layout?: 'parallel_norms';
  /** This type is a vision tower. */
  readonly vision?: VisionHabits;
  /** How a multimodal type of this name joins its tower to the language model. */
  readonly projector?: ProjectorKind;
}

/** From patch features to the language model's width: see `hf-vision.ts` for the matrices of each. */
export type ProjectorKind =
  | 'merge_mlp'
  | 'norm_linear'
  | 'linear'
  | 'biased_linear'
  | 'mlp'
  | 'shuffle_mlp'
  | 'patch_merge'
  | 'adapter'
  | 'merge_gated'
  | 'features_linear';

/** What the implementation of a vision tower does. */
export interface VisionHabits {
  readonly norm: Norm;
  readonly norms?: number;
  /** Biases of all matrices unless one of the next says otherwise. */
  readonly bias?: boolean;
  readonly qkvBias?: boolean;
  readonly mlpBias?: boolean;
  readonly patchBias?: boolean;
  readonly gated?: boolean;
  readonly qkNorm?: boolean;
  /** Learned positions: one per patch of `image_size`, a stated table, or one table per axis. */
  readonly positions?: 'grid' | 'table' | 'axes';
  readonly classToken?: boolean;
  /** Patches span `temporal_patch_size` frames. */
  readonly frames?: boolean;
  /** Norms before and after the layers. */
  readonly extraNorms?: number;
  /** Vectors of the width that scale each layer's branches. */
  readonly layerScales?: number;
  /** The feed-forward is as wide as the language model; `intermediate_size` is the projector's. */
  readonly mlpOfOutputWidth?: boolean;
  /** Pictures come in tiles: learned tables per aspect ratio, gates, and further layers over all tiles (`num_global_layers`). */
  readonly tiles?: boolean;
  /** Attention pooling after the layers, unless `vision_use_head` is false. */
  readonly poolingHead?: boolean;
}

/** What is known of one model type: habits, defaults of its configuration class, types of its nested parts. */
export interface Family {
  readonly habits: Habits;
  readonly defaults: JsonObject;
  /** Model type of the nested `text_config` or `vision_config` when it does not say its own. */
  readonly parts?: Readonly<Record<string, string>>;
}

/** Families by model type. */
export type Families = ReadonlyMap<string, Family>;

/** Decides a flag; an absent flag is `fallback`. */
export function flag(value: Flag | undefined, fields: Fields, fallback = false): boolean {
  if (value === undefined) return fallback;
  if (typeof value === 'boolean') return value;
  if (value.startsWith('!')) return !(fields.boolean(value.slice(1)) ?? false);
  if (value.endsWith('?')) return fields.boolean(value.slice(0, -1)) ?? true;
  return fields.boolean(value) ?? false;
}
