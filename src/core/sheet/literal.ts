/**
 * What a cell holds, from its text: a value, or a formula (text after `=`, or a range or distribution typed without it).
 * Values are in base units. A mistake is a problem with a hint; the text is kept by the caller.
 */
import type { Node } from '../formula/ast.ts';
import { parseDate } from '../formula/dates.ts';
import { MAX_FORMULA_LENGTH } from '../formula/lexer.ts';
import { describeType, type ValueType } from '../formula/types.ts';
import { base, divide, type Dimension } from '../quantity/dimension.ts';
import { isUnitName, parseUnit, unitAdvice, type Unit } from '../quantity/unit.ts';
import { nearest } from '../quantity/nearest.ts';

export type CellContent =
  | { readonly is: 'value'; readonly value: number; readonly text?: string }
  /**
   * `offset`: characters before the formula in the cell's text. A range or distribution typed without "=" is `literal`:
   * its plain numbers are in the column's unit.
   */
  | { readonly is: 'formula'; readonly formula: string; readonly offset: number; readonly literal: boolean }
  | { readonly is: 'problem'; readonly code: string; readonly message: string; readonly hint: string };

/** What a literal must be. */
export interface LiteralTarget {
  readonly type: ValueType;
  /** A number without unit is in this unit. */
  readonly unit: Unit;
  /** Numbers are in `unit`. */
  readonly min?: number;
  readonly max?: number;
}

