/** Which quotes of the price book a plan stands on, and which of them should be asked about. */
import { lookUpPrice, type Quote } from '../finance/price-book.ts';
import { parseDate } from '../formula/dates.ts';
import type { Sheet } from '../sheet/sheet.ts';
import { COMMITMENT, LATEST, priceBookOf } from './functions/price.ts';
import { STALE_AFTER_DAYS } from './price-view.ts';
import { RowReader } from './programme/row-reader.ts';

export interface PriceUse {
  readonly run: string;
  readonly name: string;
  readonly quote: Quote;
  /** Compute cost it prices, plan currency; null when unknown. */
  readonly cost: number | null;
  readonly committed: boolean;
}

/** The quote behind the price of a run (row number); null when it is typed, a cluster's, or nobody quotes it. */
export function priceUse(sheet: Sheet, row: number): PriceUse | null {
  const rows = sheet.options.catalog.get('price')?.rows;
  const read = new RowReader(sheet, 'runs');
  const key = sheet.state.tables.runs.keys[row];
  const commitment = COMMITMENT[read.text('payment', row)];
  if (!rows || key === undefined || !commitment || read.replaced('chip_hour_price', row)) return null;
  if (read.number('included', row) === 0 || read.text('cluster', row) !== '') return null;
  const found = lookUpPrice(priceBookOf(rows), {
    chip: read.text('hardware', row),
    commitment,
    on: LATEST,
    providerClass: read.text('price_class', row),
  });
  if (!found.ok) return null;
  const cost = read.number('compute_cost', row);
  return {
    run: key,
    name: read.text('name', row) || key,
    quote: found.quote,
    cost: Number.isFinite(cost) ? cost : null,
    committed: read.number('committed', row) === 1,
  };
}

/** Quotes behind all runs whose price comes from the price book. */
export function pricesInUse(sheet: Sheet): PriceUse[] {
  return sheet.state.tables.runs.keys.flatMap((_, row) => priceUse(sheet, row) ?? []);
}

export interface PriceConcern {
  readonly message: string;
  readonly runs: readonly string[];
  readonly cost: number;
  /** It prices a run that is committed. */
  readonly committed: boolean;
}

/** Stale and flagged quotes in use on a day (ISO date), largest amount first. */
export function priceConcerns(uses: readonly PriceUse[], today: string): PriceConcern[] {
  const day = parseDate(today) ?? 0;
  const byQuote = new Map<string, PriceUse[]>();
  for (const use of uses) byQuote.set(use.quote.key, [...(byQuote.get(use.quote.key) ?? []), use]);
  return [...byQuote.values()]
    .flatMap((own): PriceConcern[] => {
      const [{ quote }] = own as [PriceUse];
      const age = day - (parseDate(quote.asOf) ?? day);
      const reasons = [
        ...(age > STALE_AFTER_DAYS ? [`is ${age} days old (${quote.asOf})`] : []),
        ...(quote.flags.length > 0 ? [`is marked "${quote.flags.join(', ')}"`] : []),
      ];
      if (reasons.length === 0) return [];
      return [
        {
          message: `The ${quote.commitment.replaceAll('_', ' ')} price of ${quote.chip} from ${quote.provider} ${reasons.join(' and ')}.`,
          runs: own.map((use) => use.name),
          cost: own.reduce((sum, use) => sum + (use.cost ?? 0), 0),
          committed: own.some((use) => use.committed),
        },
      ];
    })
    .sort((a, b) => b.cost - a.cost);
}
