import type { Law, LawUncertainty } from './types.ts';

/** 1 PF-day in FLOP (1e15 FLOP/s for 86,400 s): Kaplan's unit of compute. */
export const PF_DAY_FLOP = 8.64e19;

const ADDITIVE = 'L = E + A / N^alpha + B / D^beta';
const ALLOCATION = 'N* = k C^a, D* = m C^b';
const NATS = 'nats per token';
const NO_ERRORS = 'No errors of the constants were published.';
const TOKENIZER =
  'Loss depends on tokenizer and corpus: E, A and B are not portable, ratios and exponents travel better.';

/** An interval of the size exponent, known best at the geometric middle of the fitted budgets. */
function exponent(low: number, high: number, level: number, flopLow: number, flopHigh: number): LawUncertainty {
  return { kind: 'exponent', low, high, level, pivotFlop: Math.sqrt(flopLow * flopHigh) };
}

type Draft = Partial<Law> & Pick<Law, 'id' | 'name' | 'equation' | 'constants' | 'source' | 'trust'>;

function dense(draft: Draft): Law {
  return {
    task: 'dense',
    formula: draft.equation === 'allocation' ? ALLOCATION : ADDITIVE,
    uncertainty: null,
    uncertaintyNote: NO_ERRORS,
    domain: {},
    paramsConvention: 'total',
    lossUnit: NATS,
    verified: true,
    cautions: [TOKENIZER],
    ...draft,
  };
}

const hoffmann = (section: string) => ({
  title: 'Hoffmann et al. 2022, Training Compute-Optimal Large Language Models',
  reference: 'arXiv:2203.15556',
  section,
});
const HOFFMANN_DOMAIN = {
  flop: [6e18, 3e21],
  params: [7e7, 1.6e10],
  tokens: [5e9, 5e11],
  note: 'MassiveText, cosine schedule matched to the token count',
} as const;

const besiroglu = {
  title: 'Besiroglu et al. 2024, Chinchilla Scaling: A replication attempt',
  reference: 'arXiv:2404.10102',
  section: 'Section 3 and the published notebook',
};
const HOFFMANN_POINTS_DOMAIN = { ...HOFFMANN_DOMAIN, flop: [1e18, 3e21] } as const;

const sardana = (maxRatio: number, constants: Record<string, number>, suffix: string): Law =>
  dense({
    id: `sardana2023${suffix}`,
    name: `Sardana 2023 refit${suffix ? `, up to ${suffix.slice(1)} tokens per parameter` : ', all data'}`,
    aliases: suffix ? [] : ['sardana2023-all-data'],
    equation: 'additive',
    constants,
    domain: { params: [1.5e8, 6e9], tokensPerParam: [10, maxRatio], note: '47 models' },
    source: {
      title: 'Sardana et al. 2023, Beyond Chinchilla-Optimal: Accounting for Inference',
      reference: 'arXiv:2401.00448',
      section: 'Table of refitted coefficients',
    },
    trust: 'C',
    cautions: [
      TOKENIZER,
      'Constants are published to two digits, and the four refits disagree: they show how much the range of tokens per parameter moves a law. Use them to compare sizes at one budget rather than to read an optimum.',
    ],
  });

const porian = (id: string, step: string, a: number, low: number, high: number, paramsAtReference: number): Law => {
  const flop = 5.88e23;
  return dense({
    id,
    name: `Porian 2024, ${step}`,
    equation: 'allocation',
    constants: {
      paramsCoef: paramsAtReference / flop ** a,
      paramsExponent: a,
      tokensCoef: flop ** a / (6 * paramsAtReference),
      tokensExponent: 1 - a,
    },
    uncertainty: exponent(low, high, 0.95, 1.25e16, 1.25e16 * 2 ** 11),
    uncertaintyNote: '95 % interval of the exponent as published; it opens like a fan away from the fitted budgets.',
    domain: { flop: [1.25e16, 1.25e16 * 2 ** 11], note: 'RefinedWeb' },
    source: {
      title: 'Porian et al. 2024, Resolving Discrepancies in Compute-Optimal Scaling',
      reference: 'arXiv:2406.19146',
      section: 'Figure 1 and the table of exponents',
    },
    trust: id === 'porian2024' ? 'B' : 'C',
    cautions: [
      'N* at 5.88e23 FLOP is published to two or three digits and lies four decades beyond the data.',
      ...(id === 'porian2024' ? [] : ['A rung of the ladder that explains Kaplan against Chinchilla, not advice.']),
    ],
  });
};

