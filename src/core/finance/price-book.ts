import { FlopsheetError } from '../errors.ts';
import { parseDate } from './calendar.ts';

export type Commitment =
  'on_demand' | 'spot' | 'reserved_1m' | 'reserved_6m' | 'reserved_1y' | 'reserved_3y' | 'capacity_block' | 'internal';

/** One dated price per chip·hour. Shipped and user quotes live side by side; neither overwrites the other. */
export interface Quote {
  key: string;
  chip: string;
  provider: string;
  region: string;
  /** hyperscaler, neocloud, marketplace, internal … */
  providerClass: string;
  commitment: string;
  price: number;
  currency: string;
  /** ISO date the price was read or took effect */
  asOf: string;
  origin: 'shipped' | 'user';
  source: string;
  /** reasons not to trust it blindly: shown with every use */
  flags: string[];
}

export interface PriceBook {
  byChip: Map<string, { quote: Quote; day: number }[]>;
  quotes: Quote[];
}

/** What to look for; a field left out matches all. */
export interface PriceQuery {
  chip: string;
  commitment: string;
  /** ISO date: the price in force then, the latest one not after it */
  on: string;
  provider?: string;
  providerClass?: string;
  region?: string;
  currency?: string;
  /** which of several providers' prices to answer with; the default is their median */
  choose?: 'median' | 'lowest' | 'highest' | 'latest';
  /** a price older than this is stale; default 180 days */
  staleAfterDays?: number;
  /** leave flagged quotes out when unflagged ones exist; default true */
  avoidFlagged?: boolean;
}

export interface PriceWarning {
  code: 'price_stale' | 'price_flagged' | 'price_spread' | 'price_single';
  message: string;
}

export type PriceAnswer =
  | {
      ok: true;
      price: number;
      currency: string;
      asOf: string;
      ageDays: number;
      stale: boolean;
      quote: Quote;
      /** every provider's quote in force that the choice was made from */
      considered: Quote[];
      warnings: PriceWarning[];
    }
  | { ok: false; code: 'price_unknown'; message: string; hint: string; nearest: Quote[] };

/**
 * Index of quotes. Throws `price_invalid` for a price that is negative, zero or not a number (zero stands for "not
 * sold this way" in provider lists and is never a price), `date_text` for a bad date, `price_twice` for one key twice.
 */
export function createPriceBook(quotes: readonly Quote[]): PriceBook {
  const book: PriceBook = { byChip: new Map(), quotes: [...quotes] };
  const keys = new Set<string>();
  for (const quote of quotes) {
    const where = `price ${quote.key}`;
    if (!(quote.price > 0) || !Number.isFinite(quote.price)) {
      throw new FlopsheetError('price_invalid', `The price of ${quote.chip} at ${quote.provider} is ${quote.price}.`, {
        hint: 'Prices are positive. If it is not sold this way or not known, leave the row out.',
        where,
      });
    }
    if (keys.has(`${quote.origin}/${quote.key}`)) {
      throw new FlopsheetError('price_twice', `Two ${quote.origin} prices have the key ${quote.key}.`, {
        hint: 'Give the second one its own key: a new date is a new row.',
        where,
      });
    }
    keys.add(`${quote.origin}/${quote.key}`);
    const rows = book.byChip.get(quote.chip) ?? [];
    book.byChip.set(quote.chip, rows);
    rows.push({ quote, day: parseDate(quote.asOf, where) });
  }
  for (const rows of book.byChip.values()) rows.sort((a, b) => a.day - b.day || compare(a.quote.key, b.quote.key));
  return book;
}

/**
 * Price in force on a date. Per provider and region the latest quote not after the date stands; a user quote that
 * matches goes before shipped ones. With several left, `choose` decides and the answer lists them all. When nothing
 * matches the answer says so with the nearest quotes: it is never 0 and never another commitment's price.
 */
