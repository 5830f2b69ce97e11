/**
 * A small spreadsheet that computes the formulas our workbooks contain, from what Excel's documentation says of them:
 * the judge of translated formulas where no LibreOffice is installed. Errors travel as NaN; empty cells are 0 or "".
 */
import type { Workbook } from '../../../src/report/xlsx/model.ts';

export type Value = number | string | boolean;
const NA = Number.NaN;

interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'ref' | 'op';
  readonly text: string;
}

function tokens(formula: string): Token[] {
  const pattern =
    /\s*(?:(\d+(?:\.\d+)?(?:E[+-]?\d+)?)|"((?:[^"]|"")*)"|((?:(?:'(?:[^']|'')+'|[A-Za-z_]\w*)!)?\$?[A-Z]{1,3}\$?\d+(?![\w(]))|([A-Za-z_][\w.]*)|(<>|<=|>=|[-+*/^&=<>(),:]))/y;
  const found: Token[] = [];
  while (pattern.lastIndex < formula.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(formula);
    if (!match) throw new Error(`cannot read ${formula} at ${at}`);
    const [, number, text, ref, name, op] = match;
    if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (text !== undefined) found.push({ kind: 'text', text: text.replaceAll('""', '"') });
    else if (ref !== undefined) found.push({ kind: 'ref', text: ref.replaceAll('$', '') });
    else if (name !== undefined) found.push({ kind: 'name', text: name });
    else found.push({ kind: 'op', text: op as string });
  }
  return found;
}

const isError = (value: Value): boolean => typeof value === 'number' && Number.isNaN(value);
const number = (value: Value): number =>
  typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : value === '' ? 0 : NA;

export class Calculator {
  private readonly cells = new Map<string, { value: Value; formula?: string }>();
  private readonly names: ReadonlyMap<string, string>;
  private readonly cache = new Map<string, Value>();

  constructor(workbook: Workbook) {
    for (const sheet of workbook.sheets)
      sheet.rows.forEach((row, r) =>
        row.forEach((cell, c) => {
          if (cell)
            this.cells.set(`${sheet.name}!${letters(c)}${r + 1}`, {
              value: cell.value ?? '',
              ...(cell.formula !== undefined ? { formula: cell.formula } : {}),
            });
        }),
      );
    this.names = new Map(workbook.names.map(({ name, reference }) => [name, reference.replaceAll('$', '')]));
  }

  set(address: string, value: Value): void {
    this.cells.set(address, { value });
    this.cache.clear();
  }

  get(address: string): Value {
    const known = this.cache.get(address);
    if (known !== undefined) return known;
    const cell = this.cells.get(address);
    const value =
      cell?.formula !== undefined
        ? new Reader(this, address.slice(0, address.indexOf('!')), tokens(cell.formula)).all()
        : (cell?.value ?? '');
    this.cache.set(address, value);
    return value;
  }

  named(name: string): string {
    const reference = this.names.get(name);
    if (reference === undefined) throw new Error(`no name ${name}`);
    return reference;
  }
}

function letters(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : letters(Math.floor(index / 26) - 1) + letters(index % 26);
}

/** A value, or a column of cells. */
type Result = Value | { readonly cells: readonly Value[] };

class Reader {
  private at = 0;
  private readonly book: Calculator;
  private readonly sheet: string;
  private readonly list: readonly Token[];

  constructor(book: Calculator, sheet: string, list: readonly Token[]) {
    this.book = book;
    this.sheet = sheet;
    this.list = list;
  }

  all(): Value {
    const value = one(this.comparison());
    if (this.at < this.list.length) throw new Error(`more text at ${this.list[this.at]?.text}`);
    return value;
  }

  private take(...ops: string[]): string | null {
    const token = this.list[this.at];
    if (token?.kind !== 'op' || !ops.includes(token.text)) return null;
    this.at++;
    return token.text;
  }