/** Gadre's form with one exponent: al N^b + be 6^(b/2) D^b + E, b < 0 (equation 4 with eta = -2b). */
const gadre = (id: string, corpus: string, a: number, b: number, exponentB: number, e: number): Law =>
  dense({
    id: `gadre2024-${id}`,
    name: `Gadre 2024, ${corpus}`,
    equation: 'additive',
    constants: { E: e, A: a, B: b * 6 ** (exponentB / 2), alpha: -exponentB, beta: -exponentB },
    domain: { params: [1.1e7, 6.9e9], tokensPerParam: [5, 640], note: `${corpus}; loss on C4 validation` },
    source: {
      title: 'Gadre et al. 2024, Language models scale reliably with over-training and on downstream tasks',
      reference: 'arXiv:2403.08540',
      section: 'Equation 4, five fitting runs; constants refitted from the published testbed',
    },
    trust: 'B',
    cautions: [
      TOKENIZER,
      'Made for over-training: fitted on five small runs, checked up to 6.9B parameters and 640 tokens per parameter.',
    ],
  });

/** Published laws for dense models: how large, how many tokens, what loss. */
export const DENSE_LAWS: readonly Law[] = [
  dense({
    id: 'kaplan2020',
    name: 'Kaplan 2020',
    equation: 'kaplan',
    formula: 'N* = 1.3e9 (C/PF-day)^0.73; L(C) = (Cc/C)^0.050; L(N,D) = [(Nc/N)^(aN/aD) + Dc/D]^aD',
    constants: {
      paramsCoef: 1.3e9 / PF_DAY_FLOP ** 0.73,
      paramsExponent: 0.73,
      Nc: 6.4e13,
      aN: 0.076,
      Dc: 1.8e13,
      aD: 0.103,
      lossFlop: 3.1e8 * PF_DAY_FLOP,
      lossExponent: 0.05,
    },
    domain: { params: [768, 1.5e9], tokens: [2.2e7, 2.3e10], note: 'WebText2, non-embedding parameters, E = 0' },
    paramsConvention: 'non_embedding',
    source: {
      title: 'Kaplan et al. 2020, Scaling Laws for Neural Language Models',
      reference: 'arXiv:2001.08361',
      section: 'Sections 4 to 6',
    },
    trust: 'C',
    cautions: [
      'Superseded: it asks for far larger models than later work. Head FLOPs, warm-up and schedule explain the gap (Porian 2024).',
      'The published allocation and the published L(N,D) come from different fits and do not agree with each other.',
    ],
  }),
  dense({
    id: 'hoffmann2022-a1',
    name: 'Hoffmann 2022 (Chinchilla), approach 1',
    aliases: ['hoffmann-a1', 'chinchilla-a1'],
    equation: 'allocation',
    constants: {
      paramsCoef: 0.0991589323,
      paramsExponent: 0.498098686,
      tokensCoef: 1.6960843615,
      tokensExponent: 0.501854265,
    },
    uncertainty: exponent(0.488, 0.502, 0.8, 6e18, 3e21),
    uncertaintyNote: '10th to 90th percentile of the exponent as published.',
    domain: HOFFMANN_DOMAIN,
    source: hoffmann('Section 3.1; coefficients regressed from Table 3'),
    trust: 'B',
  }),
  dense({
    id: 'hoffmann2022-a2',
    name: 'Hoffmann 2022 (Chinchilla), approach 2, IsoFLOP',
    aliases: ['hoffmann-a2', 'chinchilla-a2'],
    equation: 'allocation',
    constants: {
      paramsCoef: 0.1448770518,
      paramsExponent: 0.489941613,
      tokensCoef: 1.1527636291,
      tokensExponent: 0.510020225,
    },
    uncertainty: exponent(0.462, 0.534, 0.8, 6e18, 3e21),
    uncertaintyNote: '10th to 90th percentile of the exponent as published.',
    domain: HOFFMANN_DOMAIN,
    source: hoffmann('Section 3.2; coefficients regressed from Table A3'),
    trust: 'B',
  }),
  dense({
    id: 'hoffmann2022-a3',
    name: 'Hoffmann 2022 (Chinchilla), approach 3, unrounded',
    aliases: ['hoffmann-a3', 'hoffmann-a3-tex', 'chinchilla', 'chinchilla-a3'],
    equation: 'additive',
    constants: {
      E: Math.exp(0.5267228),
      A: Math.exp(6.0073404),
      B: Math.exp(6.0179186),
      alpha: 0.33917084,
      beta: 0.2849083,
    },
    uncertaintyNote:
      'The published interval (a 0.454 to 0.455) is far too narrow: the optimiser had stopped early (Besiroglu 2024).',
    domain: HOFFMANN_DOMAIN,
    source: hoffmann('Section 3.3; unrounded constants in the TeX source'),
    trust: 'C',
    cautions: [
      TOKENIZER,
      'The fit had not converged: prefer besiroglu2024, the same form and points fitted to the end.',
    ],
  }),
  dense({
    id: 'hoffmann2022-a3-rounded',
    name: 'Hoffmann 2022 (Chinchilla), approach 3, as printed',
    aliases: ['hoffmann-a3-rounded'],
    equation: 'additive',
    constants: { E: 1.69, A: 406.4, B: 410.7, alpha: 0.34, beta: 0.28 },
    domain: HOFFMANN_DOMAIN,
    source: hoffmann('Equation 10'),
    trust: 'D',
    cautions: ['Rounded constants shift the data term by about 13 % at 1e11 tokens; kept to check other tools.'],
  }),
  dense({
    id: 'besiroglu2024',
    name: 'Besiroglu 2024 (Chinchilla refit)',
    aliases: ['besiroglu2024-published', 'besiroglu', 'epoch2024'],
    equation: 'additive',
    constants: { E: 1.81686, A: 482.006, B: 2085.434, alpha: 0.34781, beta: 0.36585 },
    uncertaintyNote: 'Published standard errors with their correlations (4,000 bootstrap refits of the 240 points).',
    domain: HOFFMANN_POINTS_DOMAIN,
    source: besiroglu,
    trust: 'A',
  }),
  dense({
    id: 'besiroglu2024-huber',
    name: 'Besiroglu 2024 points, Huber optimum',
    aliases: ['besiroglu2024-huber-optimum'],
    equation: 'additive',
    constants: { E: 1.817218099, A: 477.825868, B: 2143.417363, alpha: 0.3473104989, beta: 0.3671724326 },
    uncertaintyNote: 'Standard errors and correlations of 4,000 bootstrap refits of the same 240 points.',
    domain: HOFFMANN_POINTS_DOMAIN,
    source: { ...besiroglu, section: 'The same 240 points, minimum of the summed Huber loss' },
    trust: 'A',
  }),
  dense({
    id: 'muennighoff2023',
    name: 'Muennighoff 2023, data-constrained (C4)',
    aliases: ['muennighoff2023-c4', 'muennighoff'],
    equation: 'data_limited',
    formula: "L = E + A / N'^alpha + B / D'^beta with N', D' discounted by repetition",
    constants: {
      E: Math.exp(0.6254804),
      A: Math.exp(6.255414),
      B: Math.exp(7.3049974),
      alpha: 0.3526596,
      beta: 0.3526596,
      RD: 15.387756,
      RN: 5.309743,
    },
    domain: { params: [7e6, 9e9], tokens: [1e8, 9e11], note: '182 runs on C4 and OSCAR, 1 to 500 epochs' },
    source: {
      title: 'Muennighoff et al. 2023, Scaling Data-Constrained Language Models',
      reference: 'arXiv:2305.16264',
      section: 'Equations 5 to 7 and the published notebook',
    },
    trust: 'B',
    cautions: [
      TOKENIZER,
      'Runs where more epochs or parameters made the loss worse were left out by the authors: beyond about 40 epochs the law is optimistic.',
    ],
  }),
  dense({
    id: 'muennighoff2023-untied',
    name: 'Muennighoff 2023, C4 base, untied exponents',
    equation: 'additive',
    constants: {
      E: Math.exp(0.63032365),
      A: Math.exp(5.9577184),
      B: Math.exp(7.9145365),
      alpha: 0.33480313,
      beta: 0.38289225,
    },
    domain: { note: '54 digitised C4 points, all at about 20 tokens per parameter' },
    source: {
      title: 'Muennighoff et al. 2023, Scaling Data-Constrained Language Models',
      reference: 'arXiv:2305.16264',
      section: 'Published notebook',
    },
    trust: 'C',
    cautions: [
      TOKENIZER,
      'All points share one ratio of tokens to parameters: the two exponents are hardly told apart.',
    ],
  }),
  sardana(10_000, { E: 1.45, A: 33.66, B: 138.9, alpha: 0.18, beta: 0.24 }, ''),
  sardana(100, { E: 0.17, A: 7.199, B: 25.97, alpha: 0.08, beta: 0.13 }, '-100'),
  sardana(250, { E: 0.98, A: 14.23, B: 39.54, alpha: 0.13, beta: 0.16 }, '-250'),
  sardana(500, { E: 0.95, A: 17.07, B: 35.8, alpha: 0.13, beta: 0.16 }, '-500'),
  dense({
    id: 'llama3',
    name: 'Llama 3 (2024), IsoFLOP',
    aliases: ['llama3-a2', 'llama3-2024'],
    equation: 'allocation',
    constants: { paramsCoef: 1 / (6 * 0.299), paramsExponent: 1 - 0.537, tokensCoef: 0.299, tokensExponent: 0.537 },
    domain: {
      flop: [6e18, 1e22],
      note: 'The exponent 0.537 is for tokens; 3.8e25 FLOP gives 402B parameters, 16.55T tokens as published',
    },
    source: {
      title: 'Grattafiori et al. 2024, The Llama 3 Herd of Models',
      reference: 'arXiv:2407.21783',
      section: 'Section 3.2.1',
    },
    trust: 'B',
    cautions: ['Predicts an allocation, not a loss.'],
  }),
  dense({
    id: 'llama3-loss',
    name: 'Llama 3 IsoFLOP points, third-party loss fit',
    equation: 'additive',
    constants: { E: 0.6047, A: 59.1, B: 155.1, alpha: 0.31, beta: 0.3136 },
    domain: { flop: [6e18, 1e22] },
    lossUnit: 'normalised negative log-likelihood (per character)',
    source: {
      title: 'Open-Athena scaling-law analysis, fit to digitised Llama 3 points',
      reference: 'github.com/Open-Athena',
      section: 'Llama 3',
    },
    trust: 'C',
    cautions: ['Loss is per character, not nats per token: compare within this law only.'],
  }),
  dense({
    id: 'deepseek2024',
    name: 'DeepSeek LLM 2024',
    equation: 'allocation',
    formula: 'M* = 0.1715 C^0.5243, D* = 5.8316 C^0.4757, C = M D; N is shown as M / 6',
    constants: { paramsCoef: 0.1715 / 6, paramsExponent: 0.5243, tokensCoef: 5.8316, tokensExponent: 0.4757 },
    domain: { flop: [1e17, 3e20], note: 'M = 72 L d^2 + 12 L d s, non-embedding FLOP per token with attention' },
    paramsConvention: 'flop_per_token_over_6',
    source: { title: 'Bi et al. 2024, DeepSeek LLM', reference: 'arXiv:2401.02954', section: 'Section 3.2' },
    trust: 'B',
    cautions: ['The exponent follows data quality: 0.450 on early data, 0.524 on current data, 0.578 on OpenWebText2.'],
  }),
  porian('porian2024', 'tuned hyperparameters', 0.497, 0.49, 0.5, 77e9),
  porian('porian2024-cosine', 'with cosine decay matched', 0.571, 0.56, 0.59, 183e9),
  porian('porian2024-warmup', 'with warm-up corrected', 0.602, 0.59, 0.62, 292e9),
  porian('porian2024-head', 'with head FLOPs counted', 0.706, 0.69, 0.72, 787e9),
  porian('porian2024-kaplan', "Kaplan's setting reproduced", 0.835, 0.82, 0.85, 3e12),
  gadre('c4', 'C4', 113.693, 189.516, -0.242472, 1.508261),
  gadre('rpj', 'RedPajama', 166.211, 366.687, -0.272851, 1.836648),
  gadre('rw', 'RefinedWeb', 125.096, 246.207, -0.254395, 1.734462),
];
