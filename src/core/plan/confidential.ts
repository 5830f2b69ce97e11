/** What of a plan must not leave it: prices that are marked confidential, and what they can be read off. */
import type { Sheet } from '../sheet/sheet.ts';
import { cellAddress } from '../sheet/state.ts';
import { pricesInUse } from './price-use.ts';

/** Field of a price row; the word that marks an assumption in its source or note. */
export const CONFIDENTIAL_FIELD = 'confidential';
const WORD = /\bconfidential\b/i;
/** Columns of a run that are its price, or its price times what is printed beside it. */
const TOLD_BY_PRICE = ['chip_hour_price', 'effective_price', 'compute_cost', 'contingency_cost', 'cost_per_1e21_flop'];

/** Assumptions whose source or note says that they are confidential. */
export function confidentialAssumptions(sheet: Sheet): string[] {
  return sheet.plan.tables.assumptions
    .filter((row) => WORD.test(`${row.cells['source'] ?? ''} ${row.cells['note'] ?? ''}`))
    .map((row) => row.key);
}

/** Runs priced by a confidential quote or assumption. */
export function confidentialRuns(sheet: Sheet): string[] {
  const prices = sheet.options.catalog.get('price')?.rows;
  const quoted = pricesInUse(sheet)
    .filter(({ quote }) => prices?.get(quote.key)?.fields[CONFIDENTIAL_FIELD] === 'yes')
    .map(({ run }) => run);
  const named = confidentialAssumptions(sheet).map((key) => new RegExp(`\\b${key}\\b`));
  const typed = sheet.plan.tables.runs
    .filter((row) => named.some((name) => name.test(row.cells['chip_hour_price'] ?? '')))
    .map((row) => row.key);
  return [...new Set([...quoted, ...typed])];
}

/** Addresses of the cells to hide; totals, and the total cost of each run, are kept. */
export function confidentialCells(sheet: Sheet): Set<string> {
  return new Set([
    ...confidentialRuns(sheet).flatMap((run) => TOLD_BY_PRICE.map((id) => cellAddress('runs', run, id))),
    ...confidentialAssumptions(sheet).map((key) => cellAddress('assumptions', key, 'value')),
  ]);
}
