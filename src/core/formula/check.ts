/**
 * Resolves every name of a formula and checks every dimension, before anything is computed. The result is an `Expr`;
 * mistakes are FormulaErrors with the place, what was expected, what was found and what to write instead.
 */
import type { TableId } from '../document/plan.ts';
import { base, NONE, productType, raise } from '../quantity/dimension.ts';
import { nearest } from '../quantity/nearest.ts';
import type { Node, Span } from './ast.ts';
import { AGGREGATES, checkAggregate, isAggregateCall, PERCENTILES } from './check-aggregate.ts';
import { checkCall } from './check-call.ts';
import { DISTRIBUTIONS, checkDistribution } from './check-distribution.ts';
import { checkMember, checkName } from './check-names.ts';
import type { Expr } from './expr.ts';
import { FormulaError } from './formula-error.ts';
import type { Registry } from './function.ts';
import { agrees, ANY, BOOLEAN, DATE, describeType, PLAIN_NUMBER, TEXT, type Scope, type ValueType } from './types.ts';

/** State of one check, shared by the parts of the checker. */
export interface Checker {
  readonly scope: Scope;
  readonly registry: Registry;
  /** Table of the aggregate being checked, null outside. */
  inner: TableId | null;
  /** Distributions met so far: each is a source of uncertainty of its own. */
  ordinal: number;
  check(node: Node): Expr;
  /** Checks and asks for a type; `what` names the place in the message. */
  expect(node: Node, type: ValueType, what: string): Expr;
}

/** Checks a parsed formula in its scope. Throws FormulaError. */
export function checkFormula(node: Node, scope: Scope, registry: Registry): Expr {
  const checker: Checker = {
    scope,
    registry,
    inner: null,
    ordinal: 0,
    check: (child) => checkNode(checker, child),
    expect: (child, type, what) => {
      const expr = checkNode(checker, child);
      if (!agrees(expr.type, type)) throw mismatch(what, type, expr.type, child);
      return expr;
    },
  };
  return checker.check(node);
}

/** The error for a value of the wrong type. */
export function mismatch(what: string, expected: ValueType, found: ValueType, span: Span): FormulaError {
  const dimensional = expected.is === 'number' && found.is === 'number';
  return new FormulaError(
    dimensional ? 'UNIT' : 'TYPE',
    `${what}: expected ${describeType(expected)}, found ${describeType(found)}`,
    span,
    dimensional ? unitHint(expected, found) : '',
  );
}

function unitHint(expected: ValueType & { is: 'number' }, found: ValueType & { is: 'number' }): string {
  if (expected.kind !== found.kind && expected.dimension === found.dimension)
    return `${expected.kind || 'a number'} and ${found.kind} are different counts`;
  const chips = (expected.dimension.powers['chip'] ?? 0) - (found.dimension.powers['chip'] ?? 0);
  if (chips !== 0 && withoutChip(expected) === withoutChip(found))
    return chips > 0 ? 'multiply by the number of chips' : 'divide by the number of chips: a chip-hour is not an hour';
  if (found.dimension === NONE) return 'add a unit, as in "2.49 USD/h"';
  return '';
}

function withoutChip(type: ValueType & { is: 'number' }): string {
  return Object.entries(type.dimension.powers)
    .filter(([name]) => name !== 'chip')
    .join();
}

function checkNode(c: Checker, node: Node): Expr {
  const span = { from: node.from, to: node.to };
  switch (node.type) {
    case 'number':
      return {
        op: 'const',
        value: node.value * node.unit.scale,
        type: { is: 'number', dimension: node.unit.dimension, kind: node.unit.kind },
        ...span,
      };
    case 'text':
      return { op: 'const', value: c.scope.textId(node.value), type: TEXT, ...span };
    case 'boolean':
      return { op: 'const', value: node.value ? 1 : 0, type: BOOLEAN, ...span };
    case 'date':
      return { op: 'const', value: node.value, type: DATE, ...span };
    case 'name':
      return checkName(c, node.name, span);
    case 'member':
      return checkMember(c, node);
    case 'unary':
      return checkUnary(c, node);
    case 'binary':
      return checkBinary(c, node);
    case 'range':
      return checkDistribution(c, 'range', [node.low, node.high], span);
    case 'in': {
      const value = c.check(node.value);
      const unit: ValueType = { is: 'number', dimension: node.unit.dimension, kind: node.unit.kind };
      if (!agrees(value.type, unit)) throw mismatch(`"in ${node.unit.text}"`, unit, value.type, node.value);
      return value;
    }
    case 'pair':
      throw new FormulaError('SYNTAX', '":" is only used in schedule(date: value, …)', span);
    case 'call':
      return checkCallNode(c, node);
  }
}

