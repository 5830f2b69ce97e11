/** Checks ranges and distributions: all arguments of one dimension, except weights and shapes. */
import type { Node, Span } from './ast.ts';
import { mismatch, type Checker } from './check.ts';
import type { DistributionName, Expr } from './expr.ts';
import { FormulaError } from './formula-error.ts';
import { agrees, ANY, PLAIN_NUMBER, type ValueType } from './types.ts';

/** Signature of each distribution: `value` arguments share the result's dimension, `plain` ones are numbers. */
export const DISTRIBUTIONS: Readonly<
  Record<
    string,
    { readonly params: readonly (readonly [name: string, role: 'value' | 'plain'])[]; readonly doc: string }
  >
> = {
  normal: {
    params: [
      ['mean', 'value'],
      ['sd', 'value'],
    ],
    doc: 'Normal distribution with a mean and a standard deviation.',
  },
  lognormal: {
    params: [
      ['mean', 'value'],
      ['sd', 'value'],
    ],
    doc: 'Lognormal distribution with the mean and standard deviation of the quantity itself.',
  },
  uniform: {
    params: [
      ['low', 'value'],
      ['high', 'value'],
    ],
    doc: 'Every value between the ends is equally likely.',
  },
  triangular: {
    params: [
      ['low', 'value'],
      ['mode', 'value'],
      ['high', 'value'],
    ],
    doc: 'Triangular distribution with its most likely value.',
  },
  pert: {
    params: [
      ['low', 'value'],
      ['mode', 'value'],
      ['high', 'value'],
    ],
    doc: 'Smooth version of the triangular distribution (beta-PERT).',
  },
  beta: {
    params: [
      ['a', 'plain'],
      ['b', 'plain'],
    ],
    doc: 'Beta distribution of a fraction in 0..1.',
  },
  discrete: {
    params: [
      ['value', 'value'],
      ['weight', 'plain'],
    ],
    doc: 'One of several values, each with its weight: discrete(value, weight, value, weight, …).',
  },
};

/** Checks `low to high` and the distribution functions. Each is an uncertain source of its own. */
export function checkDistribution(c: Checker, name: string, nodes: readonly Node[], span: Span): Expr {
  const spec = DISTRIBUTIONS[name];
  const roles =
    name === 'range'
      ? (['value', 'value'] as const)
      : name === 'discrete'
        ? nodes.map((_, i) => (i % 2 === 0 ? ('value' as const) : ('plain' as const)))
        : (spec?.params.map(([, role]) => role) ?? []);
  const wrongCount = name === 'discrete' ? nodes.length < 2 || nodes.length % 2 !== 0 : nodes.length !== roles.length;
  if (wrongCount)
    throw new FormulaError('ARG', `${name} takes ${spec?.params.map(([param]) => param).join(', ')}`, span, spec?.doc);
  let type: ValueType = name === 'beta' ? PLAIN_NUMBER : ANY;
  const args = nodes.map((node, i) => {
    const expr = c.check(node);
    if (expr.type.is !== 'number' && expr.type.is !== 'any')
      throw mismatch(name === 'range' ? '"to"' : name, PLAIN_NUMBER, expr.type, node);
    if (roles[i] === 'plain') {
      if (!agrees(PLAIN_NUMBER, expr.type)) throw mismatch(`argument of ${name}`, PLAIN_NUMBER, expr.type, node);
    } else if (!agrees(type, expr.type))
      throw mismatch(name === 'range' ? 'the ends of a range' : `arguments of ${name}`, type, expr.type, node);
    else if (type.is === 'any') type = expr.type;
    return expr;
  });
  return {
    op: 'distribution',
    name: name as DistributionName,
    fraction: c.scope.fraction,
    args,
    ordinal: c.ordinal++,
    type,
    from: span.from,
    to: span.to,
  };
}
