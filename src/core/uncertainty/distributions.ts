/**
 * Distributions a cell may hold, as plain data. Treat them as immutable: `quantileInto` remembers what it prepared for
 * an object.
 */
import { FlopsheetError } from '../errors.ts';

export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  /** `low to high`, P5 to P95. `fraction` when the column is a fraction in 0..1. */
  | { readonly kind: 'range'; readonly low: number; readonly high: number; readonly fraction: boolean }
  | { readonly kind: 'normal'; readonly mean: number; readonly sd: number }
  /** Mean and standard deviation of the quantity itself, not of its logarithm. */
  | { readonly kind: 'lognormal'; readonly mean: number; readonly sd: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'triangular'; readonly low: number; readonly mode: number; readonly high: number }
  | { readonly kind: 'pert'; readonly low: number; readonly mode: number; readonly high: number }
  | { readonly kind: 'beta'; readonly a: number; readonly b: number }
  | { readonly kind: 'discrete'; readonly values: readonly number[]; readonly weights: readonly number[] };

/** What a range is read as: see `rangeForm`. */
export type RangeForm = 'constant' | 'lognormal' | 'logit-normal' | 'normal';

/**
 * How `low to high` is read: constant when the ends are equal, logit-normal in a fraction column, lognormal when both
 * ends are positive, normal otherwise.
 */
export function rangeForm(low: number, high: number, fraction: boolean): RangeForm {
  if (low === high) return 'constant';
  if (fraction) return 'logit-normal';
  return low > 0 ? 'lognormal' : 'normal';
}

/**
 * Builds a distribution from the name and arguments of a formula call (`range` for `low to high`), values in base
 * units. `discrete` takes value, weight, value, weight, … Wrong names and counts are `DISTRIBUTION` errors; the values
 * themselves are judged by `distributionProblem`.
 */
export function distributionFrom(name: string, args: readonly number[], fraction = false): Distribution {
  const count = ARGUMENTS[name];
  if (name === 'discrete' ? args.length < 2 || args.length % 2 !== 0 : count !== args.length) {
    throw new FlopsheetError(
      'DISTRIBUTION',
      count === undefined
        ? `There is no distribution called ${name}`
        : `${name} does not take ${args.length} ${args.length === 1 ? 'argument' : 'arguments'}`,
      { hint: SIGNATURES[name] ?? `Known: ${Object.values(SIGNATURES).join(', ')}.` },
    );
  }
  const [x = NaN, y = NaN, w = NaN] = args;
  switch (name) {
    case 'range':
      return { kind: 'range', low: x, high: y, fraction };
    case 'normal':
      return { kind: 'normal', mean: x, sd: y };
    case 'lognormal':
      return { kind: 'lognormal', mean: x, sd: y };
    case 'uniform':
      return { kind: 'uniform', low: x, high: y };
    case 'triangular':
      return { kind: 'triangular', low: x, mode: y, high: w };
    case 'pert':
      return { kind: 'pert', low: x, mode: y, high: w };
    case 'beta':
      return { kind: 'beta', a: x, b: y };
    case 'discrete':
      return {
        kind: 'discrete',
        values: args.filter((_, i) => i % 2 === 0),
        weights: args.filter((_, i) => i % 2 === 1),
      };
    default:
      return { kind: 'constant', value: x };
  }
}

const ARGUMENTS: Readonly<Record<string, number>> = {
  __proto__: null as never,
  constant: 1,
  range: 2,
  normal: 2,
  lognormal: 2,
  uniform: 2,
  triangular: 3,
  pert: 3,
  beta: 2,
  discrete: 2,
};

const SIGNATURES: Readonly<Record<string, string>> = {
  __proto__: null as never,
  range: 'low to high',
  normal: 'normal(mean, sd)',
  lognormal: 'lognormal(mean, sd)',
  uniform: 'uniform(low, high)',
  triangular: 'triangular(low, mode, high)',
  pert: 'pert(low, mode, high)',
  beta: 'beta(a, b)',
  discrete: 'discrete(value, weight, value, weight, …)',
};

/**
 * What is wrong with a distribution's numbers, or null. Code `DISTRIBUTION`; `where` is the caller's name for the
 * place. A distribution with a problem has NaN for every quantile.
 */
