import type { Law } from './types.ts';

type Draft = Partial<Law> &
  Pick<Law, 'id' | 'name' | 'equation' | 'formula' | 'constants' | 'source' | 'trust' | 'domain'>;

const OWN_LOSS = 'Absolute losses belong to this corpus: use differences and ratios within this law only.';
const IGNORES = 'Ignores expert communication, load imbalance and memory: an optimum here can be unbuildable or slow.';

function moe(draft: Draft): Law {
  return {
    task: 'moe',
    uncertainty: null,
    uncertaintyNote: 'No errors of the constants were published.',
    paramsConvention: 'total',
    lossUnit: 'nats per token',
    verified: true,
    cautions: [OWN_LOSS, IGNORES],
    ...draft,
  };
}

const clark = (
  id: string,
  router: string,
  a: number,
  b: number,
  c: number,
  d: number,
  eStart: number,
  eMax: number,
): Law =>
  moe({
    id: `clark2022-${id}`,
    name: `Clark 2022, ${router}`,
    equation: 'clark',
    formula: "log10 L = a log10 N + b log10 E' + c log10 N log10 E' + d",
    constants: { a, b, c, d, eStart, eMax, tokens: 130e9 },
    paramsConvention: 'active',
    domain: {
      params: [1.5e7, 1.3e9],
      tokens: [130e9, 130e9],
      sparsity: [0, 1 - 1 / 512],
      note: 'N is the dense base model; 130B tokens, up to 512 experts',
    },
    source: {
      title: 'Clark et al. 2022, Unified Scaling Laws for Routed Language Models',
      reference: 'arXiv:2202.01169',
      section: 'Equation 1 and Table 3',
    },
    trust: 'C',
    cautions: [
      OWN_LOSS,
      IGNORES,
      'Fitted at a fixed 130B tokens: it cannot trade size against tokens. Three-digit constants do not reproduce the published cut-off size.',
    ],
  });

const krajewski = (id: string, name: string, constants: Record<string, number>, note: string): Law =>
  moe({
    id,
    name,
    equation: 'krajewski',
    formula: 'L = c + (g / G^gamma + a) / N^alpha + b / D^beta',
    constants,
    domain: { params: [1.29e8, 3.7e9], tokens: [1.6e10, 1.3e11], note },
    source: {
      title: 'Krajewski et al. 2024, Scaling Laws for Fine-Grained Mixture of Experts',
      reference: 'arXiv:2402.07871',
      section: 'Equation 9 and Table 1',
    },
    trust: 'C',
    cautions: [OWN_LOSS, IGNORES, 'The number of experts is fixed: only granularity G = d_ff / d_expert varies.'],
  });