function checkCallNode(c: Checker, node: Node & { type: 'call' }): Expr {
  if (isAggregateCall(node)) return checkAggregate(c, node);
  if (Object.hasOwn(DISTRIBUTIONS, node.name))
    return checkDistribution(c, node.name as keyof typeof DISTRIBUTIONS, node.args, node);
  if (Object.hasOwn(PERCENTILES, node.name)) {
    const argument = node.args[0];
    if (node.args.length !== 1 || !argument)
      throw new FormulaError(
        'ARG',
        `${node.name} takes one value, or a table column as in ${node.name}(runs.total_cost)`,
        node,
      );
    const value = c.check(argument);
    if (value.type.is !== 'number' && value.type.is !== 'any')
      throw mismatch(node.name, PLAIN_NUMBER, value.type, argument);
    return {
      op: 'percentile',
      name: node.name,
      fraction: PERCENTILES[node.name] as number,
      value,
      type: value.type,
      from: node.from,
      to: node.to,
    };
  }
  if (node.name === 'if') return checkIf(c, node);
  if (node.name === 'schedule') return checkSchedule(c, node);
  const fn = c.registry.get(node.name);
  if (!fn) {
    const known = [...c.registry.keys(), ...AGGREGATES, ...Object.keys(DISTRIBUTIONS), 'if', 'schedule'];
    const guess = nearest(node.name, known);
    throw new FormulaError(
      'NAME',
      `unknown function "${node.name}"`,
      { from: node.from, to: node.from + node.name.length },
      guess ? `did you mean "${guess}"?` : 'see the functions in the help',
    );
  }
  return checkCall(c, fn, node);
}

function checkIf(c: Checker, node: Node & { type: 'call' }): Expr {
  const [test, first, second] = node.args;
  if (!test || !first || !second || node.args.length !== 3)
    throw new FormulaError(
      'ARG',
      'if takes a condition and two values',
      node,
      'if(condition, value when yes, value when no)',
    );
  const condition = c.expect(test, BOOLEAN, 'condition of if');
  const yes = c.check(first);
  const no = c.check(second);
  if (!agrees(yes.type, no.type)) throw mismatch('the two values of if', yes.type, no.type, second);
  return { op: 'if', condition, yes, no, type: joined(yes.type, no.type), from: node.from, to: node.to };
}

/** Type of a value that is one of two: the more specific kind wins. */
function joined(a: ValueType, b: ValueType): ValueType {
  if (a.is === 'any') return b;
  if (a.is === 'number' && b.is === 'number' && a.kind === '') return b;
  if (a.is === 'text' || b.is === 'text') return TEXT;
  return a;
}

function checkSchedule(c: Checker, node: Node & { type: 'call' }): Expr {
  const steps: { from: number; value: Expr }[] = [];
  for (const argument of node.args) {
    if (argument.type !== 'pair' || argument.key.type !== 'date')
      throw new FormulaError(
        'ARG',
        'a schedule is written as dates with values',
        argument,
        'schedule(2027-01: 4, 2027-07: 9)',
      );
    const previous = steps[steps.length - 1];
    if (previous && argument.key.value <= previous.from)
      throw new FormulaError('ARG', 'the dates of a schedule must rise', argument.key);
    const value = c.check(argument.value);
    if (value.type.is !== 'number' && value.type.is !== 'any')
      throw mismatch('value in a schedule', PLAIN_NUMBER, value.type, argument.value);
    const first = steps[0]?.value.type;
    if (first && !agrees(first, value.type))
      throw mismatch('values of one schedule', first, value.type, argument.value);
    steps.push({ from: argument.key.value, value });
  }
  const type = steps[0]?.value.type;
  if (!type)
    throw new FormulaError('ARG', 'a schedule needs at least one step', node, 'schedule(2027-01: 4, 2027-07: 9)');
  return {
    op: 'schedule',
    steps,
    type: type.is === 'number' ? { ...type, is: 'schedule' } : ANY,
    from: node.from,
    to: node.to,
  };
}

function checkUnary(c: Checker, node: Node & { type: 'unary' }): Expr {
  const span = { from: node.from, to: node.to };
  if (node.operator === 'not')
    return { op: 'unary', operator: 'not', operand: c.expect(node.operand, BOOLEAN, 'not'), type: BOOLEAN, ...span };
  const operand = c.check(node.operand);
  if (operand.type.is !== 'number' && operand.type.is !== 'any')
    throw mismatch('minus', PLAIN_NUMBER, operand.type, node.operand);
  return { op: 'unary', operator: '-', operand, type: operand.type, ...span };
}

