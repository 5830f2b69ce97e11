import type { Law, LawWarning, Range } from './types.ts';

const LABELS = {
  flop: ['compute', 'FLOP'],
  params: ['size', 'parameters'],
  tokens: ['training data', 'tokens'],
  tokensPerParam: ['ratio', 'tokens per parameter'],
  sparsity: ['sparsity', ''],
} as const;

const short = (value: number) =>
  value !== 0 && (Math.abs(value) >= 1e4 || Math.abs(value) < 1e-2)
    ? value.toExponential(2).replace('e+', 'e')
    : String(Number(value.toPrecision(4)));

/**
 * Warnings for a question outside the range a law was fitted on, one per quantity, with how far outside it is. Budgets may
 * exceed the range by 2 % before they count as outside (published ranges are rounded).
 */
export function domainWarnings(law: Law, at: Partial<Record<keyof typeof LABELS, number>>): LawWarning[] {
  const warnings: LawWarning[] = [];
  for (const key of Object.keys(LABELS) as (keyof typeof LABELS)[]) {
    const value = at[key];
    const range = law.domain[key] as Range | undefined;
    if (value === undefined || range === undefined || Number.isNaN(value)) continue;
    const [low, high] = range;
    const slack = key === 'sparsity' ? 0 : 0.02;
    if (value >= low * (1 - slack) && value <= high * (1 + slack)) continue;
    const [label, unit] = LABELS[key];
    const factor = value > high ? value / high : low / value;
    const away = key === 'sparsity' ? '' : `, ${short(factor)} times ${value > high ? 'above' : 'below'} it`;
    warnings.push({
      code: 'outside_domain',
      message:
        `${law.name}: ${label} ${short(value)} ${unit} is outside the fitted range ${short(low)} to ${short(high)}${away}. This is an extrapolation.`.replace(
          '  ',
          ' ',
        ),
    });
  }
  return warnings;
}

/** Warnings that hold wherever the law is used: unverified constants and a low trust grade. */
export function trustWarnings(law: Law): LawWarning[] {
  if (!law.verified)
    return [{ code: 'unverified', message: `${law.name}: constants are not verified against the paper.` }];
  if (law.trust === 'D')
    return [{ code: 'low_trust', message: `${law.name}: ${law.cautions[0] ?? 'kept for comparison only.'}` }];
  return [];
}
