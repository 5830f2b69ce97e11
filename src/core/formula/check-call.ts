/** Checks calls of registry functions against their typed signatures. */
import { NONE, raise } from '../quantity/dimension.ts';
import { parseUnit } from '../quantity/unit.ts';
import type { Node } from './ast.ts';
import { mismatch, type Checker } from './check.ts';
import type { Expr } from './expr.ts';
import { FormulaError } from './formula-error.ts';
import { signature, type FunctionDef, type TypeSpec } from './function.ts';
import { agrees, ANY, BOOLEAN, DATE, describeType, PLAIN_NUMBER, TEXT, type ValueType } from './types.ts';

/** The type a unit stands for in a signature. */
function unitType(spec: string): ValueType {
  const unit = parseUnit(spec);
  return { is: 'number', dimension: unit.dimension, kind: unit.kind };
}

function specType(spec: TypeSpec): ValueType {
  if (spec === 'text') return TEXT;
  if (spec === 'boolean') return BOOLEAN;
  if (spec === 'date') return DATE;
  if (spec === 'any') return ANY;
  if (spec.startsWith('reference:')) return { is: 'reference', to: spec.slice('reference:'.length) };
  if (spec.startsWith('choice:')) return { is: 'text', choices: spec.slice('choice:'.length).split('|') };
  return unitType(spec);
}

/** Checks the arguments of a call and finds the type of its result. */
export function checkCall(c: Checker, fn: FunctionDef, node: Node & { type: 'call' }): Expr {
  const required = fn.params.filter((param) => !param.optional).length;
  const most = fn.variadic ? Number.POSITIVE_INFINITY : fn.params.length;
  if (node.args.length < required || node.args.length > most)
    throw new FormulaError(
      'ARG',
      `${fn.name} takes ${required === most ? required : `${required} to ${most === Number.POSITIVE_INFINITY ? 'many' : most}`} arguments, found ${node.args.length}`,
      node,
      signature(fn),
    );
  let same: ValueType | null = null;
  const args = node.args.map((argument, i) => {
    const param = fn.params[Math.min(i, fn.params.length - 1)] as (typeof fn.params)[number];
    const what = `argument "${param.name}" of ${fn.name}`;
    const expr = c.check(argument);
    if (param.type === 'same') {
      if (same && !agrees(same, expr.type)) throw mismatch(what, same, expr.type, argument);
      if (same === null || same.is === 'any') same = expr.type;
    } else if (param.type === 'number' || param.type === 'same_dimension') {
      if (expr.type.is !== 'number' && expr.type.is !== 'any') throw mismatch(what, PLAIN_NUMBER, expr.type, argument);
    } else {
      if (param.type === 'schedule') {
        if (expr.type.is !== 'schedule' && expr.type.is !== 'any')
          throw new FormulaError(
            'TYPE',
            `${what}: expected a schedule, found ${describeType(expr.type)}`,
            argument,
            'schedule(2027-01: 4, 2027-07: 9)',
          );
        return expr;
      }
      const wanted = specType(param.type);
      if (!agrees(wanted, expr.type)) throw mismatch(what, wanted, expr.type, argument);
      if (
        wanted.is === 'text' &&
        wanted.choices &&
        argument.type === 'text' &&
        !wanted.choices.includes(argument.value)
      )
        throw new FormulaError(
          'ARG',
          `${what}: "${argument.value}" is not one of ${wanted.choices.join(', ')}`,
          argument,
        );
    }
    return expr;
  });
  const types = args.map((argument) => argument.type);
  const [first, second] = types;
  if (fn.params[1]?.type === 'same_dimension' && first && second && !agrees(first, second))
    throw mismatch(`argument "${fn.params[1].name}" of ${fn.name}`, first, second, node.args[1] as Node);
  return {
    op: 'call',
    fn,
    args,
    type: fn.resultType ? fn.resultType(types) : resultOf(fn.result, same, first),
    from: node.from,
    to: node.to,
  };
}

function resultOf(spec: TypeSpec, same: ValueType | null, first: ValueType | undefined): ValueType {
  if (spec === 'same') return same ?? ANY;
  if (spec === 'root')
    return first?.is === 'number'
      ? { is: 'number', dimension: first.dimension === NONE ? NONE : raise(first.dimension, 0.5), kind: '' }
      : ANY;
  return specType(spec);
}
