import type { Fields, JsonObject } from './hf-fields.ts';

/** Fields that never change a parameter or FLOP count, by the shape of their names. */
const HARMLESS =
  /(_token_id|_token_index|_token|dropout|_eps|epsilon|^rope|rope_|_rope|rotary|initializer|_std$|use_cache|cache|pretraining_tp|_act$|activation|_coef|_pdrop|softcap|clip|jitter|norm_topk|^time_step|multiplier|scoring|topk_group|^n_group|_group$|_id$|_ids$|logit|_theta|^_|loss|dtype|version|architectures|model_type|auto_map|quantization|tokenizer|alibi|attn_implementation|flash|is_decoder|is_encoder|problem_type|return_dict|output_|id2label|label2id|name|chunk_size_feed|gradient|torch_|scal|temperature|attn_impl|max_window|window|position|mrope|interleave$|pad_|summary|mup|lm_head|ep_size|seq_aux|fused|fp32|upcast|^use_cache|kernel|bidirectional|prefix|compress_ratios_note|^init|task|init_|device|embd_pdrop|logits|truncate|limit|original|max_seq|^seq_|parallel|sandwich|aux_loss|alpha$|beta$|decay|freq_base|freq|factor|method|mode|language|license|transform|layer_scale_init|num_labels|classif|pooler|expand$|routed|norm_type|clip_qkv|cross_attention|layerdrop|zero|qk_layer|qk_norm|hidden_act)/i;

/** Other ways to say what was already read from a list, a pattern or an alias. */
const READ_ELSEWHERE = new Set(
  'full_attention_interval num_key_value_heads num_hidden_layers qk_head_dim head_dim intermediate_size hidden_size_per_layer_input num_mtp_modules mtp_transformer_layers mtp_use_dedicated_embeddings vocab_size_per_layer_input n_shared_experts mamba_ssm_dtype num_logits_to_keep moe_layer_freq decoder_sparse_step first_k_dense_replace sliding_window_pattern time_step_rank vision_soft_tokens_per_image moe_renormalize attn_config no_bias attention_layers rescale_prenorm_residual expand'.split(
    ' ',
  ),
);

/** Numbers, flags and lists whose names speak of sizes: only these can change a count. */
const STRUCTURAL =
  /(size|dim|num_|n_|layers|heads|rank|expert|width|depth|bias|kernel|hidden|inner|mlp|ffn|vocab|tie|conv|ssm|state|moe|proj|latent|residual|gate)/i;

/**
 * Names of fields that may change the count and were not read. For a known type only sizes above zero and true flags
 * count: its habits cover the rest.
 */
export function unknownFields(source: JsonObject, fields: Fields, known: boolean): string[] {
  const names: string[] = [];
  for (const [name, value] of Object.entries(source)) {
    if (
      fields.used.has(name) ||
      READ_ELSEWHERE.has(name) ||
      value === null ||
      value === false ||
      value === 0 ||
      HARMLESS.test(name) ||
      !STRUCTURAL.test(name)
    )
      continue;
    if (known && name in fields.defaults) continue;
    if (typeof value === 'string' && !known) continue;
    if (typeof value === 'string' || (Array.isArray(value) && value.length === 0)) continue;
    names.push(name);
    if (names.length >= 20) break;
  }
  return names.sort();
}
