/**
 * The plan of `recalc_10k`: rows of runs with four typed inputs and twelve formula columns, all behind one assumption;
 * 5 % of the formula cells are replaced by numbers, 2 % of the inputs are unknown. Beside it the same arithmetic written
 * by hand, and as a HyperFormula sheet.
 */
import { newPlan } from '../../src/core/document/new-plan.ts';
import type { Plan, PlanRow } from '../../src/core/document/plan.ts';
import { GENERAL_FUNCTIONS } from '../../src/core/formula/functions.ts';
import { createRegistry } from '../../src/core/formula/function.ts';
import { EMPTY_CATALOG } from '../../src/core/sheet/catalog.ts';
import type { ColumnDef } from '../../src/core/sheet/column.ts';
import { BUILT_IN_COLUMNS } from '../../src/core/plan/planner.ts';
import { Sheet } from '../../src/core/sheet/sheet.ts';
import { dice } from './measure.ts';

interface Step {
  readonly id: string;
  readonly unit: string;
  readonly formula: string;
  /** In terms of cells of a row, for HyperFormula; `$` stands for the row number. */
  readonly excel: string;
  readonly money?: boolean;
}

/** Columns A to D of the HyperFormula sheet are inputs; E to P the steps; assumptions are named expressions. */
const STEPS: readonly Step[] = [
  { id: 'tokens_seen', unit: 'token', formula: 'tokens * passes', excel: '=B$*PASSES' },
  { id: 'train_flop', unit: 'FLOP', formula: '6 FLOP * params * tokens_seen', excel: '=6*A$*E$' },
  { id: 'ideal_hours', unit: 'chip·h', formula: 'train_flop / (peak * mfu)', excel: '=F$/(PEAK*MFU)' },
  { id: 'billed_hours', unit: 'chip·h', formula: 'ideal_hours / goodput', excel: '=G$/GOODPUT' },
  { id: 'train_days', unit: 'day', formula: 'billed_hours / chips', excel: '=H$/C$' },
  {
    id: 'energy',
    unit: 'MWh',
    formula: 'billed_hours * power * load * overhead * pue',
    excel: '=H$*POWER*LOAD*OVERHEAD*PUE',
  },
  { id: 'emissions', unit: 't', formula: 'energy * grid', excel: '=J$*GRID' },
  { id: 'compute', unit: 'USD', formula: 'billed_hours * price', excel: '=ROUND(H$*D$,2)', money: true },
  { id: 'electricity', unit: 'USD', formula: 'energy * tariff', excel: '=J$*TARIFF' },
  { id: 'total', unit: 'USD', formula: 'compute + electricity', excel: '=ROUND(L$+M$,2)', money: true },
  { id: 'per_token', unit: 'USD/token', formula: 'total / tokens_seen', excel: '=N$/E$' },
  { id: 'speed', unit: 'token/s', formula: 'tokens_seen / train_days', excel: '=E$/I$' },
];
export const STEP_COUNT = STEPS.length;

const ASSUMPTIONS: readonly (readonly [key: string, value: number, unit: string, base: number])[] = [
  ['passes', 1.5, '', 1],
  ['mfu', 0.4, '', 1],
  ['goodput', 0.92, '', 1],
  ['peak', 989.4, 'TFLOP/s/chip', 1e12],
  ['power', 700, 'W/chip', 1],
  ['load', 0.75, '', 1],
  ['overhead', 1.6, '', 1],
  ['pue', 1.15, '', 1],
  ['grid', 380, 'g/kWh', 1 / 3.6e6],
  ['tariff', 0.09, 'USD/kWh', 1 / 3.6e6],
];

const INPUTS = [
  ['params', 'param'],
  ['tokens', 'token'],
  ['chips', 'chip'],
  ['price', 'USD/(chip·h)'],
] as const;

function column(id: string, unit: string, formula?: string, money = false): ColumnDef {
  return {
    table: 'runs',
    id,
    label: id,
    group: 'Bench',
    type: 'number',
    unit,
    help: '',
    money,
    ...(formula === undefined ? {} : { formula }),
  };
}

const COLUMNS: readonly ColumnDef[] = [
  ...BUILT_IN_COLUMNS.filter((def) => def.table !== 'runs'),
  ...INPUTS.map(([id, unit]) => column(id, unit)),
  ...STEPS.map((step) => column(step.id, step.unit, step.formula, step.money)),
];

/** Numbers as typed, by column; NaN where nothing is typed. */
export interface ChainData {
  readonly rows: number;
  readonly inputs: readonly Float64Array[];
  /** Overrides of the steps in their display unit. */
  readonly overrides: readonly Map<number, number>[];
}

