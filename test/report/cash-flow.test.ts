import { expect, it } from 'vitest';
import { programmeLines } from '../../src/core/plan/programme/lines.ts';
import { planReportModel } from '../../src/report/plan-report.ts';
import { INFO, planOf, sheetOf, template } from './plans.ts';

const number = (text: string | undefined): number => Number((text ?? '').replaceAll(',', '').replace('−', '-'));
const cash = (sheet: ReturnType<typeof sheetOf>) =>
  planReportModel(sheet, { ...INFO, sections: ['cash'] }).sections[0]?.tables ?? [];

it('months, quarters and their totals are the dated lines of the plan, to the cent', () => {
  const sheet = sheetOf(template('21-yearly-programme'));
  const lines = programmeLines(sheet).lines.filter((line) => line.view !== 'cost');
  const cents = lines.reduce((sum, line) => sum + line.months.cents.reduce((a, b) => a + b, 0), 0);
  const [months, quarters] = ['Cash by month', 'Cash by quarter'].map((title) =>
    cash(sheet).find((table) => table.title === title),
  );
  expect(number(quarters?.totals?.[2]?.text)).toBeCloseTo(cents / 100, 6);
  expect(quarters?.rows.reduce((sum, row) => sum + number(row[2]?.text), 0)).toBeCloseTo(cents / 100, 2);
  const at = months?.columns.findIndex((column) => column.label === 'Cash') ?? -1;
  expect(number(months?.totals?.[at]?.text)).toBe(Math.round(cents / 100));
  // Each month is rounded by itself: half a unit a month at most.
  const sum = months?.rows.reduce((total, row) => total + number(row[at]?.text), 0) ?? 0;
  expect(Math.abs(sum - cents / 100)).toBeLessThanOrEqual(0.5 * (months?.rows.length ?? 0));
  expect(number(months?.rows.at(-1)?.at(-1)?.text)).toBe(Math.round(cents / 100));
});

it('undated and unknown amounts are said, never spread or taken for 0', () => {
  const sheet = sheetOf(
    planOf({
      costs: [
        { key: 'a', name: 'Dated', unit_cost: '100 USD', start_date: '2027-01-01', end_date: '2027-01-31' },
        { key: 'b', name: 'Unknown', unit_cost: '=1 USD * nothing', start_date: '2027-01-01' },
      ],
      runs: [
        {
          key: 'r',
          name: 'No date',
          params_total: '7B',
          tokens: '1T',
          hardware: 'h100-sxm',
          chips: '8',
          chip_hour_price: '2 USD/h',
        },
      ],
    }),
  );
  const note = cash(sheet).find((table) => table.title === 'Cash by month')?.note;
  expect(note).toMatch(/In no month, because undated: [\d,.]+ USD/);
  expect(note).toMatch(/unknown and left out: costs\.b/);
});
