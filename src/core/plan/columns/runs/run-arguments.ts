/** What the predictor is asked about a run, as arguments of its functions. */
export const RUN = 'model, hardware, precision, chips, seq_len, batch_tokens, layout, recompute, software_date';
