/**
 * Our formulas as Excel formulas. Cells of a worksheet hold values in the column's display unit; a translated part carries
 * the factor from its text to base units, so that units meet without clutter: `chip_hours * price` becomes `R4*Z4`.
 * What Excel cannot say stays as the value it has, and `held` names it.
 */
import type { TableId } from '../../core/document/plan.ts';
import type { Expr } from '../../core/formula/expr.ts';
import type { ValueType } from '../../core/formula/types.ts';

/** Excel's day 0 is 1899-12-30; ours is 1970-01-01. */
export const EXCEL_EPOCH = 25_569;
const DAY_SECONDS = 86_400;

export interface Place {
  readonly table: TableId | null;
  readonly row: number;
}

/** Where things stand in the workbook. Null: not in the workbook, so the value is unknown. */
export interface Layout {
  /** Reference to a column's cell of the formula's own row, and the unit's factor to base units. */
  sameRow(table: TableId, column: number, place: Place): Located | null;
  /** Absolute reference to one cell; an assumption's name. */
  cell(table: TableId, row: string, column: number): Located | null;
  /** A whole column, absolute, data rows only; its keys for lookups; its `included` cells. */
  range(table: TableId, column: number): Located | null;
  keys(table: TableId): string | null;
  included(table: TableId): string | null;
  /** A field of catalog rows and the keys beside it. */
  catalog(kind: string, field: string): (Located & { readonly keys: string }) | null;
  text(id: number): string;
  /** Present value of a part in base units, for what is held. */
  value(expr: Expr, place: Place): number;
}

export interface Located {
  readonly text: string;
  readonly scale: number;
}

export interface Translation {
  readonly formula: string;
  /** Functions whose result is held at its present value. */
  readonly held: readonly string[];
}

/** A part: text, its factor to base units, and whether it stands alone in a product without parentheses. */
interface Part {
  readonly text: string;
  readonly scale: number;
  readonly tight: boolean;
}

/** The formula of `expr` for a cell in units of `scale`, rounded to the cent for money. */
export function translate(expr: Expr, place: Place, scale: number, money: boolean, layout: Layout): Translation {
  const held: string[] = [];
  const translator = new Translator(layout, place, held);
  const part = translator.part(expr);
  const text = expr.type.is === 'number' ? inScale(part, scale) : part.text;
  return { formula: money ? `ROUND(${text},2)` : text, held: [...new Set(held)] };
}

/** The text of a part in units of `scale`. */
function inScale(part: Part, scale: number): string {
  const factor = part.scale / scale;
  if (Math.abs(factor - 1) < 1e-14) return part.text;
  if (NUMBER.test(part.text)) return numberText(Number(part.text) * factor);
  const times = numberText(factor);
  const over = numberText(1 / factor);
  return times.length <= over.length ? `${tight(part)}*${times}` : `${tight(part)}/${over}`;
}

function tight(part: Part): string {
  return part.tight ? part.text : `(${part.text})`;
}

/** Shortest text that reads back as the number; near-integers of unit factors are cleaned. */
export function numberText(value: number): string {
  const clean = Number(value.toPrecision(15));
  return String(clean).replace('e+', 'E+').replace('e-', 'E-');
}

export function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

const NUMBER = /^\d+(?:\.\d+)?(?:E[+-]\d+)?$/;
const COMPARISONS = new Set(['=', '<>', '<', '<=', '>', '>=']);
const NOT_KNOWN: Part = { text: 'NA()', scale: 1, tight: true };

class Translator {
  private readonly layout: Layout;
  private readonly place: Place;
  private readonly held: string[];

  constructor(layout: Layout, place: Place, held: string[]) {
    this.layout = layout;
    this.place = place;
    this.held = held;
  }

