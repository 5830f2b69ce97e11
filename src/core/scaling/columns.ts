/** Recognises what the columns of a table of training runs hold, from their headings and from their numbers. */

export type Role = 'params' | 'tokens' | 'flop' | 'loss';

/** Headings by role, best first; a heading that matches a refusal is never taken for that role. */
const NAMES: Record<Role, { readonly best: readonly RegExp[]; readonly never: RegExp }> = {
  params: {
    best: [
      /^(n|params|parameters|n_params|num_params|nparams|param_count|parameter_count|model_size|params_total|total_params|num_parameters)$/,
      /(^|_)(params?|parameters?|model_size|parameter_count)(_|$)/,
      /^n_/,
    ],
    never: /(per|ratio|optim|active_experts|token|loss|no_embed|non_embed|embedding|flop)/,
  },
  tokens: {
    best: [
      /^(d|tokens|n_tokens|num_tokens|ntokens|train_tokens|training_tokens|total_tokens|tokens_seen|data|dataset_size|data_size)$/,
      /(^|_)tokens?(_|$)/,
      /^d_(?!model|ff|head)/,
    ],
    never: /(per|ratio|mult|unique|batch|loss|size_of_vocab|flop|param)/,
  },
  flop: {
    best: [
      /^(c|flops?|compute|budget|train_flops?|training_flops?|total_flops?|compute_budget|flop_budget)$/,
      /(flops?|compute|budget|pf_?days?)(_|$)/,
    ],
    never: /(per|loss|second|_s$)/,
  },
  loss: {
    best: [
      /^(l|loss|val_loss|validation_loss|eval_loss|test_loss|final_loss)$/,
      /(val|eval|valid|test).*loss|loss.*(val|eval|valid|test)/,
      /loss|nll|cross_entropy|(^|_)ce(_|$)/,
    ],
    never: /(train_flop|lossless|scale)/,
  },
};

/** `throughput/total_gflops` -> `throughput_total_gflops`. */
export function normaliseHeading(heading: string): string {
  return heading
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9^]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

/** The unit a heading states, as a factor to counts or FLOP: `params (B)` 1e9, `total_gflops` 1e9, `tokens_m` 1e6. */
export function headingScale(heading: string): number {
  const name = normaliseHeading(heading);
  const flop = /(?:^|_)([kmgtpezy])flops?(?:_|$)/.exec(name);
  if (flop) return 10 ** ({ k: 3, m: 6, g: 9, t: 12, p: 15, e: 18, z: 21, y: 24 }[flop[1]!] ?? 0);
  if (/pf_?days?/.test(name)) return 8.64e19;
  const unit = /_(k|thousands?|m|mn|millions?|1e6|10\^6|b|bn|billions?|1e9|10\^9|t|trillions?|1e12|10\^12)$/.exec(
    name,
  )?.[1];
  if (!unit) return 1;
  if (/^(k|th)/.test(unit)) return 1e3;
  if (/^(m|1e6|10\^6$)/.test(unit)) return 1e6;
  if (/^(b|1e9|10\^9$)/.test(unit)) return 1e9;
  return 1e12;
}

/** How well a heading fits a role: 0 best, 1, 2 weaker, Infinity not at all. */
function rank(role: Role, heading: string): number {
  const name = normaliseHeading(heading).replace(
    /_(k|m|mn|b|bn|t|thousands?|millions?|billions?|trillions?|1e6|1e9|1e12)$/,
    '',
  );
  const full = normaliseHeading(heading).replace(/(^|_)[kmgtpezy](flops?)/, '$1$2');
  const { best, never } = NAMES[role];
  if (never.test(full)) return Infinity;
  const at = best.findIndex((pattern) => pattern.test(name) || pattern.test(full));
  return at < 0 ? Infinity : at;
}

/** The column of each role (-1 when none), and further headings that would have done as well. */
export function detectColumns(headings: readonly string[]): {
  column: Record<Role, number>;
  alternatives: Record<Role, string[]>;
} {
  const column: Record<Role, number> = { params: -1, tokens: -1, flop: -1, loss: -1 };
  const alternatives: Record<Role, string[]> = { params: [], tokens: [], flop: [], loss: [] };
  for (const role of Object.keys(NAMES) as Role[]) {
    let bestRank = Infinity;
    headings.forEach((heading, i) => {
      const r = rank(role, heading);
      if (r < bestRank) {
        bestRank = r;
        column[role] = i;
      }
    });
    if (bestRank < Infinity) {
      alternatives[role] = headings.filter((heading, i) => i !== column[role] && rank(role, heading) <= bestRank + 1);
    }
  }
  return { column, alternatives };
}

const SUFFIX: Record<string, number> = { k: 1e3, m: 1e6, b: 1e9, t: 1e12, bn: 1e9 };

/**
 * Reads a number as people write it: `1.4e9`, `1,400,000`, `1.4B`, `300 M`; with `decimalComma` also `3,42`.
 * NaN when it is not a number.
 */
export function parseCount(text: string, decimalComma = false): number {
  const trimmed = text.trim();
  if (trimmed === '') return NaN;
  const direct = Number(trimmed);
  if (!Number.isNaN(direct)) return direct;
  const match = /^([-+]?[\d.,' _]*\d(?:\.\d*)?(?:e[-+]?\d+)?)\s*([kmbt]|bn)?$/i.exec(trimmed);
  if (!match) return NaN;
  let digits = match[1]!.replace(/[' _]/g, '');
  if (decimalComma) digits = digits.replace(/\.(?=\d{3}(\D|$))/g, '').replace(',', '.');
  else if (/^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(digits)) digits = digits.replace(/,/g, '');
  const value = Number(digits);
  return value * (match[2] ? SUFFIX[match[2].toLowerCase()]! : 1);
}