export function distributionProblem(d: Distribution, where = ''): FlopsheetError | null {
  const fault = faultOf(d);
  return fault === null ? null : new FlopsheetError('DISTRIBUTION', fault[0], { hint: fault[1], where });
}

type Fault = readonly [message: string, hint: string] | null;

function faultOf(d: Distribution): Fault {
  switch (d.kind) {
    case 'constant':
      return notFinite(['value', d.value]);
    case 'range':
      return notFinite(['low end', d.low], ['high end', d.high]) ?? rangeFault(d.low, d.high, d.fraction);
    case 'normal':
      return notFinite(['mean', d.mean], ['sd', d.sd]) ?? sdFault(d.sd);
    case 'lognormal':
      if (d.mean <= 0) {
        return [
          `The mean of a lognormal must be positive, and ${d.mean} is not`,
          'normal(mean, sd) takes zero and negatives.',
        ];
      }
      return notFinite(['mean', d.mean], ['sd', d.sd]) ?? sdFault(d.sd);
    case 'uniform':
      return notFinite(['low end', d.low], ['high end', d.high]) ?? orderFault('uniform', d.low, d.high);
    case 'triangular':
    case 'pert':
      return (
        notFinite(['low end', d.low], ['mode', d.mode], ['high end', d.high]) ??
        orderFault(d.kind, d.low, d.high) ??
        (d.mode < d.low || d.mode > d.high
          ? [
              `The mode ${d.mode} is outside ${d.low} to ${d.high}`,
              `Order: ${SIGNATURES[d.kind]}, with low <= mode <= high.`,
            ]
          : null)
      );
    case 'beta':
      return (
        notFinite(['a', d.a], ['b', d.b]) ??
        (d.a > 0 && d.b > 0
          ? null
          : [
              `The shapes of beta must be positive, and (${d.a}, ${d.b}) are not`,
              'beta(a, b) has mean a / (a + b); larger shapes are narrower.',
            ])
      );
    case 'discrete':
      return discreteFault(d.values, d.weights);
  }
}

function notFinite(...named: readonly (readonly [string, number])[]): Fault {
  for (const [name, value] of named) {
    if (!Number.isFinite(value)) return [`The ${name} is not a finite number`, 'Give a number.'];
  }
  return null;
}

function orderFault(name: string, low: number, high: number): Fault {
  return low <= high
    ? null
    : [`The low end ${low} is above the high end ${high}`, `Swap them: ${name} starts with its low end.`];
}

function sdFault(sd: number): Fault {
  return sd >= 0
    ? null
    : [`A standard deviation cannot be negative, and ${sd} is`, 'Use a positive number, or 0 for none.'];
}

function rangeFault(low: number, high: number, fraction: boolean): Fault {
  if (low > high) return [`The low end ${low} is above the high end ${high}`, `Write ${high} to ${low}.`];
  if (fraction && (low < 0 || high > 1)) {
    return [
      `${low} to ${high} leaves 0..1, and this column is a fraction`,
      'A percentage is written 40 % or 0.4; keep both ends between 0 and 1.',
    ];
  }
  if (fraction && low < high && (low === 0 || high === 1)) {
    return [
      `${low} to ${high} is a 90 % interval and must leave room on both sides inside 0..1`,
      `Write uniform(${low}, ${high}) for hard ends, or move the end inside, such as ${low === 0 ? 0.001 : low} to ${high === 1 ? 0.999 : high}.`,
    ];
  }
  return null;
}

function discreteFault(values: readonly number[], weights: readonly number[]): Fault {
  if (values.length === 0 || values.length !== weights.length) {
    return ['Each value of discrete needs a weight', `Write ${SIGNATURES['discrete']}.`];
  }
  for (let i = 0; i < values.length; i++) {
    const bad = notFinite([`value number ${i + 1}`, values[i]!], [`weight number ${i + 1}`, weights[i]!]);
    if (bad !== null) return bad;
    if (weights[i]! < 0) return [`Weight number ${i + 1} is negative (${weights[i]})`, 'Weights are 0 or more.'];
  }
  const total = weights.reduce((sum, w) => sum + w, 0);
  return total > 0 && Number.isFinite(total)
    ? null
    : ['The weights of discrete add up to nothing', 'Give at least one positive weight.'];
}
