import conventions from '../../../../assets/fits/table_conventions.json' with { type: 'json' };

/** What tables leave to their readers, as data: nothing here is known to the predictor. */
export interface TableConventions {
  /** Sequence length of a training recipe by the first part of its path (tokens). */
  readonly sequence_by_recipe: readonly { readonly recipe: string; readonly seq_len: number }[];
  /** Middle of the half-year a round of a benchmark was run in. */
  readonly benchmark_rounds: readonly { readonly round: string; readonly year: number }[];
  /** Width and depth of decoders a table names by size only (12 layers x hidden² parameters). */
  readonly nominal_decoders: readonly {
    readonly size: string;
    readonly hidden_size: number;
    readonly layers: number;
  }[];
}

/** The conventions that ship with the product (assets/fits/table_conventions.json). */
export const CONVENTIONS: TableConventions = conventions;
