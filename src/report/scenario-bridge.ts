/** Why a scenario costs what it costs: what it changes, and the change of cost by driver. */
import type { ChartView } from '../core/charts/chart.ts';
import { PRINT_PALETTE } from '../core/charts/palette.ts';
import { waterfallChart } from '../core/charts/waterfall.ts';
import type { Plan } from '../core/document/plan.ts';
import { bridgeBetween, changedCells, programmeCost } from '../core/sheet/compare.ts';
import { Sheet } from '../core/sheet/sheet.ts';
import type { ReportTable } from './model.ts';
import type { ScenarioSheet } from './scenarios.ts';

/** Every order of this many groups of drivers is tried: 64 evaluations of the plan. */
const MOST_GROUPS = 6;
const CELLS = 60;

/** Bridges of scenarios that change few enough drivers and whose costs are known. */
export function bridgeCharts(base: ScenarioSheet, others: readonly ScenarioSheet[]): ChartView[] {
  const { currency } = base.sheet.plan.settings;
  return others.flatMap((other): ChartView[] => {
    const from = programmeCost(base.sheet);
    const to = programmeCost(other.sheet);
    if (!Number.isFinite(from) || !Number.isFinite(to) || groupCount(base.sheet.plan, other.sheet.plan) > MOST_GROUPS)
      return [];
    const steps = bridgeBetween(base.sheet.plan, other.sheet.plan, (plan) => evaluated(plan, base.sheet)).map(
      (bar) => ({ label: labelOf(base.sheet, bar.label), amount: bar.amount }),
    );
    if (steps.length === 0) return [];
    return [
      waterfallChart(
        { label: base.name, value: from },
        steps,
        { label: other.name, value: to },
        currency,
        PRINT_PALETTE,
      ),
    ];
  });
}

/** What each scenario changes, cell by cell. */
export function changeTables(base: ScenarioSheet, others: readonly ScenarioSheet[]): ReportTable[] {
  return others.flatMap((other): ReportTable[] => {
    const cells = changedCells(base.sheet.plan, other.sheet.plan);
    if (cells.length === 0) return [];
    return [
      {
        title: `What ${other.name} changes`,
        columns: [
          { label: 'Cell', unit: '', align: 'left', share: 0 },
          { label: base.name, unit: '', align: 'left', share: 1 },
          { label: other.name, unit: '', align: 'left', share: 1 },
        ],
        rows: cells
          .slice(0, CELLS)
          .map((cell) => [
            { text: cell.cell, mono: true },
            { text: cell.a || 'as the column says' },
            { text: cell.b || 'as the column says' },
          ]),
        totals: null,
        note: cells.length > CELLS ? `${cells.length - CELLS} more cells differ.` : '',
      },
    ];
  });
}

function groupCount(a: Plan, b: Plan): number {
  return new Set(changedCells(a, b).map(({ cell }) => cell.split('.').at(-1))).size;
}

function evaluated(plan: Plan, like: Sheet): Sheet {
  const sheet = new Sheet(plan, like.options);
  sheet.percentile = like.percentile;
  sheet.recalculate();
  return sheet;
}

/** Bridges group by column id; people read labels. */
function labelOf(sheet: Sheet, id: string): string {
  return sheet.column('runs', id)?.def.label ?? sheet.column('costs', id)?.def.label ?? id;
}
