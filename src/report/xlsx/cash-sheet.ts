/** Cash by month with live totals, and where the inputs come from. */
import type { Sheet } from '../../core/sheet/sheet.ts';
import { cashFlow, categoryLabel } from '../cash-flow.ts';
import { explainTrees } from '../derivation.ts';
import { catalogSources, inputTables } from '../inputs.ts';
import type { ReportTable } from '../model.ts';
import { HEADER, look, MUTED, TITLE, UNIT, WRAP } from './looks.ts';
import type { WorkbookCell, Worksheet } from './model.ts';
import { columnName } from './xml.ts';

const MONEY = '#,##0.00';
/** Title, header and units stand above the first month. */
const FIRST = 3;

/** One row a month; categories are kept values, sums of time are formulas. Without rows when nothing is dated. */
export function cashSheet(sheet: Sheet): Worksheet {
  const { table } = cashFlow(sheet);
  const name = 'Cash flow';
  if (table.months.length === 0) return { name, rows: [], widths: [] };
  const { currency } = sheet.plan.settings;
  const kept: readonly { readonly label: string; readonly cents: readonly number[] }[] = [
    ...table.categories.map((row) => ({ label: categoryLabel(row), cents: row.months })),
    { label: 'Cost', cents: table.cost },
    { label: 'Cash', cents: table.cash },
    { label: 'of it committed', cents: table.committedCash },
  ];
  const cash = columnName(kept.findIndex((row) => row.label === 'Cash') + 1);
  const running = columnName(kept.length + 1);
  const last = FIRST + table.months.length - 1;
  const amount = (cents: number): WorkbookCell => ({ value: cents / 100, style: look('held', MONEY) });
  const months = table.months.map((month, i): WorkbookCell[] => [
    { value: month },
    ...kept.map((row) => amount(row.cents[i] ?? 0)),
    {
      value: (table.cumulativeCash[i] ?? 0) / 100,
      formula: i === 0 ? `${cash}${FIRST}` : `${running}${FIRST + i - 1}+${cash}${FIRST + i}`,
      style: look('formula', MONEY),
    },
  ]);
  return {
    name,
    rows: [
      ['Month', ...kept.map((row) => row.label), 'Cash so far'].map((value) => ({ value, style: HEADER })),
      ['', ...kept.map(() => currency), currency].map((value) => ({ value, style: UNIT })),
      ...months,
      [
        { value: 'Total', style: TITLE },
        ...kept.map(({ cents }, i): WorkbookCell => {
          const column = columnName(i + 1);
          return {
            value: cents.reduce((sum, month) => sum + month, 0) / 100,
            formula: `SUM(${column}${FIRST}:${column}${last})`,
            style: look('total', MONEY),
          };
        }),
      ],
      [],
      [
        {
          value:
            'Central values laid out by Flopsheet over the dates of each line; they do not follow changes in this file.',
          style: MUTED,
        },
      ],
    ],
    widths: [12, ...kept.map(() => 18), 18],
    frozen: { rows: 2, columns: 1 },
  };
}

/** Assumptions, typed values, defaults and catalog rows with source and date, as the report lists them. */
export function sourceSheet(sheet: Sheet): Worksheet {
  const trees = explainTrees(sheet).flatMap((found) => found.trees);
  const tables = [...inputTables(sheet, trees), catalogSources(sheet)].filter((table) => table.rows.length > 0);
  return { name: 'Sources', rows: tables.flatMap(stacked), widths: [30, 24, 24, 30, 40, 16, 16, 40] };
}

function stacked(table: ReportTable): WorkbookCell[][] {
  return [
    [{ value: table.title, style: TITLE }],
    table.columns.map(({ label, unit }) => ({ value: unit ? `${label} (${unit})` : label, style: HEADER })),
    ...table.rows.map((row) => row.map((cell): WorkbookCell => ({ value: cell.text, style: WRAP }))),
    [],
  ];
}