export function lookUpPrice(book: PriceBook, query: PriceQuery): PriceAnswer {
  const day = parseDate(query.on, 'price lookup date');
  const rows = book.byChip.get(query.chip) ?? [];
  const matching = rows.filter(
    ({ quote }) =>
      quote.commitment === query.commitment &&
      (query.provider === undefined || quote.provider === query.provider) &&
      (query.providerClass === undefined || quote.providerClass === query.providerClass) &&
      (query.region === undefined || quote.region === query.region) &&
      (query.currency === undefined || quote.currency === query.currency),
  );
  const inForce = new Map<string, { quote: Quote; day: number }>();
  for (const row of matching) {
    if (row.day <= day) inForce.set(`${row.quote.origin}|${row.quote.provider}|${row.quote.region}`, row);
  }
  if (inForce.size === 0) return unknownPrice(query, rows, matching);
  let candidates = [...inForce.values()];
  if (candidates.some(({ quote }) => quote.origin === 'user')) {
    candidates = candidates.filter(({ quote }) => quote.origin === 'user');
  }
  if (query.avoidFlagged !== false && candidates.some(({ quote }) => quote.flags.length === 0)) {
    candidates = candidates.filter(({ quote }) => quote.flags.length === 0);
  }
  const currencies = new Set(candidates.map(({ quote }) => quote.currency));
  if (currencies.size > 1) {
    throw new FlopsheetError('currency_mixed', `Prices of ${query.chip} are in ${[...currencies].join(' and ')}.`, {
      hint: 'Name the currency in the lookup, or name one provider.',
    });
  }
  candidates.sort((a, b) => a.quote.price - b.quote.price || compare(a.quote.key, b.quote.key));
  const chosen = choose(candidates, query.choose ?? 'median');
  const ageDays = day - chosen.day;
  const stale = ageDays > (query.staleAfterDays ?? 180);
  const warnings: PriceWarning[] = [];
  if (stale) {
    warnings.push({
      code: 'price_stale',
      message: `The price of ${query.chip} from ${chosen.quote.provider} is ${ageDays} days old (${chosen.quote.asOf}).`,
    });
  }
  for (const flag of chosen.quote.flags) warnings.push({ code: 'price_flagged', message: flag });
  const low = candidates[0]!.quote;
  const high = candidates[candidates.length - 1]!.quote;
  if (high.price > 2 * low.price) {
    warnings.push({
      code: 'price_spread',
      message: `Prices reach from ${low.price} (${low.provider}) to ${high.price} (${high.provider}): name a provider${query.providerClass === undefined ? ' class' : ''}.`,
    });
  }
  return {
    ok: true,
    price: chosen.quote.price,
    currency: chosen.quote.currency,
    asOf: chosen.quote.asOf,
    ageDays,
    stale,
    quote: chosen.quote,
    considered: candidates.map(({ quote }) => quote),
    warnings,
  };
}

/** Quotes of a chip that match the given fields, oldest first: what the history chart draws. */
export function priceHistory(book: PriceBook, filter: Partial<Quote> & { chip: string }): Quote[] {
  const fields = Object.entries(filter) as [keyof Quote, unknown][];
  return (book.byChip.get(filter.chip) ?? [])
    .map(({ quote }) => quote)
    .filter((quote) => fields.every(([field, value]) => value === undefined || quote[field] === value));
}

/** The lower middle of an even number: the median answered is always a quote that exists and can be opened. */
function choose(sorted: { quote: Quote; day: number }[], rule: 'median' | 'lowest' | 'highest' | 'latest') {
  if (rule === 'lowest') return sorted[0]!;
  if (rule === 'highest') return sorted[sorted.length - 1]!;
  if (rule === 'latest') return sorted.reduce((best, row) => (row.day > best.day ? row : best));
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

function unknownPrice(
  query: PriceQuery,
  rows: { quote: Quote; day: number }[],
  matching: { quote: Quote; day: number }[],
): PriceAnswer {
  const what = `${query.commitment.replaceAll('_', ' ')} price of ${query.chip}`;
  const filters = [query.provider, query.providerClass, query.region].filter((text) => text !== undefined).join(', ');
  const first = matching[0];
  const message = first
    ? `The first ${what} on file is dated ${first.quote.asOf}, after ${query.on}.`
    : `No ${what} is on file${filters ? ` for ${filters}` : ''}.`;
  const offered = [...new Set(rows.map(({ quote }) => quote.commitment))].sort();
  const hint = first
    ? 'Add a price with an earlier date, or plan from the date of the first one.'
    : offered.length > 0
      ? `On file for this chip: ${offered.join(', ')}. Add a price of your own or choose one of these.`
      : 'Nothing is on file for this chip. Add a price of your own.';
  return {
    ok: false,
    code: 'price_unknown',
    message,
    hint,
    nearest: (first ? matching : rows).slice(-5).map((r) => r.quote),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
