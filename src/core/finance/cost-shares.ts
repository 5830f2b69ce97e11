import { roundProduct } from './money.ts';
import type { CostShare, MoneyLine } from './programme-types.ts';
import type { UseCell } from './metered-lines.ts';

/**
 * Shares each standing line of a pool out to the runs that used it: leaf x chip-hours used / capacity of the month,
 * rounded as a leaf; what is left is unused and has no run. Run shares and the rest add up to the leaf exactly.
 * Cash-only lines (capex, prepayment) are not shared: cost bears them as depreciation or spread.
 */
export function costShares(
  pool: string,
  lines: readonly MoneyLine[],
  cells: readonly UseCell[],
  capacityChipHours: readonly number[],
  runs: readonly { key: string }[],
): CostShare[] {
  const byMonth: Map<number, number>[] = capacityChipHours.map(() => new Map());
  for (const cell of cells) {
    const used = byMonth[cell.month]!;
    used.set(cell.run, (used.get(cell.run) ?? 0) + cell.chipSeconds);
  }
  const shares: CostShare[] = [];
  for (const line of lines) {
    if (line.view === 'cash') continue;
    const { category, month } = line;
    let rest = line.cents;
    const capacitySeconds = capacityChipHours[month]! * 3600;
    for (const [run, chipSeconds] of byMonth[month]!) {
      const cents = roundProduct([line.cents, chipSeconds], [capacitySeconds]);
      rest -= cents;
      shares.push({ category, pool, month, run: runs[run]!.key, cents });
    }
    shares.push({ category, pool, month, run: null, cents: rest });
  }
  return shares;
}
