/** What the report hands to its template, and tables as text, for a small plan: reviewed as diffs. */
import { expect, it } from 'vitest';
import { planReportModel } from '../../src/report/plan-report.ts';
import { plainTable, tableText } from '../../src/report/csv.ts';
import { printData } from '../../src/report/print-data.ts';
import { INFO, planOf, sheetOf } from './plans.ts';

const sheet = sheetOf(
  planOf({
    name: 'Small',
    runs: [
      {
        key: 'r1',
        name: 'One run | "quoted", =1+1',
        params_total: '7B',
        tokens: '140B',
        hardware: 'h100-sxm',
        chips: '64',
        mfu: '0.4',
        chip_hour_price: '2 USD/h',
      },
    ],
    costs: [{ key: 'c1', name: 'People', quantity: '3', unit_cost: '10000' }],
  }),
);

it('the data of a report (golden)', async () => {
  const data = printData(planReportModel(sheet, { ...INFO, sections: ['costs', 'open_points', 'approval'] }));
  await expect(
    `${JSON.stringify(data, (key, value: unknown) => (key === 'svg' ? 'vector picture' : value), 1)}\n`,
  ).toMatchFileSnapshot('../golden/report/small-report.txt');
});

it('tables as text (golden)', async () => {
  const columns = ['key', 'name', 'tokens', 'chips', 'train_flop', 'train_days', 'total_cost'];
  const table = plainTable(sheet, 'runs', { columns });
  const text = (['csv', 'tsv', 'markdown', 'json'] as const)
    .map((format) => `--- ${format}\n${tableText(table, format).replaceAll('\r\n', '␍\n')}`)
    .join('');
  await expect(text).toMatchFileSnapshot('../golden/report/small-table.txt');
});