/** Published laws for mixture-of-experts models. */
export const MOE_LAWS: readonly Law[] = [
  moe({
    id: 'abnar2025',
    name: 'Abnar 2025, parameters against FLOPs',
    equation: 'abnar',
    formula: 'L = a/N^alpha + b/D^beta + c/(1-S)^lambda + d/((1-S)^delta N^gamma) + e, S = (E-K)/E, N total',
    constants: {
      alpha: 0.5962,
      beta: 0.3954,
      lambda: -0.1666,
      delta: 0.1603,
      gamma: 0.1595,
      a: 16612.5,
      b: 5455.67,
      c: 0.4598,
      d: 17.26,
      e: 0.94,
    },
    domain: {
      flop: [3e19, 1e21],
      sparsity: [0, 0.98],
      note: 'Fitted below S = 0.98; R2 falls to 0.68 on held-out S = 0.98',
    },
    source: {
      title: 'Abnar et al. 2025, Parameters vs FLOPs: Scaling Laws for Optimal Sparsity for MoE Language Models',
      reference: 'arXiv:2501.12370',
      section: 'Equation 5 and Table 2',
    },
    trust: 'B',
    cautions: [
      OWN_LOSS,
      IGNORES,
      'Uses C = 6 (1-S) N D; the paper counts exact FLOPs. At equal loss, reading comprehension favours denser models.',
    ],
  }),
  moe({
    id: 'ling2025',
    name: 'Ling 2025, efficiency leverage',
    aliases: ['ling2025-el', 'efficiency-leverage'],
    equation: 'efficiency_leverage',
    formula: "EL = A'^(alpha + gamma (log2 G)^2 + beta log2 G), alpha = a + d log10 C",
    constants: {
      a: 1.23,
      d: -7.61e-2,
      gamma: 1.67e-2,
      beta: -1.17e-1,
      aStart: 1.63e-2,
      aMax: 5.28e16,
      paramsCoef: 0.1915 / 6,
      paramsExponent: 0.5095,
      tokensCoef: 5.2232,
      tokensExponent: 0.4905,
      granularity: 12,
    },
    paramsConvention: 'active',
    domain: {
      flop: [3e18, 3e20],
      params: [0, 2.8e10],
      note: 'More than 300 models; fitted where the leverage is below 6',
    },
    source: {
      title: 'Ling team 2025, Towards Greater Leverage: Scaling Laws for Efficient MoE Language Models',
      reference: 'arXiv:2507.17702',
      section: 'Equation 13',
    },
    trust: 'B',
    cautions: [
      IGNORES,
      'The bases of the logarithms are inferred (log10 for C, log2 for G): they reproduce both published anchors.',
    ],
  }),
  ...(['dense', 'moe'] as const).map((kind) =>
    moe({
      id: `ling2025-alloc-${kind}`,
      name: `Ling 2025, allocation, ${kind === 'moe' ? '64 experts, top 4, one shared' : 'dense'}`,
      task: 'dense',
      equation: 'allocation',
      formula:
        kind === 'moe'
          ? 'M* = 0.1915 C^0.5095, D* = 5.2232 C^0.4905, C = M D'
          : 'M* = 0.0655 C^0.5422, D* = 15.2582 C^0.4578, C = M D',
      constants:
        kind === 'moe'
          ? { paramsCoef: 0.1915 / 6, paramsExponent: 0.5095, tokensCoef: 5.2232, tokensExponent: 0.4905 }
          : { paramsCoef: 0.0655 / 6, paramsExponent: 0.5422, tokensCoef: 15.2582, tokensExponent: 0.4578 },
      paramsConvention: 'flop_per_token_over_6',
      domain: { flop: [1e18, 6e20] },
      source: {
        title: 'Ling team 2025, Towards Greater Leverage',
        reference: 'arXiv:2507.17702',
        section: 'Section 3',
      },
      trust: 'B',
      cautions: ['Predicts an allocation, not a loss. N is FLOP per token divided by 6 (active).'],
    }),
  ),
  clark('sbase', 'S-BASE routing', -0.082, -0.108, 0.009, 1.104, 1.847, 314.478),
  clark('rlr', 'RL-R routing', -0.083, -0.126, 0.012, 1.111, 1.88, 469.982),
  clark('hash', 'hash routing', -0.087, -0.136, 0.012, 1.157, 4.175, 477.741),
  krajewski(
    'krajewski2024',
    'Krajewski 2024, fine-grained experts',
    { a: 18.1, alpha: 0.115, b: 30.8, beta: 0.147, g: 2.1, gamma: 0.58, c: 0.47, experts: 64, granularity: 8 },
    '64 expansion, granularity 1 to 16; N is total parameters',
  ),
  krajewski(
    'krajewski2024-dense',
    'Krajewski 2024, dense reference',
    { a: 16.3, alpha: 0.126, b: 26.7, beta: 0.127, g: 0, gamma: 0.58, c: 0.47, experts: 1, granularity: 1 },
    'The dense law of the same paper',
  ),
  moe({
    id: 'hossain2025',
    name: 'Generalised sparsity law 2025',
    equation: 'hossain',
    formula: 'L = e (1-S)^gamma + (a (1-S)^alpha + c S) / N^alpha + b / D^beta',
    constants: { e: 1.69, a: 406.4, b: 410.7, c: 93.45, alpha: 0.34, beta: 0.28, gamma: 0.001 },
    domain: { sparsity: [0, 0.99] },
    source: {
      title: 'Hossain et al. 2025, A generalized scaling law for dense and sparse models',
      reference: 'arXiv:2508.06617',
      section: 'Author code',
    },
    trust: 'C',
    cautions: [OWN_LOSS, IGNORES, 'Equals the rounded Hoffmann law at S = 0 and inherits its rounding.'],
  }),
  moe({
    id: 'ludziejewski2025',
    name: 'Ludziejewski 2025, joint MoE (beta)',
    equation: 'ludziejewski',
    formula: "L = a E'^del N^(al + gam ln E') + b E'^om D^(be + zet ln E') + c, N active",
    constants: {
      a: 35.91,
      del: -0.2285,
      al: -0.1889,
      gam: 0.0098,
      b: 35.98,
      om: 0.5529,
      be: -0.1775,
      zet: -0.0259,
      c: 1.3637,
      eStart: 2.0732,
      eMax: 290.4521,
    },
    paramsConvention: 'active',
    domain: {
      params: [0, 2.7e9],
      sparsity: [0, 1 - 1 / 32],
      note: 'More than 280 runs, 1 to 32 experts, up to 5B total',
    },
    source: {
      title: 'Ludziejewski et al. 2025, Joint MoE Scaling Laws',
      reference: 'arXiv:2502.05172',
      section: 'Quoted constants; signs restored',
    },
    trust: 'D',
    verified: false,
    cautions: [
      OWN_LOSS,
      IGNORES,
      'Beta: signs are restored by reason and E_start, E_max are recalled. Check against the paper before a decision.',
    ],
  }),
];
