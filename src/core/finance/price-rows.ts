import { parseDate } from './calendar.ts';
import type { Quote } from './price-book.ts';

/** A row as a CSV reader gives it: header -> text. */
export type PriceRow = Record<string, string | undefined>;

/** A row of a table that cannot be used: its 1-based number (the header not counted), what is wrong, how to mend it. */
export interface RowProblem {
  row: number;
  message: string;
  hint: string;
}

/** Names other tables use for a commitment, all lower case. */
const COMMITMENTS: Record<string, string> = {
  ondemand: 'on_demand',
  'on-demand': 'on_demand',
  'on demand': 'on_demand',
  preemptible: 'spot',
  cud_1yr: 'reserved_1y',
  cud_3yr: 'reserved_3y',
  '1y': 'reserved_1y',
  '3y': 'reserved_3y',
  'capacity block': 'capacity_block',
};

/**
 * Quotes from CSV rows of a price table (headers provider, provider_class or class, region_note or region, chip,
 * commitment or basis, usd_per_chip_hour or price with currency, as_of_date or date, source_title, source_url,
 * confidence, notes). Rows that cannot be priced come back as problems with their 1-based number, and are not guessed.
 */
export function quotesFromRows(
  rows: readonly PriceRow[],
  origin: 'shipped' | 'user',
): { quotes: Quote[]; problems: RowProblem[] } {
  const quotes: Quote[] = [];
  const problems: RowProblem[] = [];
  const taken = new Map<string, number>();
  rows.forEach((row, index) => {
    const fail = (message: string, hint: string) => problems.push({ row: index + 1, message, hint });
    const text = (...names: string[]) => names.map((name) => row[name]?.trim()).find((value) => value) ?? '';
    const chip = text('chip', 'hardware');
    if (!chip) return fail('The row names no chip.', 'Fill the column "chip".');
    const priceText = text('usd_per_chip_hour', 'price_per_chip_hour', 'price');
    if (!priceText) return fail(`No price is given for ${chip}.`, 'Leave the row out or fill usd_per_chip_hour.');
    const price = Number(priceText);
    if (!(price > 0) || !Number.isFinite(price)) {
      return fail(`"${priceText}" is not a positive price for ${chip}.`, 'Give a number above 0; unknown is left out.');
    }
    const asOf = text('as_of_date', 'as_of', 'date');
    try {
      parseDate(asOf);
    } catch {
      return fail(`The price of ${chip} has no usable date ("${asOf}").`, 'Date it as 2027-03-10.');
    }
    const given = text('commitment', 'basis').toLowerCase() || 'on_demand';
    const quote: Quote = {
      key: '',
      chip,
      provider: text('provider') || 'unnamed provider',
      region: text('region', 'region_note'),
      providerClass: text('provider_class', 'class') || 'unclassed',
      commitment: COMMITMENTS[given] ?? given,
      price,
      currency: row['usd_per_chip_hour'] ? 'USD' : text('currency') || 'USD',
      asOf,
      origin,
      source: [text('source_title', 'source'), text('source_url')].filter((part) => part).join(' '),
      flags: flagsOf(text('confidence'), text('quality_flag', 'flag')),
    };
    const stem = [quote.provider, quote.region, text('instance'), chip, quote.commitment, asOf]
      .filter((part) => part)
      .join('/')
      .toLowerCase()
      .replaceAll(/[^a-z0-9/.]+/g, '-');
    const count = (taken.get(stem) ?? 0) + 1;
    taken.set(stem, count);
    quote.key = count === 1 ? stem : `${stem}~${count}`;
    quotes.push(quote);
    return undefined;
  });
  return { quotes, problems };
}

function flagsOf(confidence: string, flag: string): string[] {
  const flags = flag ? [flag] : [];
  if (confidence && !/^(verified|high|user)/.test(confidence)) flags.push(`confidence: ${confidence}`);
  return flags;
}
