/** Scenarios beside the base: totals of each, and the paired difference of the total cost. */
import type { TableId } from '../core/document/plan.ts';
import { formatMoney } from '../core/format/number.ts';
import { TABLE_LABELS } from '../core/plan/columns/tables.ts';
import { compareTotals, PROGRAMME_COST, type ComparedTotal } from '../core/sheet/compare.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import { Spreads } from '../core/sheet/spreads.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import { aggregateNodeOf } from '../core/sheet/totals.ts';
import { shown } from './cells.ts';
import { programmeCost, type ProgrammeCost } from './headline.ts';
import type { ReportCell, ReportColumn, ReportTable } from './model.ts';

export interface ScenarioSheet {
  readonly name: string;
  /** Recalculated. */
  readonly sheet: Sheet;
}

/** Scenarios listed on the first page. */
const SHOWN = 5;
const number = (label: string, unit: string): ReportColumn => ({ label, unit, align: 'right', share: 0 });

/** `+1,234.50`; differences always carry a sign. */
export function signedMoney(value: number): string {
  const text = formatMoney(value);
  return value > 0 && text !== '' ? `+${text}` : text;
}

/** One line a scenario, for the first page. */
export function scenarioSummary(
  base: ScenarioSheet,
  baseCost: ProgrammeCost,
  others: readonly ScenarioSheet[],
): ReportTable {
  const { currency } = base.sheet.plan.settings;
  const rows = [base, ...others.slice(0, SHOWN)].map(({ name, sheet }, i): ReportCell[] => {
    const cost = i === 0 ? baseCost : programmeCost(sheet, new Spreads(sheet));
    const total = (id: string): ReportCell => {
      const column = sheet.column('runs', id) as ColumnState;
      const { value } = aggregateNodeOf(sheet, 'runs', column).result;
      return Number.isFinite(value)
        ? { text: shown(column, value / column.unit.scale) }
        : { text: 'unknown', tone: 'error' };
    };
    const money = (value: number | undefined): ReportCell => ({ text: value === undefined ? '–' : formatMoney(value) });
    return [
      { text: name },
      Number.isFinite(cost.value) ? money(cost.value) : { text: 'unknown', tone: 'error' },
      { text: i === 0 ? '' : signedMoney(cost.value - baseCost.value) },
      money(cost.spread?.p10),
      money(cost.spread?.p90),
      total('chip_hours'),
      total('energy_mwh'),
    ];
  });
  return {
    title: 'Scenarios',
    columns: [
      { label: 'Scenario', unit: '', align: 'left', share: 1 },
      number('Total cost, central', currency),
      number('Difference', currency),
      number('P10', currency),
      number('P90', currency),
      number('Chip-hours', 'chip·h'),
      number('Energy', 'MWh'),
    ],
    rows,
    totals: null,
    note: others.length > SHOWN ? `${others.length - SHOWN} more in the scenario comparison.` : '',
  };
}

/** One table a scenario: every total in both, and the difference with its percentiles. */
export function scenarioTables(base: ScenarioSheet, others: readonly ScenarioSheet[]): ReportTable[] {
  return others.map((other): ReportTable => ({
    title: `${base.name} to ${other.name}`,
    columns: [
      { label: 'Total', unit: '', align: 'left', share: 1 },
      { label: 'Unit', unit: '', align: 'left', share: 0 },
      number(base.name, ''),
      number(other.name, ''),
      number('Difference', ''),
      number('P10', ''),
      number('P50', ''),
      number('P90', ''),
    ],
    rows: compareTotals(base.sheet, other.sheet)
      .filter((total) => total.a !== 0 || total.b !== 0)
      .map((total) => comparedRow(base.sheet, total)),
    totals: null,
    note: 'Percentiles are those of the paired difference: both sides draw the same samples.',
  }));
}

function comparedRow(sheet: Sheet, total: ComparedTotal): ReportCell[] {
  const [id = '', table = 'runs'] = total.id.split('.').reverse() as [string, TableId?];
  // The programme cost is shown as other money is.
  const column = sheet.column(table, id === PROGRAMME_COST ? 'total_cost' : id) as ColumnState;
  const cell = (value: number | null, sign = false): ReportCell =>
    value === null ? { text: '–', tone: 'muted' } : { text: `${sign && value > 0 ? '+' : ''}${shown(column, value)}` };
  return [
    { text: table === 'runs' ? total.label : `${TABLE_LABELS[table]}: ${total.label}` },
    { text: total.unit },
    cell(total.a),
    cell(total.b),
    cell(total.delta, true),
    cell(total.deltaP10, true),
    cell(total.deltaP50, true),
    cell(total.deltaP90, true),
  ];
}
