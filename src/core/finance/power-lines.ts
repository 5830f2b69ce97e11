import type { CapacityStep } from './capacity.ts';
import { useCells, type PriceTimes, type UseCell } from './metered-lines.ts';
import { centsOf } from './money.ts';
import type { MoneyLine, OwnedSupply, ProgrammeInput } from './programme-types.ts';
import type { Horizon } from './supply-lines.ts';

/**
 * Electricity of an owned cluster: one line per run x month x price row = chip-hours x kW x server overhead x load
 * factor x PUE x price, and one for idle chips where the idle load factor is above 0. Rented prices include power.
 */
export function powerLines(
  input: ProgrammeInput,
  supply: OwnedSupply,
  steps: readonly CapacityStep[],
  cells: readonly UseCell[],
  table: PriceTimes,
  horizon: Horizon,
): MoneyLine[] {
  const pue = input.sites.find((site) => site.key === supply.site)!.pue;
  const { chipKw, serverOverhead, loadFactor } = input.chip;
  const idleLoadFactor = input.chip.idleLoadFactor ?? 0;
  const line = (cell: UseCell, run: string | null, load: number, committed: boolean): MoneyLine => {
    const price = table.price[cell.row]!;
    return {
      category: `${supply.category}_electricity`,
      month: cell.month,
      cents: centsOf([cell.chipSeconds, chipKw, serverOverhead, load, pue, price], [3600]),
      view: 'both',
      origin: supply.key,
      run,
      quantity: (cell.chipSeconds / 3600) * chipKw * serverOverhead * load * pue,
      unit: 'kWh',
      unitPrice: price,
      rate: 1,
      currency: input.currency,
      source: table.source[cell.row]!,
      committed,
    };
  };
  const lines: MoneyLine[] = [];
  for (const cell of cells) {
    const run = input.runs[cell.run]!;
    lines.push(line(cell, run.key, loadFactor, run.committed ?? false));
  }
  if (idleLoadFactor > 0)
    for (const cell of idleCells(steps, cells, table, horizon)) lines.push(line(cell, null, idleLoadFactor, true));
  return lines;
}

/** Capacity less use, by month and price row. */
function idleCells(
  steps: readonly CapacityStep[],
  cells: readonly UseCell[],
  table: PriceTimes,
  horizon: Horizon,
): UseCell[] {
  const idle = new Map<string, UseCell>();
  steps.forEach((step) => {
    const offered = useCells([{ ...step, run: 0, pool: 0 }], [table], horizon, 1).cells;
    for (const cell of offered) {
      const key = `${cell.month}/${cell.row}`;
      const known = idle.get(key);
      if (known) known.chipSeconds += cell.chipSeconds;
      else idle.set(key, cell);
    }
  });
  for (const cell of cells) {
    idle.get(`${cell.month}/${cell.row}`)!.chipSeconds -= cell.chipSeconds;
  }
  return [...idle.values()].filter((cell) => cell.chipSeconds > 1e-3);
}
