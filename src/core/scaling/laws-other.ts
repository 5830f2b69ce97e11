import type { Law } from './types.ts';

const source = (title: string, reference: string, section: string) => ({ title, reference, section });

type Draft = Partial<Law> &
  Pick<Law, 'id' | 'name' | 'task' | 'equation' | 'formula' | 'constants' | 'source' | 'trust'>;

function other(draft: Draft): Law {
  return {
    uncertainty: null,
    uncertaintyNote: 'No errors of the constants were published.',
    domain: {},
    paramsConvention: 'non_embedding',
    lossUnit: 'nats per token',
    verified: draft.trust !== 'D',
    cautions:
      draft.trust === 'D' ? ['Unverified: constants are recalled, not read from the paper. For orientation only.'] : [],
    ...draft,
  };
}

/**
 * Laws for batch size and learning rate: y = coef C^flop N^params D^tokens L^loss (exponents default to 0), y in tokens for a
 * batch and dimensionless for a learning rate.
 */
const power = (
  id: string,
  name: string,
  formula: string,
  constants: Record<string, number>,
  from: Law['source'],
  trust: Law['trust'],
  rest: Partial<Law> = {},
): Law => other({ id, name, task: 'batch', equation: 'power', formula, constants, source: from, trust, ...rest });

const STEP_LAW = source('Li et al. 2025, Predictable Scale: Part I (Step Law)', 'arXiv:2503.04715', 'Equation 1');
const ZHANG = source(
  'Zhang et al. 2024, How Does Critical Batch Size Scale in Pre-training?',
  'arXiv:2410.21676',
  'Section 3',
);
const DEEPSEEK = source('Bi et al. 2024, DeepSeek LLM', 'arXiv:2401.02954', 'Section 3.1');
const LING = source('Ling team 2025, Towards Greater Leverage', 'arXiv:2507.17702', 'Section 3');

/** Laws about number formats, batch size and learning rate. */
export const OTHER_LAWS: readonly Law[] = [
  other({
    id: 'kumar2024',
    name: 'Kumar 2024, precision (unverified)',
    task: 'precision',
    equation: 'precision',
    formula:
      'L = A / N_eff^alpha + B / D^beta + E + C_T D^gD / N^gN exp(-P_post / g_post), N_eff = N (1 - exp(-P_w / g_w))',
    constants: {
      A: 4299,
      alpha: 0.4965,
      B: 18060,
      beta: 0.589,
      E: 2.7648,
      gammaWeights: 2.6745,
      CT: 0.0598,
      gammaD: 0.5068,
      gammaN: 0.3439,
      gammaPost: 0.5907,
    },
    domain: { params: [0, 1.7e9], tokens: [0, 2.6e10] },
    source: source('Kumar et al. 2024, Scaling Laws for Precision', 'arXiv:2411.04330', 'Section 6'),
    trust: 'D',
  }),
  power(
    'kaplan2020-critical-batch',
    'Kaplan 2020, critical batch',
    'B_crit = 2e8 tokens / L^(1/0.21)',
    { coef: 2e8, loss: -1 / 0.21 },
    source('Kaplan et al. 2020, Scaling Laws for Neural Language Models', 'arXiv:2001.08361', 'Section 5.1'),
    'C',
  ),
  power(
    'zhang2024-tokens',
    'Zhang 2024, critical batch, by tokens (unverified)',
    'B* = 22.91 D^0.47',
    { coef: 22.91, tokens: 0.47 },
    ZHANG,
    'D',
  ),
  power(
    'zhang2024-chinchilla',
    'Zhang 2024, critical batch, Chinchilla path (unverified)',
    'B* = 93.20 N^0.47',
    { coef: 93.2, params: 0.47 },
    ZHANG,
    'D',
  ),
  power(
    'zhang2024-params',
    'Zhang 2024, critical batch, by size alone (unverified)',
    'B* = 621.3 N^0.087',
    { coef: 621.3, params: 0.087 },
    ZHANG,
    'D',
  ),
  power(
    'steplaw2025-batch',
    'Step Law 2025, batch',
    'B = 0.58 D^0.571 tokens',
    { coef: 0.58, tokens: 0.571 },
    STEP_LAW,
    'C',
  ),
  power(
    'steplaw2025-lr',
    'Step Law 2025, learning rate',
    'eta = 1.79 N^-0.713 D^0.307',
    { coef: 1.79, params: -0.713, tokens: 0.307 },
    STEP_LAW,
    'C',
  ),
  power(
    'deepseek2024-batch',
    'DeepSeek 2024, batch',
    'B = 0.2920 C^0.3271 tokens',
    { coef: 0.292, flop: 0.3271 },
    DEEPSEEK,
    'B',
    { domain: { flop: [1e17, 2e19] } },
  ),
  power(
    'deepseek2024-lr',
    'DeepSeek 2024, learning rate',
    'eta = 0.3118 C^-0.1250',
    { coef: 0.3118, flop: -0.125 },
    DEEPSEEK,
    'B',
    { domain: { flop: [1e17, 2e19] } },
  ),
  power('ling2025-batch', 'Ling 2025, batch', 'B = 0.0694 C^0.3644 tokens', { coef: 0.0694, flop: 0.3644 }, LING, 'B', {
    domain: { flop: [1e18, 6e20] },
  }),
  power(
    'ling2025-lr',
    'Ling 2025, learning rate',
    'eta = 1.1576 C^-0.1529',
    { coef: 1.1576, flop: -0.1529 },
    LING,
    'B',
    { domain: { flop: [1e18, 6e20] } },
  ),
];