  part(expr: Expr): Part {
    switch (expr.op) {
      case 'const':
        return this.constant(expr.value, expr.type);
      case 'column':
        return located(this.layout.sameRow(expr.table, expr.column, this.place));
      case 'cell':
        return located(this.layout.cell(expr.table, expr.row, expr.column));
      case 'catalog': {
        const found = this.layout.catalog(expr.kind, expr.field);
        return found ? this.lookup(found, found.keys, expr.reference) : NOT_KNOWN;
      }
      case 'lookup': {
        const found = this.layout.range(expr.table, expr.column);
        const keys = this.layout.keys(expr.table);
        return found && keys ? this.lookup(found, keys, expr.reference) : NOT_KNOWN;
      }
      case 'unary':
        return expr.operator === 'not'
          ? call('NOT', [this.part(expr.operand).text])
          : this.negative(this.part(expr.operand));
      case 'binary':
        return this.binary(expr);
      case 'if': {
        const [yes, no, scale] = this.alike(expr.yes, expr.no);
        return { ...call('IF', [this.part(expr.condition).text, yes, no]), scale };
      }
      case 'call':
        return this.call(expr);
      case 'aggregate':
        return this.aggregate(expr);
      default:
        return this.hold(expr, expr.op === 'distribution' ? `${expr.name}(…), at its median` : expr.op);
    }
  }

  private constant(value: number, type: ValueType): Part {
    if (!Number.isFinite(value)) return NOT_KNOWN;
    switch (type.is) {
      case 'text':
      case 'reference':
        return { text: quoted(this.layout.text(value)), scale: 1, tight: true };
      case 'boolean':
        return { text: value === 1 ? 'TRUE' : 'FALSE', scale: 1, tight: true };
      case 'date':
        return { text: String(value + EXCEL_EPOCH), scale: 1, tight: true };
      default:
        return { text: numberText(value), scale: 1, tight: value >= 0 };
    }
  }

  private hold(expr: Expr, what: string): Part {
    this.held.push(what);
    return this.constant(this.layout.value(expr, this.place), expr.type);
  }

  private negative(part: Part): Part {
    return { text: `-${tight(part)}`, scale: part.scale, tight: false };
  }

  /** Two values in one scale: their own when it is the same, else base units. Texts stay as they are. */
  private alike(a: Expr, b: Expr): [string, string, number] {
    const left = this.part(a);
    const right = this.part(b);
    if (left.scale === right.scale || a.type.is !== 'number') return [left.text, right.text, left.scale];
    if (left.text === 'NA()' || /^0$/.test(left.text)) return [left.text, right.text, right.scale];
    if (right.text === 'NA()' || /^0$/.test(right.text)) return [left.text, right.text, left.scale];
    return [inScale(left, 1), inScale(right, 1), 1];
  }

  private binary(expr: Expr & { op: 'binary' }): Part {
    const { operator } = expr;
    if (operator === 'and' || operator === 'or')
      return call(operator.toUpperCase(), [this.part(expr.left).text, this.part(expr.right).text]);
    if (COMPARISONS.has(operator)) return this.comparison(expr);
    if (operator === '+' || operator === '-') {
      const dates = this.withDates(expr);
      if (dates) return dates;
      const [left, right, scale] = this.alike(expr.left, expr.right);
      return {
        text: `${left}${operator}${operator === '-' && /[+\-<>=]/.test(right) ? `(${right})` : right}`,
        scale,
        tight: false,
      };
    }
    const left = this.part(expr.left);
    const right = this.part(expr.right);
    if ((operator === '*' || operator === '/') && right.text === '1')
      return { ...left, scale: operator === '*' ? left.scale * right.scale : left.scale / right.scale };
    if (operator === '*')
      return { text: `${factor(left)}*${factor(right)}`, scale: left.scale * right.scale, tight: false };
    if (operator === '/')
      return { text: `${factor(left)}/${tight(right)}`, scale: left.scale / right.scale, tight: false };
    if (operator === '^' && expr.right.op === 'const')
      return { text: `${tight(left)}^${tight(right)}`, scale: left.scale ** expr.right.value, tight: false };
    if (operator === '^') return { text: `(${inScale(left, 1)})^(${inScale(right, 1)})`, scale: 1, tight: false };
    if (operator === '&' && expr.left.type.is === 'text' && expr.right.type.is === 'text')
      return { text: `${tight(left)}&${tight(right)}`, scale: 1, tight: false };
    return this.hold(expr, `"${operator}"`);
  }