  private comparison(): Result {
    let left = this.join();
    for (let op = this.take('=', '<>', '<', '<=', '>', '>='); op; op = this.take('=', '<>', '<', '<=', '>', '>=')) {
      const [a, b] = [one(left), one(this.join())];
      if (isError(a) || isError(b)) left = NA;
      else {
        const order =
          typeof a === 'string' && typeof b === 'string'
            ? a.toLowerCase().localeCompare(b.toLowerCase())
            : typeof a === typeof b
              ? number(a) - number(b)
              : typeof a === 'string'
                ? 1
                : -1;
        left = {
          '=': order === 0,
          '<>': order !== 0,
          '<': order < 0,
          '<=': order <= 0,
          '>': order > 0,
          '>=': order >= 0,
        }[op] as boolean;
      }
    }
    return left;
  }

  private join(): Result {
    let left = this.sum();
    while (this.take('&')) left = `${one(left)}${one(this.sum())}`;
    return left;
  }

  private sum(): Result {
    let left = this.product();
    for (let op = this.take('+', '-'); op; op = this.take('+', '-')) {
      const right = number(one(this.product()));
      left = op === '+' ? number(one(left)) + right : number(one(left)) - right;
    }
    return left;
  }

  private product(): Result {
    let left = this.power();
    for (let op = this.take('*', '/'); op; op = this.take('*', '/')) {
      const right = number(one(this.power()));
      left = op === '*' ? number(one(left)) * right : right === 0 ? NA : number(one(left)) / right;
    }
    return left;
  }

  /** In Excel a minus sign binds tighter than a power. */
  private power(): Result {
    let left = this.unary();
    while (this.take('^')) left = number(one(left)) ** number(one(this.unary()));
    return left;
  }

  private unary(): Result {
    if (this.take('-')) return -number(one(this.unary()));
    return this.primary();
  }

  private primary(): Result {
    const token = this.list[this.at++];
    if (!token) throw new Error('the formula ends too early');
    if (token.kind === 'number') return Number(token.text);
    if (token.kind === 'text') return token.text;
    if (token.kind === 'ref') return this.reference(token.text);
    if (token.kind === 'op') {
      if (token.text !== '(') throw new Error(`unexpected ${token.text}`);
      const value = this.comparison();
      if (!this.take(')')) throw new Error('missing )');
      return value;
    }
    if (token.text === 'TRUE' || token.text === 'FALSE') return token.text === 'TRUE';
    if (!this.take('(')) return this.book.get(this.book.named(token.text));
    const args: Result[] = [];
    if (!this.take(')')) {
      do args.push(this.comparison());
      while (this.take(','));
      if (!this.take(')')) throw new Error('missing )');
    }
    return apply(token.text.replace('_xlfn.', ''), args);
  }

  private reference(text: string): Result {
    const bang = text.lastIndexOf('!');
    const sheet = bang < 0 ? this.sheet : text.slice(0, bang).replace(/^'|'$/g, '').replaceAll("''", "'");
    const first = text.slice(bang + 1);
    if (!this.take(':')) return this.book.get(`${sheet}!${first}`);
    const last = this.list[this.at++]?.text as string;
    const column = /^[A-Z]+/.exec(first)?.[0] as string;
    const [from, to] = [Number(first.slice(column.length)), Number(last.slice(column.length))];
    return { cells: Array.from({ length: to - from + 1 }, (_, i) => this.book.get(`${sheet}!${column}${from + i}`)) };
  }
}

function one(result: Result): Value {
  if (typeof result === 'object') throw new Error('a range stands where a value should');
  return result;
}

function list(result: Result | undefined): readonly Value[] {
  if (typeof result !== 'object') throw new Error('a value stands where a range should');
  return result.cells;
}

function meets(value: Value, criterion: Value): boolean {
  if (typeof criterion === 'string')
    return (
      typeof value === 'string' &&
      value.toLowerCase() ===
        criterion
          .replace(/^=/, '')
          .replace(/~([*?~])/g, '$1')
          .toLowerCase()
    );
  return typeof value === typeof criterion && value === criterion;
}

/** Which places of the first range meet every pair of range and criterion. */
function chosen(length: number, pairs: readonly Result[]): number[] {
  const places = Array.from({ length }, (_, i) => i);
  return places.filter((i) =>
    pairs.every((_, p) => p % 2 === 1 || meets(list(pairs[p])[i] as Value, one(pairs[p + 1] as Result))),
  );
}