function checkBinary(c: Checker, node: Node & { type: 'binary' }): Expr {
  const { operator } = node;
  const span = { from: node.from, to: node.to };
  if (operator === 'and' || operator === 'or')
    return {
      op: 'binary',
      operator,
      left: c.expect(node.left, BOOLEAN, operator),
      right: c.expect(node.right, BOOLEAN, operator),
      type: BOOLEAN,
      ...span,
    };
  const left = c.check(node.left);
  const right = c.check(node.right);
  const build = (type: ValueType): Expr => ({ op: 'binary', operator, left, right, type, ...span });
  switch (operator) {
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      if (!agrees(left.type, right.type)) throw mismatch(`"${operator}"`, left.type, right.type, node.right);
      if (operator !== '=' && operator !== '<>' && (left.type.is === 'text' || left.type.is === 'reference'))
        throw new FormulaError('TYPE', `texts cannot be compared with "${operator}"`, span, 'use = or <>');
      checkChoice(left.type, node.right);
      checkChoice(right.type, node.left);
      return build(BOOLEAN);
    case '&':
      for (const [side, child] of [
        [left, node.left],
        [right, node.right],
      ] as const)
        if (side.type.is !== 'text' && side.type.is !== 'reference' && side.type.is !== 'any')
          throw mismatch('"&" joins texts', TEXT, side.type, child);
      return build(TEXT);
    case '+':
    case '-':
      return build(sumType(operator, left, right, node));
    default:
      return build(arithmeticType(operator, left, right, node));
  }
}

/** A choice compared with a text it cannot be is always a mistake. */
function checkChoice(type: ValueType, other: Node): void {
  if (type.is !== 'text' || !type.choices || other.type !== 'text' || type.choices.includes(other.value)) return;
  const guess = nearest(other.value, type.choices);
  throw new FormulaError(
    'ARG',
    `"${other.value}" is not one of ${type.choices.join(', ')}`,
    other,
    guess ? `did you mean "${guess}"?` : '',
  );
}

const TIME: ValueType = { is: 'number', dimension: base('s'), kind: '' };

function isTime(type: ValueType): boolean {
  return agrees(type, TIME);
}

function sumType(operator: '+' | '-', left: Expr, right: Expr, node: Node & { type: 'binary' }): ValueType {
  if (left.type.is === 'date' && isTime(right.type)) return DATE;
  if (operator === '+' && right.type.is === 'date' && isTime(left.type)) return DATE;
  if (operator === '-' && left.type.is === 'date' && right.type.is === 'date') return TIME;
  const number = (expr: Expr): boolean => expr.type.is === 'number' || expr.type.is === 'any';
  if (!number(left)) throw mismatch(`"${operator}"`, PLAIN_NUMBER, left.type, node.left);
  if (!number(right) || !agrees(left.type, right.type))
    throw mismatch(`"${operator}"`, left.type, right.type, node.right);
  return joined(left.type, right.type);
}

function arithmeticType(
  operator: '*' | '/' | '^',
  left: Expr,
  right: Expr,
  node: Node & { type: 'binary' },
): ValueType {
  if (left.type.is === 'any' || right.type.is === 'any') return ANY;
  if (left.type.is !== 'number') throw mismatch(`"${operator}"`, PLAIN_NUMBER, left.type, node.left);
  if (right.type.is !== 'number') throw mismatch(`"${operator}"`, PLAIN_NUMBER, right.type, node.right);
  if (operator !== '^') return { is: 'number', ...productType(left.type, right.type, operator === '*' ? 1 : -1) };
  if (right.type.dimension !== NONE) throw mismatch('exponent', PLAIN_NUMBER, right.type, node.right);
  if (left.type.dimension === NONE) return PLAIN_NUMBER;
  const exponent = constantOf(right);
  if (exponent === null)
    throw new FormulaError(
      'UNIT',
      'a value with a unit needs a written number as exponent',
      node.right,
      `as in x^2; found ${describeType(left.type)}`,
    );
  return { is: 'number', dimension: raise(left.type.dimension, exponent), kind: '' };
}

function constantOf(expr: Expr): number | null {
  if (expr.op === 'const') return expr.value;
  if (expr.op === 'unary' && expr.operator === '-') {
    const value = constantOf(expr.operand);
    return value === null ? null : -value;
  }
  return null;
}
