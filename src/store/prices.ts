import { parseDate } from '../core/finance/calendar.ts';
import { FlopsheetError } from '../core/errors.ts';
import { PRICE_CLASSES } from '../core/plan/functions/price.ts';
import { resolveName } from './aliases.ts';
import type { UserRow } from './catalog.ts';
import { ROW_COLUMNS, rowFrom } from './catalog-rows.ts';
import type { CatalogRow } from './catalog-rows.ts';
import { read } from './database.ts';
import type { ReadableDb } from './database.ts';
import { slug } from './names.ts';

/** Which quotes are wanted. */
export interface QuoteQuery {
  /** Hardware key. */
  readonly chip: string;
  /** `hyperscaler`, `neocloud`, `marketplace`. */
  readonly providerClass: string;
  /** `on_demand`, `spot`, `reserved_1y`, `reserved_3y`, `contract`, `capacity_block`. */
  readonly commitment: string;
  /** ISO date: the newest quotes up to and including this day. */
  readonly on: string;
  readonly limit?: number;
}

/** The lookup; kept here for the test that asserts it goes through the index. Parameters: chip, class, commitment, date, limit. */
export const QUOTE_SQL = `SELECT ${ROW_COLUMNS} FROM catalog_row r
  WHERE r.kind IN ('price', 'price_history') AND r.quote_chip = ? AND r.quote_class = ? AND r.quote_commitment = ? AND r.as_of <= ?
    AND EXISTS (SELECT 1 FROM catalog_head h WHERE h.kind = r.kind AND h.key = r.key AND h.row_id = r.id)
  ORDER BY r.as_of DESC LIMIT ?`;

/** Current quotes of a chip, newest first. A quote dated by month counts from the month's first day. */
export function quotes(db: ReadableDb, query: QuoteQuery): CatalogRow[] {
  return read(db, 'look up prices', () =>
    (
      db
        .prepare(QUOTE_SQL)
        .raw()
        .all(query.chip, query.providerClass, query.commitment, query.on, query.limit ?? 100) as unknown[][]
    ).map(rowFrom),
  );
}

/** Ways of paying a price list may name. */
export const COMMITMENTS = [
  'on_demand',
  'spot',
  'reserved_1y',
  'reserved_3y',
  'contract',
  'capacity_block',
  'internal',
];

/** A price as a user gives it: `provider`, `chip`, `usd_per_chip_hour`, and if wanted `commitment`, `provider_class` … */
export type PriceDraft = Omit<UserRow, 'fields' | 'key' | 'name'> & {
  readonly key?: string;
  readonly name?: string;
  readonly fields: Readonly<Record<string, string | number>>;
};

/**
 * A price ready to be stored, with a key of its own so that it stands beside the shipped prices and replaces none.
 * `at` names the place of a field in an error. Throws `ARG` for a price that is not positive, a missing provider or date
 * and words that mean nothing; `date_text` for a date that does not exist; `catalog_unknown` for the chip.
 */
export function priceRow(db: ReadableDb, draft: PriceDraft, at: (field: string) => string): UserRow {
  const { fields, asOf = '' } = draft;
  const price = Number(fields['usd_per_chip_hour']);
  const provider = String(fields['provider'] ?? '').trim();
  const commitment = String(fields['commitment'] ?? 'on_demand');
  const providerClass = String(fields['provider_class'] ?? 'neocloud');
  if (!(price > 0 && price < 1e6))
    throw new FlopsheetError('ARG', 'a price is a positive number of USD per chip-hour', {
      where: at('USD'),
      hint: 'as in 2.10; what is not known is left out, never 0',
    });
  if (provider === '') throw new FlopsheetError('ARG', 'a price needs its provider', { where: at('--provider') });
  if (asOf === '')
    throw new FlopsheetError('ARG', 'a price needs its date', { where: at('--date'), hint: 'as in 2026-11-01' });
  parseDate(asOf, at('--date'));
  if (!COMMITMENTS.includes(commitment)) throw notOneOf(commitment, COMMITMENTS, at('--commitment'));
  if (!PRICE_CLASSES.includes(providerClass)) throw notOneOf(providerClass, PRICE_CLASSES, at('--class'));
  const { key: chip } = resolveName(db, 'hardware', String(fields['chip'] ?? ''));
  return {
    ...draft,
    key: draft.key ?? slug(['yours', provider, chip, commitment, asOf].join(' ')),
    name: draft.name || `${provider} ${chip} ${commitment}`,
    fields: {
      ...fields,
      provider,
      provider_class: providerClass,
      chip,
      chip_key: chip,
      commitment,
      usd_per_chip_hour: price,
    },
  };
}

function notOneOf(text: string, allowed: readonly string[], where: string): FlopsheetError {
  return new FlopsheetError('ARG', `"${text}" is not one of ${allowed.join(', ')}`, { where });
}
