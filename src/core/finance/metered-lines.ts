import { FlopsheetError } from '../errors.ts';
import { formatInstant, monthAt, monthStart, parseDate, SECONDS_PER_DAY } from './calendar.ts';
import type { AllocationPiece } from './capacity.ts';
import { centsOf } from './money.ts';
import type { MeteredSupply, MoneyLine, PriceStep, ProgrammeRun } from './programme-types.ts';
import type { Horizon } from './supply-lines.ts';

/** A dated price table ready for use: starts (s from the horizon's origin, rising), prices and sources. */
export interface PriceTimes {
  fromS: number[];
  price: number[];
  source: string[];
  name: string;
}

/** Sorts a price table by date and turns dates into seconds from the origin. */
export function priceTimes(steps: readonly PriceStep[], name: string, originS: number): PriceTimes {
  const rows = steps
    .map((step) => ({ fromS: parseDate(step.validFrom) * SECONDS_PER_DAY - originS, step }))
    .sort((a, b) => a.fromS - b.fromS);
  return {
    fromS: rows.map((row) => row.fromS),
    price: rows.map((row) => row.step.price),
    source: rows.map((row) => row.step.source ?? `${name} from ${row.step.validFrom}`),
    name,
  };
}

/** Chip-seconds of one run in one supply, one month and under one price row (-1 where the supply has no table). */
export interface UseCell {
  run: number;
  pool: number;
  month: number;
  row: number;
  chipSeconds: number;
}

/**
 * Cuts allocation pieces at month starts and price changes and adds up chip-seconds per run x supply x month x price
 * row. What lies outside the horizon is returned by run, not priced. Throws `price_unknown` for a use before the
 * first price of its table.
 */
export function useCells(
  pieces: readonly AllocationPiece[],
  tables: readonly (PriceTimes | null)[],
  horizon: Horizon,
  runCount: number,
): { cells: UseCell[]; outside: Float64Array } {
  const monthStartsS = Array.from(
    { length: horizon.months + 1 },
    (_, i) => monthStart(horizon.first + i) - horizon.originS,
  );
  const endS = monthStartsS[horizon.months]!;
  const outside = new Float64Array(runCount);
  const open: (UseCell | undefined)[] = new Array(runCount * tables.length);
  const cells: UseCell[] = [];
  for (const piece of pieces) {
    const table = tables[piece.pool]!;
    const fromS = Math.max(piece.fromS, 0);
    const toS = Math.min(piece.toS, endS);
    outside[piece.run]! += (piece.toS - piece.fromS - Math.max(0, toS - fromS)) * piece.chips;
    if (toS <= fromS) continue;
    let month = monthAt(fromS + horizon.originS) - horizon.first;
    // Adding the origin can round an instant just before a month's end over it.
    while (monthStartsS[month]! > fromS) month--;
    let row = -1;
    if (table) while (row + 1 < table.fromS.length && table.fromS[row + 1]! <= fromS) row++;
    if (table && row < 0) throw noPrice(table, fromS + horizon.originS);
    const slot = piece.run * tables.length + piece.pool;
    for (let at = fromS; at < toS;) {
      let next = Math.min(toS, monthStartsS[month + 1]!);
      const change = table?.fromS[row + 1];
      if (change !== undefined && change < next) next = change;
      const last = open[slot];
      if (last && last.month === month && last.row === row) last.chipSeconds += (next - at) * piece.chips;
      else
        cells.push(
          (open[slot] = { run: piece.run, pool: piece.pool, month, row, chipSeconds: (next - at) * piece.chips }),
        );
      if (next === monthStartsS[month + 1]) month++;
      if (next === change) row++;
      at = next;
    }
  }
  return { cells, outside };
}

/** A line for hours bought under one price row: chip-hours x (1 + overhead) x price, rounded once. */
export function meteredLine(
  cell: UseCell,
  table: PriceTimes,
  supply: MeteredSupply,
  run: ProgrammeRun,
  currency: string,
): MoneyLine {
  const price = table.price[cell.row]!;
  const billed = supply.overhead ? onePlus(supply.overhead) : 1;
  return {
    category: supply.category,
    month: cell.month,
    cents: centsOf([cell.chipSeconds, billed, price], SECONDS_IN_AN_HOUR),
    view: 'both',
    origin: supply.key,
    run: run.key,
    quantity: (cell.chipSeconds / 3600) * billed,
    unit: 'chip·h',
    unitPrice: price,
    rate: 1,
    currency,
    source: table.source[cell.row]!,
    committed: run.committed ?? false,
  };
}

const SECONDS_IN_AN_HOUR = [3600];

/** 1 + share without the last-digit noise of binary addition, so that an exact tie stays one. */
function onePlus(share: number): number {
  return Number((1 + share).toPrecision(15));
}

function noPrice(table: PriceTimes, atS: number): FlopsheetError {
  const first = table.fromS.length === 0 ? 'there is none at all' : 'the first one starts later';
  return new FlopsheetError('price_unknown', `${table.name} has no price on ${formatInstant(atS)}: ${first}.`, {
    hint: 'Add a price row that starts on or before that day. A missing price is not counted as 0.',
    where: table.name,
  });
}
