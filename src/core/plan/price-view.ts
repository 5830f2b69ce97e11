/** The price book as people read it: one line a chip, class and way of paying, with its history, age and who says so. */
import { formatDate } from '../finance/calendar.ts';
import { createPriceBook, lookUpPrice, type PriceBook, type Quote } from '../finance/price-book.ts';
import { quantiles } from '../finance/cash.ts';
import type { Catalog } from '../sheet/catalog.ts';
import { priceBookOf, quoteOf } from './functions/price.ts';

/** A price older than this many days warns. */
export const STALE_AFTER_DAYS = 90;

export interface PricePoint {
  readonly date: string;
  readonly price: number;
  readonly provider: string;
  readonly origin: Quote['origin'];
  readonly source: string;
  readonly flags: readonly string[];
  /** Quoted price, or recorded in the history of list prices. */
  readonly recorded: boolean;
}

export interface PriceLine {
  readonly chip: string;
  readonly chipName: string;
  readonly providerClass: string;
  readonly commitment: string;
  /** USD per chip-hour: the quote in force that the sheet's formula takes. */
  readonly price: number;
  /** P10 and P90 of the providers' quotes in force. */
  readonly p10: number;
  readonly p90: number;
  readonly provider: string;
  readonly providers: number;
  readonly asOf: string;
  readonly ageDays: number;
  readonly stale: boolean;
  readonly warnings: readonly string[];
  /** Reasons not to trust the quote blindly. */
  readonly flags: readonly string[];
  readonly origin: Quote['origin'];
  readonly source: string;
  /** Shipped quotes and quotes of yours in the line. */
  readonly shipped: number;
  readonly yours: number;
  /** Oldest first. */
  readonly history: readonly PricePoint[];
}

const histories = new WeakMap<Catalog, PriceBook>();

/** Quotes and recorded history in one book, keys kept apart. */
function wholeHistory(catalog: Catalog): PriceBook {
  let book = histories.get(catalog);
  if (!book) {
    const quotes = ['price', 'price_history'].flatMap((kind) =>
      [...(catalog.get(kind)?.rows.values() ?? [])].flatMap((row) => {
        const quote = quoteOf(row);
        return quote ? [{ ...quote, key: `${kind}/${quote.key}` }] : [];
      }),
    );
    histories.set(catalog, (book = createPriceBook(quotes)));
  }
  return book;
}

/** Lines of the price book on a date (ISO), by chip name, class and way of paying. */
export function priceLines(catalog: Catalog, on: string): PriceLine[] {
  const rows = catalog.get('price')?.rows ?? new Map<string, never>();
  const book = priceBookOf(rows);
  const groups = new Map<string, Quote>();
  for (const quote of book.quotes) groups.set([quote.chip, quote.providerClass, quote.commitment].join('|'), quote);
  const lines = [...groups.values()].flatMap(({ chip, providerClass, commitment }): PriceLine[] => {
    const found = lookUpPrice(book, { chip, providerClass, commitment, on, staleAfterDays: STALE_AFTER_DAYS });
    if (!found.ok) return [];
    const [p10, p90] = quantiles(
      found.considered.map((quote) => quote.price),
      [0.1, 0.9],
    ) as [number, number];
    const own = book.quotes.filter(
      (quote) => quote.chip === chip && quote.providerClass === providerClass && quote.commitment === commitment,
    );
    return [
      {
        chip,
        chipName: catalog.get('hardware')?.rows.get(chip)?.name ?? chip,
        providerClass,
        commitment,
        price: found.price,
        p10,
        p90,
        provider: found.quote.provider,
        providers: found.considered.length,
        asOf: found.asOf,
        ageDays: found.ageDays,
        stale: found.stale,
        warnings: found.warnings.map((warning) => warning.message),
        flags: found.quote.flags,
        origin: found.quote.origin,
        source: found.quote.source,
        shipped: own.filter((quote) => quote.origin === 'shipped').length,
        yours: own.filter((quote) => quote.origin === 'user').length,
        history: pricePoints(catalog, chip, providerClass, commitment),
      },
    ];
  });
  const text = (line: PriceLine): string => [line.chipName, line.providerClass, line.commitment].join('|');
  return lines.sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** Every quote of a chip, class and way of paying, oldest first: what the history chart draws. */
export function pricePoints(catalog: Catalog, chip: string, providerClass: string, commitment: string): PricePoint[] {
  const rows = wholeHistory(catalog).byChip.get(chip) ?? [];
  return rows
    .filter(({ quote }) => quote.providerClass === providerClass && quote.commitment === commitment)
    .map(({ quote, day }) => ({
      date: formatDate(day),
      price: quote.price,
      provider: quote.provider,
      origin: quote.origin,
      source: quote.source,
      flags: quote.flags,
      recorded: quote.key.startsWith('price_history/'),
    }));
}