  /** Excel reads `a=b=c` from the left and takes no notice of case where it compares texts; formulas of a plan do. */
  private comparison(expr: Expr & { op: 'binary' }): Part {
    const { operator, left, right } = expr;
    const [a, b] = this.alike(left, right).map((text, i) => {
      const side = i === 0 ? left : right;
      return side.op === 'binary' && COMPARISONS.has(side.operator) ? `(${text})` : text;
    }) as [string, string];
    if ((operator !== '=' && operator !== '<>') || !isText(left.type) || [left, right].every(isFixed))
      return { text: `${a}${operator}${b}`, scale: 1, tight: false };
    const exact = call('EXACT', [a, b]);
    return operator === '=' ? exact : call('NOT', [exact.text]);
  }

  /** Function and arguments that tell a known value: an unknown text is an empty cell, anything else unknown is an error. */
  private known(expr: Expr): [name: string, args: string[]] {
    const { text } = this.part(expr);
    return isText(expr.type) ? ['IFERROR', [`LEN(${text})>0`, 'FALSE']] : ['NOT', [`ISERROR(${text})`]];
  }

  /** Dates are days, times are seconds: sums and differences convert. Null when no date takes part. */
  private withDates(expr: Expr & { op: 'binary' }): Part | null {
    const leftDate = expr.left.type.is === 'date';
    const rightDate = expr.right.type.is === 'date';
    if (!leftDate && !rightDate) return null;
    const left = this.part(expr.left);
    const right = this.part(expr.right);
    if (leftDate && rightDate) return { text: `${left.text}-${tight(right)}`, scale: DAY_SECONDS, tight: false };
    const [date, time] = leftDate ? [left, right] : [right, left];
    const days = inScale(time, DAY_SECONDS);
    return { text: `${date.text}${expr.operator}${/[+-]/.test(days) ? `(${days})` : days}`, scale: 1, tight: false };
  }

  /** The row of a key: never a sorted search, so that a missing key is an error and not its neighbour. */
  private lookup(found: Located, keys: string, reference: Expr): Part {
    return {
      text: `INDEX(${found.text},MATCH(${this.part(reference).text},${keys},0))`,
      scale: found.scale,
      tight: true,
    };
  }

  private call(expr: Expr & { op: 'call' }): Part {
    const { fn, args } = expr;
    const base = (i: number): string => inScale(this.part(args[i] as Expr), 1);
    switch (fn.name) {
      case 'abs':
      case 'sqrt': {
        const part = this.part(args[0] as Expr);
        return {
          ...call(fn.name.toUpperCase(), [part.text]),
          scale: fn.name === 'abs' ? part.scale : Math.sqrt(part.scale),
        };
      }
      case 'floor':
        return call('INT', [base(0)]);
      case 'ceil':
        return { text: `-INT(-(${base(0)}))`, scale: 1, tight: false };
      case 'round':
        return args.length > 1
          ? { text: `ROUND((${base(0)})/(${base(1)}),0)*(${base(1)})`, scale: 1, tight: false }
          : call('ROUND', [base(0), '0']);
      case 'exp':
      case 'ln':
      case 'log10':
        return call(fn.name.toUpperCase(), [base(0)]);
      case 'log2':
        return call('LOG', [base(0), '2']);
      case 'mod':
        return call('MOD', [base(0), base(1)]);
      case 'min':
      case 'max':
        return call(
          fn.name.toUpperCase(),
          args.map((_, i) => base(i)),
        );
      case 'clamp':
        return call('MIN', [`MAX(${base(0)},${base(1)})`, base(2)]);
      case 'number_of':
        return { text: `(${base(0)})/(${base(1)})`, scale: 1, tight: false };
      case 'known':
        return call(...this.known(args[0] as Expr));
      case 'if_unknown': {
        const [value, otherwise, scale] = this.alike(args[0] as Expr, args[1] as Expr);
        if (!isText((args[0] as Expr).type)) return { ...call('IFERROR', [value, otherwise]), scale };
        return call('IF', [call(...this.known(args[0] as Expr)).text, value, otherwise]);
      }
      case 'contains':
        return { text: `ISNUMBER(FIND(LOWER(${base(1)}),LOWER(${base(0)})))`, scale: 1, tight: true };
      case 'year':
      case 'month':
        return call(fn.name.toUpperCase(), [base(0)]);
      case 'date':
        return call('DATE', [base(0), base(1), base(2)]);
      default:
        return this.hold(expr, `${fn.name}()`);
    }
  }

