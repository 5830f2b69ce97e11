/** What the predictor is asked about a run, as arguments of its functions. */
export const RUN = 'model, hardware, precision, chips, seq_len, batch_tokens, layout, recompute, software_date';

/** Training FLOP per token of a run at the sequence length of the row; `of` is `run.` in tables whose rows belong to a run. */
export const flopPerToken = (of = ''): string => {
  const trains = `${of}training_mode`;
  const how = `${of}flop_convention`;
  const plain = `if(${how} = "6nd" and if_unknown(${of}model.counted_per, "token") = "token", 6 FLOP * ${of}params_active, train_flop_per_token(${of}model, seq_len, ${how}))`;
  const distilled = `if(${trains} = "distillation", distillation_flop_per_token(${of}model, ${of}teacher, seq_len, ${how}), ${plain})`;
  const frozen = `if(${trains} = "frozen", frozen_flop_per_token(${of}model, seq_len, ${of}frozen_parts), ${distilled})`;
  return `if(${trains} = "lora" or ${trains} = "qlora", adapter_flop_per_token(${of}model, seq_len, ${how}, ${of}adapter_rank), ${frozen})`;
};

/** What recomputation adds per token: the forward passes done again. */
export const recomputedPerToken = (of = ''): string => {
  const how = `${of}flop_convention`;
  return `(hardware_flop_per_token(${of}model, seq_len, ${how}, ${of}recompute) - train_flop_per_token(${of}model, seq_len, ${how}))`;
};
