/** The general functions of the formula language. Planner functions stand with what they compute, in `core/plan/functions`. */
import { dateParts, dayNumber } from './dates.ts';
import type { FunctionDef, ParameterDef } from './function.ts';
import { SCHEDULE_FUNCTIONS } from './schedule.ts';

const same = (name: string): ParameterDef => ({ name, type: 'same' });
const plain = (name: string): ParameterDef => ({ name, type: '1' });

function math(
  name: string,
  params: readonly ParameterDef[],
  result: string,
  doc: string,
  example: string,
  compute: (...args: number[]) => number,
  variadic = false,
): FunctionDef {
  return { name, group: 'math', params, result, doc, example, variadic, compute: (args) => compute(...args) };
}

const MATH: readonly FunctionDef[] = [
  math('abs', [same('x')], 'same', 'Size of a number without its sign.', 'abs(-3 day)', Math.abs),
  math('floor', [same('x')], 'same', 'Largest whole number of base units not above x.', 'floor(2.7)', Math.floor),
  math('ceil', [same('x')], 'same', 'Smallest whole number of base units not below x.', 'ceil(2.1)', Math.ceil),
  {
    name: 'round',
    group: 'math',
    params: [same('x'), { name: 'step', type: 'same', optional: true, doc: '1 base unit when left out' }],
    result: 'same',
    doc: 'Nearest multiple of a step, halves away from zero.',
    example: 'round(2.49 USD, 0.1 USD)',
    compute: ([x, step = 1]) =>
      step === 0 ? Number.NaN : Math.sign((x as number) / step) * Math.round(Math.abs((x as number) / step)) * step,
  },
  {
    name: 'sqrt',
    group: 'math',
    params: [{ name: 'x', type: 'number' }],
    result: 'root',
    doc: 'Square root; the dimension is halved.',
    example: 'sqrt(2)',
    compute: ([x]) => Math.sqrt(x as number),
  },
  math('exp', [plain('x')], '1', 'e to the power x.', 'exp(1)', Math.exp),
  math('ln', [plain('x')], '1', 'Natural logarithm.', 'ln(10)', (x) => (x > 0 ? Math.log(x) : Number.NaN)),
  math('log10', [plain('x')], '1', 'Decimal logarithm.', 'log10(1000)', (x) => (x > 0 ? Math.log10(x) : Number.NaN)),
  math('log2', [plain('x')], '1', 'Binary logarithm.', 'log2(1024)', (x) => (x > 0 ? Math.log2(x) : Number.NaN)),
  math(
    'mod',
    [same('x'), same('y')],
    'same',
    'Remainder of x divided by y, with the sign of y.',
    'mod(7, 3)',
    (x, y) => (y === 0 ? Number.NaN : x - y * Math.floor(x / y)),
  ),
  math(
    'min',
    [same('a'), same('b')],
    'same',
    'The smaller of the values given.',
    'min(3 h, 2 h)',
    (...args) => Math.min(...args),
    true,
  ),
  math(
    'max',
    [same('a'), same('b')],
    'same',
    'The larger of the values given.',
    'max(3 h, 2 h)',
    (...args) => Math.max(...args),
    true,
  ),
  math(
    'clamp',
    [same('x'), same('low'), same('high')],
    'same',
    'x, but not below low and not above high.',
    'clamp(1.2, 0, 1)',
    (x, low, high) => Math.min(Math.max(x, low), high),
  ),
  math(
    'number_of',
    [
      { name: 'x', type: 'number' },
      { name: 'unit', type: 'same_dimension' },
    ],
    '1',
    'How many times a unit goes into x: the plain number.',
    'number_of(2 day, 1 h)',
    (x, unit) => (unit === 0 ? Number.NaN : x / unit),
  ),
];

const LOGIC: readonly FunctionDef[] = [
  {
    name: 'known',
    group: 'logic',
    params: [{ name: 'x', type: 'any' }],
    result: 'boolean',
    doc: 'Yes when x has a value.',
    example: 'known(mfu)',
    acceptsUnknown: true,
    compute: ([x]) => (Number.isFinite(x) ? 1 : 0),
  },
  {
    name: 'if_unknown',
    group: 'logic',
    params: [
      { name: 'x', type: 'same' },
      { name: 'otherwise', type: 'same' },
    ],
    result: 'same',
    doc: 'x when it is known, otherwise the second value: an explicit choice, never a silent zero.',
    example: 'if_unknown(price, 2 USD)',
    acceptsUnknown: true,
    compute: ([x, otherwise]) => (Number.isFinite(x) ? (x as number) : (otherwise as number)),
  },
];

const TEXTS: readonly FunctionDef[] = [
  {
    name: 'contains',
    group: 'text',
    params: [
      { name: 'text', type: 'text' },
      { name: 'part', type: 'text' },
    ],
    result: 'boolean',
    doc: 'Yes when the text contains the part; upper and lower case are the same.',
    example: 'contains("H100 SXM", "h100")',
    compute: ([a, b], context) =>
      context
        .text(a as number)
        .toLowerCase()
        .includes(context.text(b as number).toLowerCase())
        ? 1
        : 0,
  },
];

const DATES: readonly FunctionDef[] = [
  {
    name: 'year',
    group: 'date',
    params: [{ name: 'date', type: 'date' }],
    result: '1',
    doc: 'Year of a date.',
    example: 'year(2027-03-01)',
    compute: ([d]) => dateParts(d as number).year,
  },
  {
    name: 'month',
    group: 'date',
    params: [{ name: 'date', type: 'date' }],
    result: '1',
    doc: 'Month of a date, 1 to 12.',
    example: 'month(2027-03-01)',
    compute: ([d]) => dateParts(d as number).month,
  },
  {
    name: 'date',
    group: 'date',
    params: [plain('year'), plain('month'), plain('day')],
    result: 'date',
    doc: 'A date from its parts; unknown when there is no such day.',
    example: 'date(2027, 3, 1)',
    compute: ([y, m, d], context) => {
      const day = dayNumber(y as number, m as number, d as number);
      if (day === null) context.because('there is no such date');
      return day ?? Number.NaN;
    },
  },
];

/** Functions every formula may use. */
export const GENERAL_FUNCTIONS: readonly FunctionDef[] = [...MATH, ...LOGIC, ...TEXTS, ...DATES, ...SCHEDULE_FUNCTIONS];