const round = (x: number, digits: number): number => {
  // Excel rounds halves away from zero in decimal.
  const scaled = Number(`${Math.abs(x)}e${digits}`);
  return Number.isFinite(scaled)
    ? Math.sign(x) * Number(`${Math.round(Number(scaled.toPrecision(15)))}e${-digits}`)
    : x;
};
const dateOf = (serial: number): Date => new Date((Math.floor(serial) - 25_569) * 86_400_000);

function apply(name: string, args: readonly Result[]): Value {
  const n = (i: number): number => number(one(args[i] as Result));
  const values = (of: (numbers: number[]) => number, numbers: readonly Value[]): number =>
    numbers.some(isError) ? NA : of(numbers.filter((value) => typeof value === 'number') as number[]);
  const picked = (): readonly Value[] =>
    chosen(list(args[0]).length, args.slice(1)).map((i) => list(args[0])[i] as Value);
  switch (name) {
    case 'NA':
      return NA;
    case 'IF':
      return isError(one(args[0] as Result)) ? NA : one(args[one(args[0] as Result) ? 1 : 2] as Result);
    case 'IFERROR':
      return isError(one(args[0] as Result)) ? one(args[1] as Result) : one(args[0] as Result);
    case 'ISERROR':
      return isError(one(args[0] as Result));
    case 'ISNUMBER':
      return typeof one(args[0] as Result) === 'number' && !isError(one(args[0] as Result));
    case 'NOT':
      return isError(one(args[0] as Result)) ? NA : !one(args[0] as Result);
    case 'AND':
    case 'OR':
      return args.some((arg) => isError(one(arg)))
        ? NA
        : name === 'AND'
          ? args.every((arg) => Boolean(one(arg)))
          : args.some((arg) => Boolean(one(arg)));
    case 'ROUND':
      return isError(n(0)) ? NA : round(n(0), n(1));
    case 'MATCH': {
      const key = one(args[0] as Result);
      const at = key === '' || isError(key) ? -1 : list(args[1]).findIndex((value) => meets(value, key));
      return at < 0 ? NA : at + 1;
    }
    case 'INDEX':
      return isError(n(1)) ? NA : (list(args[0])[n(1) - 1] ?? NA);
    case 'SUMIFS':
      return values((all) => all.reduce((sum, x) => sum + x, 0), picked());
    case 'COUNTIFS':
      return chosen(list(args[0]).length, args).length;
    case 'MINIFS':
      return values((all) => Math.min(...all), picked());
    case 'MAXIFS':
      return values((all) => Math.max(...all), picked());
    case 'AVERAGEIFS':
      return values((all) => all.reduce((sum, x) => sum + x, 0) / all.length, picked());
    case 'SUM':
      return values((all) => all.reduce((sum, x) => sum + x, 0), list(args[0]));
    case 'MIN':
      return args.some((_, i) => isError(n(i))) ? NA : Math.min(...args.map((_, i) => n(i)));
    case 'MAX':
      return args.some((_, i) => isError(n(i))) ? NA : Math.max(...args.map((_, i) => n(i)));
    case 'FIND':
      return String(one(args[1] as Result)).includes(String(one(args[0] as Result))) ? 1 : NA;
    case 'LOWER':
      return String(one(args[0] as Result)).toLowerCase();
    case 'EXACT': {
      const [a, b] = [one(args[0] as Result), one(args[1] as Result)];
      return isError(a) || isError(b) ? NA : String(a) === String(b);
    }
    case 'LEN': {
      const text = one(args[0] as Result);
      return isError(text) ? NA : String(text).length;
    }
    case 'INT':
      return Math.floor(n(0));
    case 'ABS':
      return Math.abs(n(0));
    case 'SQRT':
      return Math.sqrt(n(0));
    case 'EXP':
      return Math.exp(n(0));
    case 'LN':
      return Math.log(n(0));
    case 'LOG10':
      return Math.log10(n(0));
    case 'LOG':
      return Math.log(n(0)) / Math.log(n(1));
    case 'MOD':
      return n(0) - n(1) * Math.floor(n(0) / n(1));
    case 'YEAR':
      return dateOf(n(0)).getUTCFullYear();
    case 'MONTH':
      return dateOf(n(0)).getUTCMonth() + 1;
    case 'DATE':
      return Date.UTC(n(0), n(1) - 1, n(2)) / 86_400_000 + 25_569;
    default:
      throw new Error(`the judge does not know ${name}`);
  }
}
