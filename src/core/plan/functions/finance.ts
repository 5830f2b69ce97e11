/** Functions of money over time: monthly lines, currencies by month, financing, owning against renting. */
import { formatMonth, monthOfDay } from '../../finance/calendar.ts';
import type { MonthlyPart } from '../../finance/monthly-line.ts';
import {
  capitalRecoveryFactor,
  financingPayment,
  monthlyRate,
  ownershipCost,
  rentOrBuy,
  type OwnedChip,
} from '../../finance/ownership.ts';
import { internalRate, spotVerdict } from '../../finance/payment.ts';
import type { BreakdownItem, FunctionDef, LibraryContext, ParameterDef } from '../../formula/function.ts';
import { FormulaError } from '../../formula/formula-error.ts';
import { ANY, describeType, type ValueType } from '../../formula/types.ts';
import { base, divide, multiply, NONE, type Dimension } from '../../quantity/dimension.ts';
import { monthsOfLine, type CostLine } from './cost-line.ts';

const HOUR = 3600;
const plain = (name: string, doc?: string): ParameterDef => ({ name, type: '1', ...(doc ? { doc } : {}) });
const date = (name: string, doc: string): ParameterDef => ({ name, type: 'date', doc });

const sumOf = (parts: MonthlyPart[] | null): number =>
  parts ? parts.reduce((sum, part) => sum + part.cents, 0) / 100 : Number.NaN;

const shownParts = (parts: MonthlyPart[] | null, unit: string): BreakdownItem[] =>
  (parts ?? []).map((part) => ({
    label: `${formatMonth(part.month)}: ${part.quantity}${part.rate === 1 ? '' : ` at ${part.rate}`}`,
    value: part.cents / 100,
    unit,
  }));

function monthlyLine(args: readonly number[], context: LibraryContext): CostLine {
  const [quantity, factor, step, largest, price, from, to] = args as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { quantity, factor: context.text(factor), step, largest, price, rate: null, from, to };
}

function convertedLine(args: readonly number[], context: LibraryContext): CostLine {
  const [repeat, quantity, factor, step, largest, price, rate, from, to] = args as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const once = context.text(repeat) === 'once';
  const text = context.text(factor);
  return { quantity, factor: text, step, largest, price, rate: context.text(rate), from, to: once ? from : to };
}

/** Owned-chip arguments in the order of `OWNED_PARAMS`, per chip, in currency units. */
function ownedChip(args: readonly number[]): OwnedChip {
  const [capex, residual, rate, life, watts, load, pue, electricity, colo, maintenance, use] = args as number[];
  return {
    chipPrice: capex as number,
    serverPrice: 0,
    networkPrice: 0,
    storagePrice: 0,
    installationPrice: 0,
    economicLifeYears: life as number,
    accountingLifeYears: life as number,
    residualShare: residual as number,
    rate: rate as number,
    utilisation: use ?? 1,
    chipW: watts as number,
    serverOverhead: 1,
    loadFactor: load as number,
    pue: pue as number,
    // Money per J and per W arrive; the core takes them per kWh and per kW.
    electricityPerKwh: (electricity as number) * 3.6e6,
    coloPerKwMonth: (colo as number) * 1000,
    facilityPerW: 0,
    facilityLifeYears: 1,
    maintenanceShare: maintenance as number,
    staffPerYear: 0,
    otherPerYear: 0,
  };
}

const OWNED_PARAMS: readonly ParameterDef[] = [
  { name: 'capex', type: 'number', doc: 'all in, per chip: chip, server, network, storage, installation' },
  plain('residual_share'),
  plain('finance_rate', 'yearly'),
  plain('economic_life_years'),
  { name: 'power', type: 'W/chip', doc: 'of the chip with its share of the server' },
  plain('load_factor'),
  plain('pue'),
  { name: 'electricity_price', type: 'number' },
  { name: 'colo_per_kw_month', type: 'number' },
  plain('maintenance_share', 'yearly, of capex'),
];

const CHIP = base('chip');
const TIME = base('s');
const ENERGY = base('J');

