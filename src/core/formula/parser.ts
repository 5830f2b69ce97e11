/**
 * Precedence-climbing parser of the formula language; the one grammar of evaluator, editor and exporters.
 *
 *   lowest   in UNIT · or · and · not · = <> < <= > >= · to · + - & · * / · unary - · ^   highest
 */
import type { BinaryOperator, Node } from './ast.ts';
import { FormulaError } from './formula-error.ts';
import { readUnit, tokenize, type Token } from './lexer.ts';

const MAX_DEPTH = 150;
/** A row of operators is as deep a tree as it is long. */
const MAX_OPERATORS = 1000;

const POWER: Readonly<Record<string, number>> = {
  or: 2,
  and: 3,
  '=': 5,
  '<>': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  to: 6,
  '+': 7,
  '-': 7,
  '&': 7,
  '*': 8,
  '/': 8,
  '^': 10,
};
const NOT_POWER = 4;
const COMPARISON = 5;
const UNARY_POWER = 9;

function describe(token: Token, text: string): string {
  return token.type === 'end' ? 'the end of the formula' : `"${text.slice(token.from, token.to)}"`;
}

class Parser {
  private readonly text: string;
  private readonly tokens: Token[];
  private at = 0;
  private depth = 0;
  private operators = 0;

  constructor(text: string) {
    this.text = text;
    this.tokens = tokenize(text);
  }

  formula(): Node {
    if (this.peek().type === 'end')
      throw new FormulaError(
        'SYNTAX',
        'the formula is empty',
        { from: 0, to: this.text.length },
        'write a value or a name after "="',
      );
    const node = this.expression(0);
    const rest = this.peek();
    if (rest.type !== 'end') {
      const hint = rest.type === 'operator' ? '' : 'an operator such as * or + is missing';
      throw new FormulaError('SYNTAX', `${describe(rest, this.text)} is not expected here`, rest, hint);
    }
    return node;
  }

  private peek(): Token {
    return this.tokens[this.at] as Token;
  }

  private isOperator(value: string): boolean {
    const token = this.peek();
    return token.type === 'operator' && token.value === value;
  }

  private expect(value: string, opened: Token): Token {
    const token = this.peek();
    if (!this.isOperator(value)) {
      const where = token.type === 'end' ? opened : token;
      throw new FormulaError(
        'SYNTAX',
        `"${value}" is missing before ${describe(token, this.text)}`,
        where,
        token.type === 'end' ? `close the "${this.text[opened.to - 1] ?? ''}"` : '',
      );
    }
    this.at++;
    return token;
  }

  /** The binary operator at the cursor, words included. */
  private operator(): string | null {
    const token = this.peek();
    if (token.type === 'operator') return POWER[token.value] === undefined ? null : token.value;
    if (token.type === 'name' && (token.value === 'to' || token.value === 'and' || token.value === 'or'))
      return token.value;
    return null;
  }

  private expression(minimum: number): Node {
    if (++this.depth > MAX_DEPTH)
      throw new FormulaError(
        'SYNTAX',
        `the formula is nested more than ${MAX_DEPTH} levels deep`,
        this.peek(),
        'split it over several columns',
      );
    let left = this.prefix();
    for (;;) {
      const token = this.peek();
      if (token.type === 'name' && token.value === 'in' && minimum <= 1) {
        left = this.inUnit(left, token);
        continue;
      }
      const operator = this.operator();
      if (operator === null) break;
      const power = POWER[operator] as number;
      if (power < minimum) break;
      if (++this.operators > MAX_OPERATORS)
        throw new FormulaError(
          'SYNTAX',
          `the formula is too long: it has more than ${MAX_OPERATORS} operators`,
          token,
          'split it over several columns, or use sum over a table',
        );
      this.at++;
      const right = this.expression(operator === '^' ? UNARY_POWER : power + 1);
      const span = { from: left.from, to: right.to };
      if (operator === 'to') left = { type: 'range', low: left, high: right, ...span };
      else left = { type: 'binary', operator: operator as BinaryOperator, left, right, ...span };
      if (power === COMPARISON && this.operator() !== null && POWER[this.operator() as string] === COMPARISON)
        throw new FormulaError('SYNTAX', 'comparisons cannot be chained', this.peek(), 'write "a < b and b < c"');
    }
    this.depth--;
    return left;
  }