const SUFFIX: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, B: 1e9, T: 1e12 };
const NUMBER =
  /^([-+−]?)\s*((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?([kKMBT](?![A-Za-z0-9]))?\s*(.*)$/;

function problem(code: string, message: string, hint = ''): CellContent {
  return { is: 'problem', code, message, hint };
}

/** Reads the text of a cell. The text is not empty. */
export function readCell(text: string, target: LiteralTarget): CellContent {
  const trimmed = text.trim();
  if (trimmed.startsWith('='))
    return { is: 'formula', formula: text.slice(text.indexOf('=') + 1), offset: text.indexOf('=') + 1, literal: false };
  if (trimmed.length > MAX_FORMULA_LENGTH)
    return problem('SYNTAX', `a cell may hold ${MAX_FORMULA_LENGTH} characters, this has ${trimmed.length}`);
  switch (target.type.is) {
    case 'text':
      return target.type.choices && !target.type.choices.includes(trimmed)
        ? choiceProblem(trimmed, target.type.choices)
        : { is: 'value', value: Number.NaN, text: trimmed };
    case 'reference':
      return { is: 'value', value: Number.NaN, text: trimmed };
    case 'boolean':
      return readBoolean(trimmed);
    case 'date': {
      const day = parseDate(trimmed);
      return day === null
        ? problem('TYPE', `"${trimmed}" is not a date`, 'write 2027-01-31')
        : { is: 'value', value: day };
    }
    case 'schedule':
      // One number holds at all times.
      return /^[\d.]/.test(trimmed)
        ? { is: 'formula', formula: `schedule(1900-01: ${trimmed})`, offset: 0, literal: true }
        : readNumber(trimmed, text, target);
    default:
      return readNumber(trimmed, text, target);
  }
}

/** `1,000 to 4,000` without its commas and of the same length, so that places stay places. Calls keep their commas. */
function withoutThousands(text: string): string {
  if (text.includes('(')) return text;
  return text.replace(/\d{1,3}(?:,\d{3})+(?!\d)[.\d]*[kKMBT%]?/g, (number) =>
    number.replaceAll(',', '').padEnd(number.length),
  );
}

function choiceProblem(text: string, choices: readonly string[]): CellContent {
  const guess = nearest(text, choices);
  return problem('ARG', `"${text}" is not one of ${choices.join(', ')}`, guess ? `did you mean "${guess}"?` : '');
}

function readBoolean(text: string): CellContent {
  const word = text.toLowerCase();
  if (['yes', 'true', '1'].includes(word)) return { is: 'value', value: 1 };
  if (['no', 'false', '0'].includes(word)) return { is: 'value', value: 0 };
  return problem('TYPE', `"${text}" is neither yes nor no`, 'write yes or no');
}

/** As nvidia-smi prints it: `GPU-Util 97 %`, `utilization.gpu [%] 97`. */
const UTILISATION = /gpu[-_ ]?util|utili[sz]ation[._]gpu/i;

function readNumber(trimmed: string, text: string, target: LiteralTarget): CellContent {
  if (UTILISATION.test(trimmed))
    return problem(
      'LOG_GPU_UTIL',
      'GPU-Util is not MFU',
      'it is the share of time in which any kernel ran, however slow; drop the log of the run on the app, or type the MFU itself',
    );
  const found = NUMBER.exec(trimmed);
  const rest = found?.[5] ?? '';
  if (!found || /^(to\b|\()/.test(rest) || /^[*/+^-]/.test(rest)) {
    if (/\bto\b|^(normal|lognormal|uniform|triangular|pert|beta|discrete|schedule)\s*\(/.test(trimmed))
      return { is: 'formula', formula: withoutThousands(text), offset: 0, literal: true };
    if (found && /^[*/+^-]/.test(rest))
      return problem('SYNTAX', `"${trimmed}" is a calculation`, `start it with "=", as in "=${trimmed}"`);
    return problem(
      'TYPE',
      `"${trimmed}" is not a number`,
      /^[A-Za-z_]/.test(trimmed) ? 'a formula starts with "="' : 'write for example 15.6T, 40% or 2.49 USD/h',
    );
  }
  if (/\sto\s/.test(` ${rest} `)) return { is: 'formula', formula: withoutThousands(text), offset: 0, literal: true };
  const [, sign, digits, exponent, suffix = ''] = found;
  const plain =
    Number(`${(digits as string).replaceAll(',', '')}e${exponent ?? 0}`) *
    (SUFFIX[suffix] as number) *
    (sign === '-' || sign === '−' ? -1 : 1);
  if (!Number.isFinite(plain)) return problem('OVERFLOW', `"${trimmed}" is too large a number`);
  return scaled(plain, rest.trim(), target);
}

function scaled(plain: number, unitText: string, target: LiteralTarget): CellContent {
  let value = plain * target.unit.scale;
  if (unitText !== '') {
    const unit = writtenUnit(unitText);
    if (typeof unit === 'string') return problem('UNIT', `"${unitText}" is not a unit`, unit);
    value = plain * unit.scale;
    const { type } = target;
    if (type.is === 'number' && unit.text !== '%' && !fits(unit, type.dimension)) {
      const found: ValueType = { is: 'number', dimension: unit.dimension, kind: unit.kind };
      return problem(
        'UNIT',
        `this column is in ${target.unit.text || 'plain numbers'}: expected ${describeType(type)}, found ${describeType(found)}`,
        target.unit.text ? `write for example "${plain} ${target.unit.text}"` : 'leave the unit out',
      );
    }
    if (type.is === 'number' && unit.kind && type.kind && unit.kind !== type.kind)
      return problem('UNIT', `expected ${type.kind}, found ${unit.kind}`, `this column counts ${type.kind}s`);
  }
  const shown = value / target.unit.scale;
  if (target.min !== undefined && shown < target.min)
    return problem('RANGE', `${shown} is below ${target.min}, the least this column allows`, rangeHint(target));
  if (target.max !== undefined && shown > target.max)
    return problem(
      'RANGE',
      `${shown} is above ${target.max}, the most this column allows`,
      target.max === 1 && shown <= 100 ? `write ${shown}% for ${shown} percent` : rangeHint(target),
    );
  return { is: 'value', value };
}

/**
 * A quantity per chip may be typed as datasheets and price lists print it: `989.4 TFLOP/s`, `700 W`, `2.49 USD/h`.
 * The column's header says that it is per chip; in formulas the dimension stays exact.
 */
function fits(unit: Unit, wanted: Dimension): boolean {
  if (unit.dimension === wanted) return true;
  return (wanted.powers['chip'] ?? 0) === -1 && divide(unit.dimension, base('chip')) === wanted;
}

/**
 * A range or distribution typed without "=" in the unit of its column: `2.10 to 3.10` is in the column's unit,
 * `2.10 to 3.10 USD/h` gives both ends the unit of one, and units per chip may leave the chip out as in literals.
 */
export function inColumnUnit(node: Node, target: LiteralTarget): Node {
  if (target.type.is !== 'number') return node;
  const wanted = target.type.dimension;
  const parts = node.type === 'range' ? [node.low, node.high] : node.type === 'call' ? node.args : [];
  const written = parts.find((part) => part.type === 'number' && part.unit.text !== '');
  const shared = written?.type === 'number' ? written.unit : target.unit;
  const adopt = (part: Node): Node => {
    if (part.type === 'unary') return { ...part, operand: adopt(part.operand) };
    if (part.type !== 'number') return part;
    const unit = part.unit.text === '' ? shared : part.unit;
    const dimension = unit.dimension !== wanted && fits(unit, wanted) ? wanted : unit.dimension;
    return { ...part, unit: { ...unit, dimension } };
  };
  if (node.type === 'number') return adopt(node);
  if (node.type === 'range') return { ...node, low: adopt(node.low), high: adopt(node.high) };
  if (node.type !== 'call' || node.name === 'beta') return node;
  if (node.name === 'schedule')
    return {
      ...node,
      args: node.args.map((part) =>
        part.type === 'pair' ? { ...part, value: inColumnUnit(part.value, target) } : part,
      ),
    };
  return { ...node, args: node.args.map((part, i) => (node.name === 'discrete' && i % 2 === 1 ? part : adopt(part))) };
}

function writtenUnit(text: string): Unit | string {
  try {
    return parseUnit(text);
  } catch {
    const first = /^[A-Za-z]+/.exec(text)?.[0] ?? text;
    return isUnitName(first)
      ? 'write for example "TFLOP/s", "USD/h" or "USD/(chip·h)"'
      : unitAdvice(first) || 'see the list of units in the help';
  }
}

function rangeHint(target: LiteralTarget): string {
  const { min, max } = target;
  return min !== undefined && max !== undefined
    ? `write a value from ${min} to ${max}`
    : min !== undefined
      ? `write a value of ${min} or more`
      : `write a value of ${max} or less`;
}

/** True when a cell's text brings uncertainty of its own: it then needs a persistent sample dimension. */
export function mayBeUncertain(text: string): boolean {
  return /\bto\b|\b(normal|lognormal|uniform|triangular|pert|beta|discrete)\s*\(/.test(text);
}
