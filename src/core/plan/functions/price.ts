/** Functions over the price book: the rental price in force for a chip, and the date of the quote used. */
import {
  createPriceBook,
  lookUpPrice,
  type PriceAnswer,
  type PriceBook,
  type Quote,
} from '../../finance/price-book.ts';
import { isoDate, parseDate } from '../../formula/dates.ts';
import type { FunctionDef, LibraryContext } from '../../formula/function.ts';
import type { CatalogRow } from '../../sheet/catalog.ts';

/** Commitment in the price list for each way of paying that has a price there; `reserved` is a year. */
export const COMMITMENT: Readonly<Record<string, string>> = {
  on_demand: 'on_demand',
  spot: 'spot',
  reserved: 'reserved_1y',
  reserved_3y: 'reserved_3y',
  capacity_block: 'capacity_block',
  internal: 'internal',
};

export const PAYMENTS = ['on_demand', 'spot', 'reserved', 'reserved_3y', 'capacity_block', 'owned', 'internal'];
export const PRICE_CLASSES = ['hyperscaler', 'neocloud', 'marketplace'];

/** The whole book: lookups without a date take the latest quote. */
export const LATEST = '9999-12-31';

const books = new WeakMap<ReadonlyMap<string, CatalogRow>, PriceBook>();

/** A row of the price catalog as a quote; null when it has no chip, price or date: nothing is guessed. */
export function quoteOf(row: CatalogRow): Quote | null {
  const { chip_key: chip, usd_per_chip_hour: price, provider, provider_class: providerClass, commitment } = row.fields;
  if (typeof chip !== 'string' || typeof price !== 'number' || !(price > 0) || parseDate(row.asOf) === null)
    return null;
  return {
    key: row.key,
    chip,
    provider: String(provider ?? ''),
    region: String(row.fields['region_note'] ?? ''),
    providerClass: String(providerClass ?? ''),
    commitment: String(commitment ?? ''),
    price,
    currency: 'USD',
    asOf: isoDate(parseDate(row.asOf) as number),
    origin: row.fields['origin'] === 'user' ? 'user' : 'shipped',
    source: row.source,
    flags: ['verified', 'user', ''].includes(row.confidence) ? [] : [row.confidence],
  };
}

/** The price book of catalog rows; the same rows give the same book. */
export function priceBookOf(rows: ReadonlyMap<string, CatalogRow>): PriceBook {
  let book = books.get(rows);
  if (!book) {
    book = createPriceBook([...rows.values()].flatMap((row) => quoteOf(row) ?? []));
    books.set(rows, book);
  }
  return book;
}

function answer(args: readonly number[], context: LibraryContext): PriceAnswer | null {
  const [hardware, payment, priceClass] = args.map((id) => context.text(id)) as [string, string, string];
  const commitment = COMMITMENT[payment];
  if (!commitment) {
    context.because(`a chip that is ${payment} has no rental price`);
    context.because('type the price per chip-hour, as in 1.90 USD/h');
    return null;
  }
  const day = args[3];
  const query = {
    chip: hardware,
    commitment,
    on: day === undefined ? LATEST : isoDate(day),
    // An internal rate is the house's own: no class of provider has it.
    ...(payment === 'internal' ? {} : { providerClass: priceClass }),
    staleAfterDays: 1e9,
  };
  let found = lookUpPrice(priceBookOf(context.rows('price')), query);
  // Before the first price on file, the last one of the recorded history stands.
  if (!found.ok && day !== undefined) {
    const past = lookUpPrice(priceBookOf(context.rows('price_history')), { ...query, choose: 'latest' });
    if (past.ok) found = past;
  }
  if (found.ok) return found;
  context.because(found.message);
  context.because(found.hint);
  return null;
}

const PARAMS = [
  { name: 'hardware', type: 'reference:hardware' },
  { name: 'payment', type: `choice:${PAYMENTS.join('|')}` },
  { name: 'price_class', type: `choice:${PRICE_CLASSES.join('|')}` },
  { name: 'date', type: 'date', optional: true, doc: 'the price in force then; the latest when left out' },
] as const;

export const PRICE_FUNCTIONS: readonly FunctionDef[] = [
  {
    name: 'rental_price',
    group: 'price',
    params: PARAMS,
    result: 'USD/chip/h',
    doc: 'Rental price in force per chip-hour for a chip, way of paying and class of provider: the median over providers. Unknown when nobody quotes it, never 0.',
    example: 'rental_price("h100-sxm", "on_demand", "neocloud")',
    source: 'price book (catalog)',
    memo: true,
    compute: (args, context) => {
      const found = answer(args, context);
      return found?.ok ? found.price / 3600 : Number.NaN;
    },
    breakdown: (args, context) => {
      const found = answer(args, context);
      if (!found?.ok) return [];
      return found.considered.map((quote) => ({
        label: `${quote.provider}, ${quote.asOf}`,
        value: quote.price,
        unit: 'USD/(chip·h)',
        source: quote.source,
      }));
    },
  },
  {
    name: 'rental_price_date',
    group: 'price',
    params: PARAMS,
    result: 'date',
    doc: 'Date of the quote that rental_price uses.',
    example: 'rental_price_date("h100-sxm", "on_demand", "neocloud")',
    source: 'price book (catalog)',
    memo: true,
    compute: (args, context) => {
      const found = answer(args, context);
      return found?.ok ? (parseDate(found.asOf) ?? Number.NaN) : Number.NaN;
    },
  },
  {
    name: 'industrial_electricity_price',
    group: 'price',
    params: [{ name: 'region', type: 'reference:cloud_region' }],
    result: 'USD/kWh',
    doc: 'Industrial electricity price of the country a region stands in: the latest year on file. What a contract says goes before it: type it.',
    example: 'industrial_electricity_price("gcp-us-central1")',
    source: 'catalog: electricity prices',
    memo: true,
    compute: ([region], context) => {
      const found = electricityOf(context.text(region as number), context);
      return found ? (found.fields['usd_per_kwh'] as number) / 3.6e6 : Number.NaN;
    },
    breakdown: ([region], context) => {
      const found = electricityOf(context.text(region as number), context);
      return found
        ? [
            {
              label: `${found.name}, ${found.asOf}`,
              value: found.fields['usd_per_kwh'] as number,
              unit: 'USD/kWh',
              source: found.source,
            },
          ]
        : [];
    },
  },
];

/** The newest national row for the country of a region; null after saying why. */
function electricityOf(region: string, context: LibraryContext): CatalogRow | null {
  const country = context.rows('cloud_region').get(region)?.fields['country_iso3'];
  let best: CatalogRow | null = null;
  for (const row of context.rows('electricity').values())
    if (
      row.fields['level'] === 'country' &&
      row.fields['iso3'] === country &&
      typeof row.fields['usd_per_kwh'] === 'number' &&
      (best === null || row.asOf > best.asOf)
    )
      best = row;
  if (!best) {
    context.because(`no industrial electricity price is on file for ${region}`);
    context.because('type the price, as in 0.08 USD/kWh');
  }
  return best;
}