export function chainData(rows: number): ChainData {
  const next = dice(rows);
  const ranges = [
    [1e9, 4e11],
    [1e11, 2e13],
    [64, 16_384],
    [1, 5],
  ] as const;
  // A thousand different numbers an input: a million rows then share their texts.
  const pools = ranges.map(([low, high]) =>
    Array.from({ length: 1000 }, () => Number((low * (high / low) ** next()).toPrecision(6))),
  );
  const inputs = pools.map((pool) =>
    Float64Array.from({ length: rows }, () =>
      next() < 0.02 ? Number.NaN : (pool[Math.floor(next() * 1000)] as number),
    ),
  );
  const overrides = STEPS.map(() => new Map<number, number>());
  for (const own of overrides)
    for (let row = 0; row < rows; row++) if (next() < 0.05) own.set(row, 1 + Math.floor(next() * 1000));
  return { rows, inputs, overrides };
}

export function chainSheet({ rows, inputs, overrides }: ChainData): Sheet {
  const runs: PlanRow[] = Array.from({ length: rows }, (_, row) => {
    const cells: Record<string, string> = {};
    INPUTS.forEach(([id], k) => {
      const value = (inputs[k] as Float64Array)[row] as number;
      if (!Number.isNaN(value)) cells[id] = String(value);
    });
    STEPS.forEach(({ id }, k) => {
      const value = (overrides[k] as Map<number, number>).get(row);
      if (value !== undefined) cells[id] = String(value);
    });
    return { key: `r${row}`, cells };
  });
  const assumptions: PlanRow[] = ASSUMPTIONS.map(([key, value, unit]) => ({
    key,
    cells: { value: String(value), unit },
  }));
  const plan: Plan = newPlan({ samples: 1024 }, { runs, assumptions });
  const sheet = new Sheet(plan, {
    columns: COLUMNS,
    registry: createRegistry(GENERAL_FUNCTIONS),
    catalog: EMPTY_CATALOG,
  });
  sheet.recalculate();
  return sheet;
}

/** Types another number of passes and recalculates: every formula cell depends on it. */
export function changePasses(sheet: Sheet, passes: number): void {
  sheet.apply([{ set: ['assumptions', 'passes', 'value'], to: String(passes) }]);
  sheet.recalculate();
}

/** The twelve columns as loops over arrays, in base units; what a programmer would write for this one plan. */
export function byHand({ rows, inputs }: ChainData): {
  run(passes: number): void;
  readonly columns: readonly Float64Array[];
} {
  const [params, tokens, chips, typedPrice] = inputs as [Float64Array, Float64Array, Float64Array, Float64Array];
  const price = typedPrice.map((value) => value / 3600);
  const constant = new Map(ASSUMPTIONS.map(([key, value, , base]) => [key, value * base]));
  const given = (key: string): number => constant.get(key) as number;
  const [mfu, goodput, peak, power] = [given('mfu'), given('goodput'), given('peak'), given('power')];
  const [load, overhead, pue, grid, tariff] = [
    given('load'),
    given('overhead'),
    given('pue'),
    given('grid'),
    given('tariff'),
  ];
  const columns = STEPS.map(() => new Float64Array(rows));
  const [seen, flop, ideal, billed, days, energy, emissions, compute, electricity, total, perToken, speed] =
    columns as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
  const cents = (x: number): number => Math.round(x * 100) / 100;
  return {
    columns,
    run(passes) {
      for (let i = 0; i < rows; i++) seen[i] = tokens[i]! * passes;
      for (let i = 0; i < rows; i++) flop[i] = 6 * params[i]! * seen[i]!;
      for (let i = 0; i < rows; i++) ideal[i] = flop[i]! / (peak * mfu);
      for (let i = 0; i < rows; i++) billed[i] = ideal[i]! / goodput;
      for (let i = 0; i < rows; i++) days[i] = billed[i]! / chips[i]!;
      for (let i = 0; i < rows; i++) energy[i] = billed[i]! * power * load * overhead * pue;
      for (let i = 0; i < rows; i++) emissions[i] = energy[i]! * grid;
      for (let i = 0; i < rows; i++) compute[i] = cents(billed[i]! * price[i]!);
      for (let i = 0; i < rows; i++) electricity[i] = energy[i]! * tariff;
      for (let i = 0; i < rows; i++) total[i] = cents(compute[i]! + electricity[i]!);
      for (let i = 0; i < rows; i++) perToken[i] = total[i]! / seen[i]!;
      for (let i = 0; i < rows; i++) speed[i] = seen[i]! / days[i]!;
    },
  };
}

/** The same plan as cells for HyperFormula: rows of inputs and formulas, and the assumptions by name. */
export function excelCells({ rows, inputs, overrides }: ChainData): {
  readonly cells: (string | number | null)[][];
  readonly names: { name: string; expression: number }[];
} {
  const cells = Array.from({ length: rows }, (_, row) => [
    ...inputs.map((values) => (Number.isNaN(values[row]) ? '=NA()' : (values[row] as number))),
    ...STEPS.map((step, k) => overrides[k]?.get(row) ?? step.excel.replaceAll('$', String(row + 1))),
  ]);
  return {
    cells,
    names: ASSUMPTIONS.map(([key, value, , base]) => ({ name: key.toUpperCase(), expression: value * base })),
  };
}
