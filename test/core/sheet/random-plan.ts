/** Random plans and edits from a seed: all kinds of cells, about 5 % overrides and 2 % unknown inputs. */
import { newPlan } from '../../../src/core/document/new-plan.ts';
import { applyCommands } from '../../../src/core/document/apply.ts';
import type { Command, Plan, TableId } from '../../../src/core/document/plan.ts';

/** A number in 0..1 from the last one (mulberry32): tests choose the seed and get the same plan again. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  between(low: number, high: number): number {
    return low * (high / low) ** this.next();
  }
}

/** Text for an input column; `other` is the key of some row. */
type Maker = (dice: Dice, other: string) => string;

const RUN_INPUTS: Readonly<Record<string, Maker>> = {
  params_total: (d) => `${d.between(1, 500).toFixed(2)}B`,
  tokens: (d) => `${d.between(0.1, 20).toFixed(3)}T`,
  hardware: (d) => d.pick(['h100-sxm', 'a100-80gb-sxm']),
  chips: (d) => String(8 * (1 + d.below(2000))),
  mfu: (d) => d.pick([`${d.between(0.2, 0.6).toFixed(3)}`, '0.3 to 0.45', 'normal(0.4, 0.02)']),
  goodput: (d) => `${(80 + 20 * d.next()).toFixed(1)}%`,
  chip_hour_price: (d, other) =>
    d.pick([`${d.between(1, 6).toFixed(2)}`, '=market', '2 to 3', `=runs.${other}.chip_hour_price * 1.01`]),
  status: (d) => d.pick(['draft', 'approved', 'running']),
  included: (d) => d.pick(['yes', 'yes', 'yes', 'no']),
  start_date: (d) => d.pick(['2027-01-15', '2027-08', '=2027-03-01 + 45 day']),
  storage_cost: (d) => `${d.between(1, 1e6).toFixed(3)}`,
  contingency: (d) => `${(20 * d.next()).toFixed(1)}%`,
  region: () => 'nowhere',
};

const RUN_OVERRIDES: Readonly<Record<string, Maker>> = {
  train_flop: (d, other) => d.pick(['5e23', `=runs.${other}.train_flop / 2`, '=6 FLOP * params_active * tokens_seen']),
  chip_hours: (d) => d.pick(['1e6', '=ideal_chip_hours * 1.1', '=max(runs.ideal_chip_hours, runs.status = "draft")']),
  energy_mwh: (d, other) => d.pick(['1200', `=if(chips > 64 chip, 3 GWh, runs.${other}.energy_mwh)`]),
  compute_cost: (d) => d.pick(['12345.675', '=chip_hours * at(rent, start_date)', '=sum(costs.amount)']),
  other_cost: (d, other) =>
    d.pick(['0.125', `=runs.${other}.total_cost / 3`, '=mean(runs.compute_cost, runs.status = status)']),
  train_days: (d) => d.pick(['30', '=1 / 0 * 1 day', '=median(runs.train_days, runs.chips > 1000 chip)']),
  tokens_per_param: () => '=if_unknown(tokens_seen / params_active, 20)',
  count: (d) => d.pick(['2', '=count(phases, phases.run = key)', '=count(runs, runs.included)']),
};

const PHASE: Readonly<Record<string, Maker>> = {
  run: (_, other) => other,
  tokens: (d) => `${d.between(1, 900).toFixed(1)}B`,
};

const COST: Readonly<Record<string, Maker>> = {
  quantity: (d, other) => d.pick(['1', '2.5', `=runs.${other}.count`]),
  unit_cost: (d) => d.pick([`${d.between(0.001, 1e5).toFixed(4)}`, '=sum(runs.storage_cost) / 7', '100 to 300']),
};

function cells(dice: Dice, inputs: Readonly<Record<string, Maker>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([id, make]) => {
      const text = make(dice, dice.pick(keys));
      return dice.next() < 0.02 ? [] : [[id, text]];
    }),
  );
}

/** A plan of n runs with phases, costs and assumptions. */
export function randomPlan(dice: Dice, n: number): Plan {
  const keys = Array.from({ length: n }, (_, i) => `r${i}`);
  const commands: Command[] = [
    { row: ['assumptions', 'market'], to: { at: 0, cells: { value: '2.4', unit: 'USD/(chip·h)' } } },
    {
      row: ['assumptions', 'rent'],
      to: { at: 1, cells: { value: 'schedule(2027-01: 3, 2027-06: 2.5)', unit: 'USD/(chip·h)' } },
    },
  ];
  keys.forEach((key, at) => {
    const own = cells(dice, RUN_INPUTS, keys);
    for (const [id, make] of Object.entries(RUN_OVERRIDES))
      if (dice.next() < 0.05) own[id] = make(dice, dice.pick(keys));
    commands.push({ row: ['runs', key], to: { at, cells: own } });
  });
  for (let at = 0; at < n; at++) {
    commands.push({ row: ['phases', `p${at}`], to: { at, cells: cells(dice, PHASE, keys) } });
    commands.push({ row: ['costs', `c${at}`], to: { at, cells: cells(dice, COST, keys) } });
  }
  const columns = {
    runs: { per_chip: { formula: 'total_cost / chips' }, share: { formula: 'per_chip / sum(runs.total_cost)' } },
  };
  return applyCommands({ ...newPlan({ samples: 256 }), columns }, commands).plan;
}

/** An edit that fits the plan. */
export function randomCommand(dice: Dice, plan: Plan, serial: number): Command {
  const keys = plan.tables.runs.map((row) => row.key);
  const roll = dice.next();
  if (roll < 0.04)
    return {
      row: ['runs', `new${serial}`],
      to: { at: dice.below(keys.length + 1), cells: cells(dice, RUN_INPUTS, keys) },
    };
  if (roll < 0.06 && keys.length > 2) return { row: ['runs', dice.pick(keys)], to: null };
  if (roll < 0.08)
    return {
      column: ['runs', 'per_chip'],
      to: { formula: dice.pick(['total_cost / chips', 'total_cost / chips * 2']) },
    };
  if (roll < 0.14)
    return {
      set: ['assumptions', 'market', 'value'],
      to: dice.pick(['2.1', '3', '2 to 3', '=1 USD/(chip·h) * 2', '']),
    };
  const [table, makers]: [TableId, Readonly<Record<string, Maker>>] =
    roll < 0.2
      ? ['phases', PHASE]
      : roll < 0.3
        ? ['costs', COST]
        : ['runs', dice.next() < 0.5 ? RUN_INPUTS : RUN_OVERRIDES];
  const row = dice.pick(plan.tables[table]).key;
  const id = dice.pick(Object.keys(makers));
  return { set: [table, row, id], to: dice.next() < 0.2 ? null : (makers[id] as Maker)(dice, dice.pick(keys)) };
}