/** Checks that capex (per chip), electricity, colocation and rent are in one currency; gives a type made of it. */
function inOneCurrency(args: readonly ValueType[]): (result: (money: Dimension) => Dimension) => ValueType {
  const [capex, , , , , , , electricity, colo, , rent] = args;
  if (capex?.is !== 'number') return () => ANY;
  const money = multiply(capex.dimension, CHIP);
  const wanted: readonly (readonly [string, ValueType | undefined, Dimension])[] = [
    ['electricity_price', electricity, divide(money, ENERGY)],
    ['colo_per_kw_month', colo, divide(money, divide(ENERGY, TIME))],
    // The last argument is the rent, or a plain share of use.
    ['rent', rent?.is === 'number' && rent.dimension !== NONE ? rent : undefined, divide(capex.dimension, TIME)],
  ];
  for (const [name, found, dimension] of wanted) {
    if (found?.is !== 'number' || found.dimension === dimension) continue;
    const expected = describeType({ is: 'number', dimension, kind: '' });
    throw new FormulaError(
      'UNIT',
      `argument "${name}": expected ${expected}, found ${describeType(found)}`,
      { from: 0, to: 0 },
      'capex is per chip, and all prices are in one currency',
    );
  }
  return (result) => ({ is: 'number', dimension: result(money), kind: '' });
}

function guarded(context: LibraryContext, compute: () => number): number {
  try {
    return compute();
  } catch (error) {
    context.because((error as Error).message);
    return Number.NaN;
  }
}

