/** Why a scenario costs what it costs: what it changes, and the change of cost by driver. */
import type { ChartView } from '../core/charts/chart.ts';
import { PRINT_PALETTE } from '../core/charts/palette.ts';
import { waterfallChart } from '../core/charts/waterfall.ts';
import { TABLE_IDS, type Plan, type TableId } from '../core/document/plan.ts';
import { TABLE_LABELS } from '../core/plan/columns/tables.ts';
import { bridgeBetween, changedCells, programmeCost } from '../core/sheet/compare.ts';
import { HIDDEN } from '../core/sheet/render.ts';
import { Sheet } from '../core/sheet/sheet.ts';
import { aggregateNodeOf } from '../core/sheet/totals.ts';
import type { ReportTable } from './model.ts';
import type { ScenarioSheet } from './scenarios.ts';

/** Every order of this many groups of drivers is tried: 64 evaluations of the plan. */
const MOST_GROUPS = 6;
const CELLS = 60;

/** What the programme cost is made of: the leaves of every total, so that their changes add up to its change. */
const PARTS: readonly (readonly [table: TableId, id: string, label: string])[] = [
  ['runs', 'compute_cost', 'Compute'],
  ['runs', 'energy_cost', 'Energy'],
  ['runs', 'storage_cost', 'Storage'],
  ['runs', 'other_cost', 'Other'],
  ['runs', 'contingency_cost', 'Contingency'],
  ['costs', 'amount', 'Other cost lines'],
  ['costs', 'contingency_cost', 'Their contingency'],
  ['capacity', 'idle_cost', 'Capacity no run uses'],
];

/** Bridges of scenarios whose costs are known: by driver, or by cost category where drivers cannot be told apart. */
export function bridgeCharts(base: ScenarioSheet, others: readonly ScenarioSheet[]): ChartView[] {
  const { currency } = base.sheet.plan.settings;
  return others.flatMap((other): ChartView[] => {
    const from = programmeCost(base.sheet);
    const to = programmeCost(other.sheet);
    if (!Number.isFinite(from) || !Number.isFinite(to)) return [];
    const few = groupCount(base.sheet.plan, other.sheet.plan) <= MOST_GROUPS;
    const drivers = few ? driverSteps(base, other) : [];
    const steps = drivers.length > 0 ? drivers : categorySteps(base.sheet, other.sheet);
    if (steps.every((step) => step.amount === 0)) return [];
    const chart = waterfallChart(
      { label: base.name, value: from },
      steps,
      { label: other.name, value: to },
      currency,
      PRINT_PALETTE,
    );
    return [drivers.length > 0 ? chart : { ...chart, title: `${chart.title}; by cost category` }];
  });
}

type Step = Parameters<typeof waterfallChart>[1][number];

function driverSteps(base: ScenarioSheet, other: ScenarioSheet): Step[] {
  return bridgeBetween(base.sheet.plan, other.sheet.plan, (plan) => evaluated(plan, base.sheet)).map((bar) => ({
    label: labelOf(base.sheet, bar.label),
    amount: bar.amount,
  }));
}

function categorySteps(a: Sheet, b: Sheet): Step[] {
  return PARTS.map(([table, id, label]) => {
    const total = (sheet: Sheet): number => {
      const column = sheet.column(table, id);
      return column ? aggregateNodeOf(sheet, table, column).result.value : 0;
    };
    return { label, amount: Math.round((total(b) - total(a)) * 100) / 100 };
  });
}

/** What each scenario changes, cell by cell. */
export function changeTables(base: ScenarioSheet, others: readonly ScenarioSheet[]): ReportTable[] {
  return others.flatMap((other): ReportTable[] => {
    const cells = changedCells(base.sheet.plan, other.sheet.plan);
    const hidden = new Set([...base.sheet.hidden, ...other.sheet.hidden]);
    const textOf = (text: string, cell: string): string => (hidden.has(cell) ? HIDDEN : text || 'as the column says');
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
            { text: textOf(cell.a, cell.cell) },
            { text: textOf(cell.b, cell.cell) },
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

/** Bridges group by column id, and rows that come or go by table; people read labels. */
function labelOf(sheet: Sheet, id: string): string {
  const table = TABLE_IDS.find((own) => id === `rows of ${own}`);
  if (table) return `${TABLE_LABELS[table]}: rows`;
  return sheet.column('runs', id)?.def.label ?? sheet.column('costs', id)?.def.label ?? id;
}
