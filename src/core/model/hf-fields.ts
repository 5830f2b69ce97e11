import { FlopsheetError } from '../errors.ts';

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Largest value a size field may have: beyond it products leave the exact integers. */
const LIMIT = 1e9;

/** The names one quantity goes by in model files; a dot enters a nested object. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  hidden_size: ['n_embd', 'd_model', 'dim', 'n_embed', 'model_dim'],
  num_hidden_layers: ['n_layer', 'n_layers', 'num_layers', 'depth'],
  num_attention_heads: ['n_head', 'n_heads', 'num_heads'],
  num_key_value_heads: [
    'num_kv_heads',
    'n_head_kv',
    'n_kv_heads',
    'multi_query_group_num',
    'num_query_groups',
    'attn_config.kv_n_heads',
  ],
  intermediate_size: ['n_inner', 'ffn_dim', 'ffn_hidden_size', 'd_ff', 'hidden_dim', 'block_ff_dim'],
  vocab_size: ['padded_vocab_size', 'n_vocab'],
  head_dim: ['attention_head_dim', 'kv_channels', 'd_head', 'head_size'],
  max_position_embeddings: [
    'n_positions',
    'max_seq_len',
    'seq_length',
    'max_sequence_length',
    'model_max_length',
    'n_ctx',
  ],
  num_experts: [
    'n_routed_experts',
    'num_local_experts',
    'moe_num_experts',
    'num_routed_experts',
    'ffn_config.moe_num_experts',
  ],
  num_experts_per_tok: [
    'experts_per_token',
    'num_experts_per_token',
    'top_k_experts',
    'moe_top_k',
    'moe_topk',
    'moe_k',
    'ffn_config.moe_top_k',
    'num_selected_experts',
  ],
  moe_intermediate_size: [
    'expert_ffn_hidden_size',
    'moe_ffn_hidden_size',
    'expert_intermediate_size',
    'ffn_config.ffn_hidden_size',
  ],
  n_shared_experts: ['num_shared_experts', 'moe_num_shared_experts', 'num_shared_expert'],
  shared_expert_intermediate_size: [
    'moe_shared_expert_intermediate_size',
    'shared_intermediate_size',
    'moe_shared_ffn_hidden_size',
  ],
  first_k_dense_replace: ['num_dense_layers', 'moe_layer_start_index', 'num_initial_dense_layers'],
  num_nextn_predict_layers: ['mtp_num_hidden_layers', 'num_mtp_modules', 'mtp_num_layers'],
  moe_latent_size: ['moe_latent_dim'],
};

function lookUp(source: JsonObject, path: string): unknown {
  if (!path.includes('.')) return source[path];
  let at: unknown = source;
  for (const step of path.split('.')) {
    if (!isObject(at)) return undefined;
    at = at[step];
  }
  return at;
}

function badField(name: string, value: unknown, expected: string): FlopsheetError {
  return new FlopsheetError(
    'model-field',
    `Field "${name}" is ${JSON.stringify(value)?.slice(0, 60)}, but ${expected}.`,
    {
      where: name,
      hint: 'Correct the value in the configuration file and import it again.',
    },
  );
}

/** Reads fields by their canonical name, through aliases, then from the defaults of the model type; remembers what was read. */
export class Fields {
  readonly used = new Set<string>();
  /** Fields that decided a size and came from the defaults of the model type, not from the file. */
  readonly assumed = new Map<string, unknown>();
  readonly source: JsonObject;
  readonly defaults: JsonObject;

  constructor(source: JsonObject, defaults: JsonObject = {}) {
    this.source = source;
    this.defaults = defaults;
  }

  /** Value of the field or `undefined` (JSON null reads as undefined). */
  get(name: string): unknown {
    const names = [name, ...(ALIASES[name] ?? [])];
    for (const alias of names) {
      const value = lookUp(this.source, alias);
      if (value === undefined) continue;
      for (const other of names) this.used.add(other.split('.')[0] ?? other);
      if (value !== null) return value;
      if (alias === name) return undefined;
    }
    for (const alias of names) {
      const value = lookUp(this.defaults, alias);
      if (value !== undefined && value !== null) {
        this.assumed.set(name, value);
        return value;
      }
    }
    return undefined;
  }

  /** In the file itself, under any of its names. */
  has(name: string): boolean {
    return [name, ...(ALIASES[name] ?? [])].some((alias) => {
      const value = lookUp(this.source, alias);
      return value !== undefined && value !== null;
    });
  }

  /** A whole number in 0..10^9, or `undefined`; of a list, the entry of `layer`. Anything else is refused. */
  integer(name: string, layer = 0): number | undefined {
    const raw = this.get(name);
    const value = Array.isArray(raw) ? (raw[Math.min(layer, raw.length - 1)] as unknown) : raw;
    if (value === undefined || value === null || value === 'auto') return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > LIMIT) {
      throw badField(name, value, 'a whole number from 0 to 1,000,000,000 is expected');
    }
    return value;
  }

  /** A positive whole number that must be there. */
  size(name: string, layer = 0): number {
    const value = this.integer(name, layer);
    if (value === undefined) {
      throw new FlopsheetError('model-field-missing', `Field "${name}" is missing.`, {
        where: name,
        hint: `Add "${name}" to the file, or import the weights header instead.`,
      });
    }
    if (value === 0) throw badField(name, value, 'a positive whole number is expected');
    return value;
  }

  boolean(name: string): boolean | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value === 'boolean') return value;
    if (value === 0 || value === 1) return value === 1;
    throw badField(name, value, 'true or false is expected');
  }

  text(name: string): string | undefined {
    const value = this.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.get(name);
    return Array.isArray(value) ? value : undefined;
  }

  object(name: string): JsonObject | undefined {
    const value = this.get(name);
    return isObject(value) ? value : undefined;
  }
}
