import conventions from '../../../../assets/fits/table_conventions.json' with { type: 'json' };

/** What a training recipe sets for a model size on a chip; the first whose degrees divide the chips is meant. */
export interface RecipeSettings {
  readonly recipe: string;
  /** Size as the table's header spells it; empty: the recipe has one size. */
  readonly size: string;
  readonly gpu: string;
  /** Year from which on the recipe was another. */
  readonly until?: number;
  readonly seqs_per_chip: number;
  readonly tp: number;
  readonly pp: number;
  readonly cp: number;
  readonly ep: number;
  readonly expert_tp: number;
  readonly vp: number;
  readonly microbatch: number;
  readonly token_drop?: boolean;
  readonly source: string;
}

/** What tables leave to their readers, as data: nothing here is known to the predictor. */
export interface TableConventions {
  /** Sequence length of a training recipe by the first part of its path (tokens). */
  readonly sequence_by_recipe: readonly { readonly recipe: string; readonly seq_len: number }[];
  /** Batch and layout of training recipes, from their launch scripts. */
  readonly recipes: readonly RecipeSettings[];
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

/** The settings of a recipe for a header, chip, date and number of chips; `null` when no script says. */
export function recipeSettings(
  recipe: string,
  header: string,
  gpu: string,
  year: number,
  chips: number,
): RecipeSettings | null {
  const words = header.toLowerCase().split(/\s+/);
  return (
    CONVENTIONS.recipes.find(
      (r) =>
        r.recipe === recipe &&
        (r.size === '' || words.includes(r.size)) &&
        r.gpu === gpu.toLowerCase() &&
        year < (r.until ?? Infinity) &&
        chips % (r.tp * r.pp * r.cp) === 0 &&
        (chips / r.pp) % (r.ep * r.expert_tp) === 0,
    ) ?? null
  );
}