  private aggregate(expr: Expr & { op: 'aggregate' }): Part {
    const included = this.layout.included(expr.table);
    const value = expr.value?.op === 'column' ? this.layout.range(expr.table, expr.value.column) : null;
    const criteria = this.criteria(expr);
    const simple =
      criteria !== null && (expr.name === 'count' ? expr.value === null || value !== null : value !== null);
    if (!simple || !['sum', 'count', 'min', 'max', 'mean'].includes(expr.name))
      return this.hold(expr, `${expr.name} over ${expr.table}`);
    const pairs = [...(included ? [`${included},TRUE`] : []), ...criteria];
    const range = value?.text ?? '';
    const scale = expr.name === 'count' ? 1 : (value?.scale ?? 1);
    if (expr.name === 'count')
      return {
        ...call(
          pairs.length > 0 ? 'COUNTIFS' : 'ROWS',
          pairs.length > 0 ? pairs : [this.layout.keys(expr.table) ?? range],
        ),
        scale,
      };
    if (pairs.length === 0)
      return { ...call({ sum: 'SUM', min: 'MIN', max: 'MAX', mean: 'AVERAGE' }[expr.name as 'sum'], [range]), scale };
    const name = { sum: 'SUMIFS', min: '_xlfn.MINIFS', max: '_xlfn.MAXIFS', mean: 'AVERAGEIFS' }[expr.name as 'sum'];
    return { ...call(name, [range, ...pairs]), scale };
  }

  /** Conditions as pairs of range and criterion; null when there is one SUMIFS cannot say. */
  private criteria(expr: Expr & { op: 'aggregate' }): string[] | null {
    const found: string[] = [];
    for (const key of expr.keys) {
      const pair = this.equality(expr.table, key.inner, key.outer);
      if (pair === null) return null;
      found.push(pair);
    }
    const visit = (filter: Expr): boolean => {
      if (filter.op !== 'binary') return false;
      if (filter.operator === 'and') return visit(filter.left) && visit(filter.right);
      if (filter.operator !== '=') return false;
      const pair =
        this.equality(expr.table, filter.left, filter.right) ?? this.equality(expr.table, filter.right, filter.left);
      if (pair === null) return false;
      found.push(pair);
      return true;
    };
    return expr.filter === null || visit(expr.filter) ? found : null;
  }

  private equality(table: TableId, inner: Expr, outer: Expr): string | null {
    if (inner.op !== 'column' || inner.outer || inner.table !== table) return null;
    if (
      outer.op !== 'const' &&
      !(outer.op === 'column' && (outer.outer || outer.table !== table)) &&
      outer.op !== 'cell'
    )
      return null;
    const range = this.layout.range(table, inner.column);
    if (!range) return null;
    const part = this.part(outer);
    if (outer.type.is === 'boolean') return `${range.text},${part.text}`;
    if (inner.type.is === 'number') return `${range.text},${inScale(part, range.scale)}`;
    if (outer.op === 'const')
      return `${range.text},${quoted(`=${this.layout.text(outer.value).replace(/[*?~]/g, '~$&')}`)}`;
    return `${range.text},"="&${part.text}`;
  }
}

function isText(type: ValueType): boolean {
  return type.is === 'text' || type.is === 'reference';
}

/** A choice or what it is compared with: spelt as the list of choices has it. */
function isFixed(expr: Expr): boolean {
  return expr.op === 'const' || (expr.type.is === 'text' && expr.type.choices !== undefined);
}

function located(found: Located | null): Part {
  return found ? { text: found.text, scale: found.scale, tight: true } : NOT_KNOWN;
}

function call(name: string, args: readonly string[]): Part {
  return { text: `${name}(${args.join(',')})`, scale: 1, tight: true };
}

/** A factor of a product: products and quotients need no parentheses there. */
function factor(part: Part): string {
  return part.tight || /^[^+\-<>=&"]*$/.test(part.text) ? part.text : `(${part.text})`;
}