  private inUnit(value: Node, word: Token): Node {
    const at = (this.tokens[this.at + 1] as Token).from;
    const found = readUnit(this.text, at);
    if (!found)
      throw new FormulaError(
        'UNIT',
        `a unit is expected after "in", found ${describe(this.tokens[this.at + 1] as Token, this.text)}`,
        { from: word.from, to: word.to },
        'as in "train_flop in PFLOP"',
      );
    this.at++;
    while (this.peek().type !== 'end' && this.peek().from < found.end) this.at++;
    return { type: 'in', value, unit: found.unit, from: value.from, to: found.end };
  }

  private prefix(): Node {
    const token = this.peek();
    if (token.type === 'operator' && token.value === '-') {
      this.at++;
      const operand = this.expression(UNARY_POWER);
      return { type: 'unary', operator: '-', operand, from: token.from, to: operand.to };
    }
    if (token.type === 'name' && token.value === 'not') {
      this.at++;
      const operand = this.expression(NOT_POWER);
      return { type: 'unary', operator: 'not', operand, from: token.from, to: operand.to };
    }
    return this.members(this.atom());
  }

  private members(object: Node): Node {
    let node = object;
    while (this.isOperator('.')) {
      this.at++;
      const token = this.peek();
      if ((token.type !== 'name' && token.type !== 'text') || (node.type !== 'name' && node.type !== 'member'))
        throw new FormulaError(
          'SYNTAX',
          `a name is expected after ".", found ${describe(token, this.text)}`,
          token,
          'as in hardware.tdp_w or runs."my run".tokens',
        );
      this.at++;
      node = {
        type: 'member',
        object: node,
        member: token.value,
        memberFrom: token.from,
        from: node.from,
        to: token.to,
      };
    }
    return node;
  }

  private atom(): Node {
    const token = this.peek();
    this.at++;
    switch (token.type) {
      case 'number':
        return { type: 'number', value: token.value, unit: token.unit, from: token.from, to: token.to };
      case 'text':
        return { type: 'text', value: token.value, from: token.from, to: token.to };
      case 'date':
        return { type: 'date', value: token.value, from: token.from, to: token.to };
      case 'name':
        if (token.value === 'true' || token.value === 'false')
          return { type: 'boolean', value: token.value === 'true', from: token.from, to: token.to };
        return this.isOperator('(')
          ? this.call(token.value, token)
          : { type: 'name', name: token.value, from: token.from, to: token.to };
      case 'operator':
        if (token.value === '(') {
          const inner = this.expression(0);
          const close = this.expect(')', token);
          return { ...inner, from: token.from, to: close.to };
        }
        throw new FormulaError(
          'SYNTAX',
          `a value is expected before "${this.text.slice(token.from, token.to)}"`,
          token,
        );
      default:
        throw new FormulaError(
          'SYNTAX',
          'the formula ends too early',
          { from: Math.max(0, this.text.length - 1), to: this.text.length },
          'a value is missing at the end',
        );
    }
  }

  private call(name: string, start: Token): Node {
    const open = this.peek();
    this.at++;
    const args: Node[] = [];
    if (!this.isOperator(')')) {
      do {
        if (args.length > 0) this.at++;
        const argument = this.expression(0);
        if (this.isOperator(':')) {
          this.at++;
          const value = this.expression(0);
          args.push({ type: 'pair', key: argument, value, from: argument.from, to: value.to });
        } else args.push(argument);
      } while (this.isOperator(','));
    }
    const close = this.expect(')', open);
    return { type: 'call', name, args, from: start.from, to: close.to };
  }
}

/** Parses a formula (text after `=`). Throws FormulaError with code SYNTAX or UNIT and the place. */
export function parseFormula(text: string): Node {
  return new Parser(text).formula();
}
