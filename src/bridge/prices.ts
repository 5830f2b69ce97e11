/** The price book as clients see and extend it. */
import { FlopsheetError } from '../core/errors.ts';
import { quotesFromRows, type RowProblem } from '../core/finance/price-rows.ts';
import { CONFIDENTIAL_FIELD } from '../core/plan/confidential.ts';
import { priceConcerns, pricesInUse } from '../core/plan/price-use.ts';
import { priceLines } from '../core/plan/price-view.ts';
import type { Catalog } from '../core/sheet/catalog.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import { headerName, parseTable } from '../import/finance/table.ts';
import { putUserRow, type UserRow } from '../store/catalog.ts';
import type { ReadableDb, WritableDb } from '../store/database.ts';
import { priceRow } from '../store/prices.ts';
import type { Params, PriceBookView } from './contract.ts';

/** The whole book on a day, and what of it a plan stands on. */
export function priceBookView(catalog: Catalog, sheet: Sheet | null, today: string): PriceBookView {
  const uses = sheet ? pricesInUse(sheet) : [];
  return {
    today,
    lines: priceLines(catalog, today),
    uses,
    concerns: priceConcerns(uses, today),
    currency: sheet?.plan.settings.currency ?? 'USD',
  };
}

/** Adds one price of the user's own. Returns its key. */
export function addPrice(db: WritableDb, price: Params<'prices.add'>, now: number): string {
  const row = priceRow(
    db,
    {
      kind: 'price',
      fields: {
        provider: price.provider,
        provider_class: price.providerClass,
        chip: price.chip,
        commitment: price.commitment,
        usd_per_chip_hour: price.usdPerChipHour,
        ...(price.confidential ? { [CONFIDENTIAL_FIELD]: 'yes' } : {}),
      },
      asOf: price.asOf,
      source: price.source?.trim() || 'entered by hand',
      confidence: 'user',
    },
    (field) => field.replace(/^--/, ''),
  );
  return putUserRow(db, row, now).key;
}

/**
 * The prices of a table (headers as in `quotesFromRows`), ready to be stored. Rows that cannot be priced come back as
 * problems, in the order of the table.
 */
export function readPrices(db: ReadableDb, name: string, text: string): { ready: UserRow[]; problems: RowProblem[] } {
  const { header, rows } = parseTable(text);
  const headers = new Map(header.map((own) => [own, headerName(own)]));
  const named = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([column, cell]) => [headers.get(column) ?? column, cell])),
  );
  const { quotes, problems } = quotesFromRows(named, 'user');
  // Rows that are problems are missing from the quotes: their numbers are found by walking both lists.
  const wrong = new Set(problems.map((problem) => problem.row));
  const numbers = named.map((_, i) => i + 1).filter((number) => !wrong.has(number));
  const found: RowProblem[] = problems.map(({ row, message, hint }) => ({ row, message, hint }));
  const ready: UserRow[] = [];
  quotes.forEach((quote, i) => {
    const row = numbers[i] as number;
    if (quote.currency !== 'USD') {
      found.push({
        row,
        message: `The price is in ${quote.currency}; the book holds USD per chip-hour.`,
        hint: 'Convert it at the rate of its date and say so in its source.',
      });
      return;
    }
    try {
      ready.push(
        priceRow(
          db,
          {
            kind: 'price',
            fields: {
              provider: quote.provider,
              provider_class: quote.providerClass === 'unclassed' ? 'neocloud' : quote.providerClass,
              chip: quote.chip,
              commitment: quote.commitment,
              usd_per_chip_hour: quote.price,
              ...(quote.region ? { region_note: quote.region } : {}),
            },
            asOf: quote.asOf,
            source: quote.source || name,
            confidence: 'user',
          },
          (field) => `${name}, row ${row}: ${field.replace(/^--/, '')}`,
        ),
      );
    } catch (error) {
      if (!(error instanceof FlopsheetError)) throw error;
      found.push({ row, message: error.message, hint: error.hint });
    }
  });
  return { ready, problems: found.sort((a, b) => a.row - b.row) };
}

/** Adds the prices of a table, all that can be used or none. Throws `price_table` when no row can be. */
export function importPrices(
  db: WritableDb,
  name: string,
  text: string,
  now: number,
): { added: number; problems: RowProblem[] } {
  const { ready, problems } = readPrices(db, name, text);
  const [first] = problems;
  if (ready.length === 0)
    throw new FlopsheetError('price_table', `No row of ${name} is a price: ${first?.message ?? 'it is empty'}`, {
      hint: first?.hint ?? 'The first line names the columns: chip, provider, class, commitment, price, date, source.',
      where: name,
    });
  db.transaction(() => ready.forEach((row) => putUserRow(db, row, now))).immediate();
  return { added: ready.length, problems };
}
