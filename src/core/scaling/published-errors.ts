import type { Law } from './types.ts';

/** The order of every covariance here. */
export const ADDITIVE_PARAMETERS = ['lnA', 'lnB', 'lnE', 'alpha', 'beta'] as const;

/**
 * Covariance of (lnA, lnB, lnE, alpha, beta) over 20,000 bootstrap refits of the 240 points of Hoffmann Figure 4. Standard errors
 * and correlations agree with those Besiroglu et al. print (SE alpha 0.0154, beta 0.0206; corr(lnA, alpha) 0.999). All digits
 * are needed: lnA and alpha are so entangled that rounding the correlation to three digits would double the interval of D/N.
 */
const BESIROGLU_COVARIANCE: readonly (readonly number[])[] = [
  [0.0638887011, -0.0248636456, 0.00210348585, 0.00380698972, -0.00124599077],
  [-0.0248636456, 0.173046606, 0.00358256613, -0.00154943237, 0.00845790874],
  [0.00210348585, 0.00358256613, 0.000196410416, 0.000124142103, 0.000174543592],
  [0.00380698972, -0.00154943237, 0.000124142103, 0.000227160997, -0.0000777003201],
  [-0.00124599077, 0.00845790874, 0.000174543592, -0.0000777003201, 0.000413668964],
];

/** Attaches the published covariance to the laws it belongs to. */
export function withPublishedErrors(law: Law): Law {
  if (law.id !== 'besiroglu2024' && law.id !== 'besiroglu2024-huber') return law;
  return {
    ...law,
    uncertainty: { kind: 'covariance', parameters: ADDITIVE_PARAMETERS, covariance: BESIROGLU_COVARIANCE },
  };
}