export const FINANCE_FUNCTIONS: readonly FunctionDef[] = [
  {
    name: 'calendar_months',
    group: 'finance',
    params: [date('from', 'first day'), date('to', 'the day after the last')],
    result: '1',
    doc: 'Calendar months a period touches: what a monthly fee is due for.',
    example: 'calendar_months(2027-03-01, 2028-03-01)',
    compute: ([from, to], context) => {
      if ((to as number) <= (from as number)) {
        context.because('the period ends before it starts');
        context.because('swap or correct its dates');
        return Number.NaN;
      }
      return monthOfDay((to as number) - 1e-6) - monthOfDay(from as number) + 1;
    },
  },
  {
    name: 'monthly_cost',
    group: 'finance',
    params: [
      plain('quantity'),
      { name: 'by_month', type: 'schedule', doc: 'factor on the quantity' },
      plain('step_per_month', 'added to the quantity each month'),
      plain('max_quantity'),
      { name: 'unit_cost', type: 'same' },
      date('from', 'first day'),
      date('to', 'last day'),
    ],
    result: 'same',
    doc: 'Sum over the months of quantity × factor of the month × unit cost, each month rounded once to the cent.',
    example: 'monthly_cost(1, schedule(2027-01: 4, 2027-07: 9), 0, 1e9, 12000 USD, 2027-01-01, 2027-12-31)',
    memo: true,
    compute: (args, context) => sumOf(monthsOfLine(monthlyLine(args, context), context)),
    breakdown: (args, context) => shownParts(monthsOfLine(monthlyLine(args, context), context), context.currency()),
  },
  {
    name: 'converted_cost',
    group: 'finance',
    params: [
      { name: 'repeat', type: 'text', doc: '"once" or "monthly"' },
      plain('quantity'),
      { name: 'by_month', type: 'schedule', doc: 'factor on the quantity' },
      plain('step_per_month', 'added to the quantity each month'),
      plain('max_quantity'),
      plain('price', 'in the line’s own currency'),
      { name: 'exchange_rate', type: 'schedule', doc: 'units of the plan’s currency for one, by month' },
      date('from', 'first day'),
      date('to', 'last day'),
    ],
    result: '1',
    doc: 'Units of the plan’s currency for a line priced in another: each month at that month’s rate, rounded once after conversion. Unknown where a month has no rate.',
    example:
      'converted_cost("monthly", 3, schedule(2027-01: 1), 0, 1e9, 14250, schedule(2027-01: 1.08), 2027-01-01, 2027-12-31) * 1 USD',
    memo: true,
    compute: (args, context) => sumOf(monthsOfLine(convertedLine(args, context), context)),
    breakdown: (args, context) => shownParts(monthsOfLine(convertedLine(args, context), context), context.currency()),
  },
  {
    name: 'capital_recovery_factor',
    group: 'finance',
    params: [plain('rate', 'per period'), plain('periods')],
    result: '1',
    doc: 'Constant payment per period that repays 1 over so many periods: r(1+r)^n / ((1+r)^n − 1).',
    example: 'capital_recovery_factor(0.095, 4)',
    compute: ([rate, periods], context) =>
      guarded(context, () => capitalRecoveryFactor(rate as number, periods as number)),
  },
  {
    name: 'financing_payment',
    group: 'finance',
    params: [{ name: 'capex', type: 'same' }, plain('residual_share'), plain('rate', 'yearly'), plain('life_years')],
    result: 'same',
    doc: 'Monthly payment that finances a purchase down to its residual value: capital recovery at the effective monthly rate.',
    example: 'financing_payment(1000000 USD, 0.2, 0.095, 4)',
    compute: ([capex, residual, rate, years], context) =>
      guarded(context, () =>
        financingPayment(
          capex as number,
          (capex as number) * (residual as number),
          monthlyRate(rate as number),
          (years as number) * 12,
        ),
      ),
  },
  {
    name: 'spot_break_even_price',
    group: 'finance',
    params: [
      { name: 'on_demand_price', type: 'same' },
      plain('on_demand_goodput'),
      plain('spot_goodput', 'with preemptions'),
    ],
    result: 'same',
    doc: 'Highest spot price at which an hour of progress on spot costs no more than one on demand.',
    example: 'spot_break_even_price(3 USD/h/chip, 0.95, 0.8)',
    source: 'cost-energy-hardware §4.5: spot pays while p_spot / goodput_spot < p_od / goodput_od',
    compute: ([price, onDemand, spot], context) =>
      guarded(
        context,
        () => spotVerdict(price as number, spot as number, price as number, onDemand as number).breakEvenPrice,
      ),
  },
  {
    name: 'internal_rate',
    group: 'finance',
    params: [
      { name: 'yearly_cost', type: 'number', doc: 'of the whole cluster' },
      { name: 'chips', type: 'chip' },
      plain('use', 'share of all hours that will be charged'),
    ],
    result: 'cost per chip-hour',
    resultType: ([cost]) =>
      cost?.is === 'number' ? { is: 'number', dimension: divide(divide(cost.dimension, CHIP), TIME), kind: '' } : ANY,
    doc: 'Price per chip-hour that recovers a cluster’s yearly cost over the hours it expects to charge.',
    example: 'internal_rate(18000000 USD, 1024 chip, 0.8)',
    compute: ([cost, chips, use], context) =>
      guarded(context, () => internalRate(cost as number, chips as number, use as number) / HOUR),
  },
  {
    name: 'owned_chip_hour_cost',
    group: 'finance',
    params: [...OWNED_PARAMS, plain('use', 'share of all hours that do planned work')],
    result: 'money per chip-hour',
    resultType: (args) => inOneCurrency(args)((money) => divide(divide(money, CHIP), TIME)),
    doc: 'Total cost of owning a chip for an hour of planned work: capital recovered over the economic life less residual, electricity, colocation, maintenance, over 8,766 h a year × use.',
    example:
      'owned_chip_hour_cost(46900 USD/chip, 0.1, 0.08, 4, 1275 W/chip, 0.8, 1.2, 0.08 USD/kWh, 160 USD/kW, 0.03, 0.8)',
    source: 'cost-energy-hardware §4.3: capex × CRF / (8,766 × use) + power + colocation + maintenance',
    memo: true,
    compute: (args, context) => guarded(context, () => ownershipCost(ownedChip(args)).perChipHour / HOUR),
    breakdown: (args, context) =>
      ownershipCost(ownedChip(args))
        .parts.filter((part) => part.perChipHour !== 0)
        .map((part) => ({ label: part.part, value: part.perChipHour, unit: `${context.currency()}/(chip·h)` })),
  },
  {
    name: 'rent_or_buy_use',
    group: 'finance',
    params: [...OWNED_PARAMS, { name: 'rent', type: 'number', doc: 'price of renting' }],
    result: '1',
    resultType: (args) => inOneCurrency(args)(() => NONE),
    doc: 'Share of all hours a chip must work for owning to be cheaper than renting. Unknown where one side always wins: the reason says which.',
    example:
      'rent_or_buy_use(46900 USD/chip, 0.1, 0.08, 4, 1275 W/chip, 0.8, 1.2, 0.08 USD/kWh, 160 USD/kW, 0.03, 2.5 USD/h/chip)',
    source: 'cost-energy-hardware §4.3',
    memo: true,
    compute: (args, context) =>
      guarded(context, () => {
        const found = rentOrBuy(ownedChip(args.slice(0, 10)), (args[10] as number) * HOUR);
        if (found.verdict === 'break_even') return found.utilisation;
        context.because(`${found.verdict === 'always_rent' ? 'renting' : 'buying'} is always cheaper: ${found.reason}`);
        return Number.NaN;
      }),
  },
];
