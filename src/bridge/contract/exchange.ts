/** Tables that come in from files. */
import * as v from 'valibot';
import type { RowProblem } from '../../core/finance/price-rows.ts';
import type { ImportProblem } from '../../core/exchange/import-rows.ts';
import type { TableMapping } from '../../core/exchange/mapping.ts';
import { id, tableId, text, wholeNumber } from './arguments.ts';

const mapping = v.strictObject({
  header: wholeNumber,
  first: wholeNumber,
  columns: v.pipe(v.array(v.strictObject({ to: text(200), unit: text(100) })), v.maxLength(500)),
  decimalComma: v.boolean(),
});
/** Rows as the file holds them, cut to what is needed; the limits are those of the reader. */
const rows = v.pipe(v.array(v.pipe(v.array(text(32_767)), v.maxLength(500))), v.maxLength(20_001));
const file = { name: text(300), rows, mapping: v.optional(mapping) };

export const exchangeMethods = {
  'import.preview': v.strictObject({ plan: id, scenario: id, table: tableId, ...file }),
  'import.apply': v.strictObject({ plan: id, scenario: id, table: tableId, ...file }),
  'import.pricesPreview': v.strictObject(file),
  'import.prices': v.strictObject(file),
  /** Takes back prices of the user's own. */
  'import.takeBackPrices': v.strictObject({ keys: v.pipe(v.array(id), v.maxLength(20_000)) }),
} as const;

export interface ImportTarget {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** Numbers may stand in another unit in the file. */
  readonly number: boolean;
}

export interface ImportPreview {
  /** Every column that can be filled. */
  readonly targets: readonly ImportTarget[];
  readonly mapping: TableMapping;
  /** Ids of the columns shown in `rows`. */
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly key: string;
    readonly state: 'added' | 'changed';
    readonly cells: readonly { readonly display: string; readonly problem: string }[];
  }[];
  readonly added: number;
  readonly changed: number;
  readonly problems: readonly ImportProblem[];
  readonly problemCount: number;
}

export interface ExchangeResults {
  'import.preview': ImportPreview;
  'import.apply': {
    readonly added: number;
    readonly changed: number;
    readonly problems: number;
    readonly revision: number;
  };
  'import.pricesPreview': ImportPreview;
  'import.prices': { readonly keys: readonly string[]; readonly problems: readonly RowProblem[] };
  'import.takeBackPrices': { readonly removed: number };
}
