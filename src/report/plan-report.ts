/** The report of an evaluated plan. Nothing is computed here: values, totals and percentiles are the sheet's. */
import { costSplitChart } from '../core/charts/cost-split.ts';
import type { ChartView } from '../core/charts/chart.ts';
import { distributionChart } from '../core/charts/distribution.ts';
import { PRINT_PALETTE } from '../core/charts/palette.ts';
import { REPORT_SECTIONS, type SectionId } from '../core/plan/report-sections.ts';
import { distributionOf } from '../core/sheet/distribution.ts';
import { HIDDEN } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import { Spreads } from '../core/sheet/spreads.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import { totalNode } from '../core/sheet/totals.ts';
import type { DistributionView } from '../core/sheet/view.ts';
import { answer } from './answer.ts';
import { approvalTable, type RecordedApproval } from './approvals.ts';
import { capacityTables, cashCharts, cashFlow, cashTables } from './cash-flow.ts';
import { includedRows, rowName } from './cells.ts';
import { decisionNeeded, mainRisks } from './decision.ts';
import { derivationTables, explainTrees, totalTable } from './derivation.ts';
import { keyFigures, programmeCost } from './headline.ts';
import { catalogSources, inputTables } from './inputs.ts';
import { largestRuns } from './largest.ts';
import { columnFormulas, conventions } from './method.ts';
import type { ReportModel, ReportSection, ReportTable } from './model.ts';
import { openPoints } from './open-points.ts';
import { renderPdf, renderPreview, type Paper, type ReportPreview } from './pdf.ts';
import { planTables } from './plan-tables.ts';
import { setupTable } from './setup.ts';
import { bridgeCharts, changeTables } from './scenario-bridge.ts';
import { scenarioSummary, scenarioTables, type ScenarioSheet } from './scenarios.ts';
import { driverChart, driverTable, percentileTable } from './uncertainty.ts';

export interface ReportInfo {
  readonly version: string;
  /** Day of the report, ISO. */
  readonly date: string;
  readonly catalogAsOf: string;
  readonly revision: number;
  /** Content hash of the plan (store/plan-hash). */
  readonly hash: string;
  readonly paper?: Paper;
  /** Name of the scenario the sheet shows; "Base" unless given. */
  readonly scenario?: string;
  /** Other scenarios to compare with, recalculated. */
  readonly scenarios?: readonly ScenarioSheet[];
  /** Approvals recorded in the store, newest first. */
  readonly approvals?: readonly RecordedApproval[];
  /** Cells that are confidential are left out of this copy. */
  readonly redacted?: boolean;
  /** Sections to print; all that have content unless given. */
  readonly sections?: readonly SectionId[];
}

const CATEGORIES = [
  ['compute_cost', 'Compute'],
  ['energy_cost', 'Energy'],
  ['storage_cost', 'Storage'],
  ['other_cost', 'Other'],
  ['contingency_cost', 'Contingency'],
] as const;

/** The report as data. `sheet` is recalculated; a plan with errors gives a report that says which cells. */
export function planReportModel(sheet: Sheet, info: ReportInfo): ReportModel {
  const { settings } = sheet.plan;
  const spreads = new Spreads(sheet);
  const cost = programmeCost(sheet, spreads);
  const figures = keyFigures(sheet, spreads, cost);
  const points = openPoints(sheet, info.date);
  const total = sheet.column('runs', 'total_cost') as ColumnState;
  const distribution = cost.spread
    ? distributionOf(sheet, { node: totalNode(sheet, 'runs', total) }, total.unit.scale, total.unit.text)
    : null;
  const base: ScenarioSheet = { name: info.scenario ?? 'Base', sheet };
  const others = info.scenarios ?? [];
  const trees = explainTrees(sheet);
  const flow = cashFlow(sheet);
  const all: ReportSection[] = [
    {
      ...section(
        'scenarios',
        [],
        others.length > 0 ? [...scenarioTables(base, others), ...changeTables(base, others)] : [],
      ),
      charts: wants(info, 'scenarios') ? bridgeCharts(base, others) : [],
    },
    section(
      'runs',
      [],
      [
        ...setupTable(sheet),
        ...planTables(sheet, 'runs'),
        ...named('Phases', planTables(sheet, 'phases')),
        ...named('Data mixture', planTables(sheet, 'mixture')),
      ],
    ),
    {
      ...section(
        'uncertainty',
        [],
        [percentileTable(sheet, spreads), driverTable(total, distribution)].filter((table) => table.rows.length > 0),
      ),
      charts: driverChart(distribution),
    },
    section('costs', [], planTables(sheet, 'costs')),
    {
      ...section(
        'cash',
        [],
        [
          ...cashTables(sheet, flow),
          ...capacityTables(sheet, flow),
          ...named('Capacity', planTables(sheet, 'capacity')),
          ...named('Serving', planTables(sheet, 'serving')),
          ...named('Actuals', planTables(sheet, 'actuals')),
        ],
      ),
      charts: wants(info, 'cash') ? cashCharts(sheet, flow) : [],
    },
    section(
      'assumptions',
      [],
      inputTables(
        sheet,
        trees.flatMap((found) => found.trees),
      ),
    ),
    section(
      'derivations',
      [
        `Total cost = ${cost.formula}. Each line is a value; the lines below and to the right are what its formula reads. A value that was opened once is not opened again.`,
      ],
      [totalTable(sheet), ...derivationTables(trees)].filter((table) => table.rows.length > 0),
    ),
    section('open_points', points.length > 0 ? [] : ['None.'], points.length > 0 ? [openPointTable(points)] : []),
    section('method', [...conventions(sheet), ...redaction(sheet)], [columnFormulas(sheet)]),
    section(
      'sources',
      [
        'Catalog data is used under the terms of its sources, which are named here with the date and the trust given to them. Price and hardware data by Epoch AI is used under CC BY 4.0.',
      ],
      [catalogSources(sheet)].filter((table) => table.rows.length > 0),
    ),
    section(
      'approval',
      [
        `This page records who approved the figures of this report. It is a record, not an electronic signature. "flopsheet verify PLAN --hash ${info.hash.slice(0, 12)}" tells whether a plan is still the approved one, and what differs.`,
      ],
      approvalTable(info.approvals ?? [], info.hash),
    ),
  ];
  return {
    title: settings.name || 'Plan without a name',
    scenario: base.name,
    date: info.date,
    hash: info.hash,
    revision: info.revision,
    version: info.version,
    catalogAsOf: info.catalogAsOf,
    seed: settings.seed,
    samples: settings.samples,
    answer: answer(sheet, cost),
    decision: decisionNeeded(sheet, spreads, cost, flow),
    risks: mainRisks(sheet, distribution, points, flow),
    figures,
    charts: charts(sheet, distribution),
    scenarios: others.length > 0 ? scenarioSummary(base, cost, others) : null,
    largest: largestRuns(sheet, cost, others.length),
    openPoints: points,
    sections: all.filter((part) => wants(info, part.id) && (part.tables.length > 0 || part.paragraphs.length > 0)),
  };
}

/** The report as PDF bytes: the same sheet, info and paper give the same bytes. */
export async function planPdf(sheet: Sheet, info: ReportInfo): Promise<Uint8Array> {
  return renderPdf(planReportModel(sheet, info), info.paper ?? 'a4');
}

/** The same pages as a picture, for looking at before they are saved. */
export async function planPreview(sheet: Sheet, info: ReportInfo): Promise<ReportPreview> {
  return renderPreview(planReportModel(sheet, info), info.paper ?? 'a4');
}

/** Says that something was left out, and what can still be worked out. */
function redaction(sheet: Sheet): string[] {
  if (sheet.hidden.size === 0) return [];
  return [
    `Confidential prices and what they can be read off are left out of this copy (${sheet.hidden.size} cells say "${HIDDEN}"); totals are those of the full plan. Where one run makes up a total, its price can still be worked out from it.`,
  ];
}

function wants(info: ReportInfo, id: SectionId): boolean {
  return info.sections ? info.sections.includes(id) : true;
}

function section(id: SectionId, paragraphs: readonly string[], tables: readonly ReportTable[]): ReportSection {
  return { id, title: REPORT_SECTIONS[id], paragraphs, tables, charts: [] };
}

function named(title: string, tables: readonly ReportTable[]): ReportTable[] {
  return tables.map((table, i) => ({ ...table, title: i === 0 ? title : `${title}, continued` }));
}

/** Cost by run and category where there is something to compare, and the distribution where something varies. */
function charts(sheet: Sheet, distribution: DistributionView | null): ChartView[] {
  const { currency } = sheet.plan.settings;
  // Bars by category would show what the tables leave out.
  const shown = sheet.hidden.size === 0;
  const columns = CATEGORIES.map(([id]) => sheet.column('runs', id));
  const rows = includedRows(sheet, 'runs').map((row) => ({
    label: rowName(sheet, 'runs', row),
    amounts: [...columns.map((column) => column?.values[row] ?? Number.NaN), 0],
  }));
  const amount = sheet.column('costs', 'amount');
  const lines = includedRows(sheet, 'costs').map((row) => ({
    label: rowName(sheet, 'costs', row),
    amounts: [...CATEGORIES.map(() => 0), amount?.values[row] ?? Number.NaN],
  }));
  const split = costSplitChart(
    [...rows, ...lines],
    [...CATEGORIES.map(([, label]) => label), 'Cost lines'],
    currency,
    PRINT_PALETTE,
  );
  const found: ChartView[] =
    shown &&
    split.config.data.datasets.length > 0 &&
    ((split.config.data.labels?.length ?? 0) > 1 || split.config.data.datasets.length > 1)
      ? [split]
      : [];
  if (distribution)
    found.push(
      distributionChart(
        'Total cost of runs',
        {
          unit: distribution.unit,
          ...distribution.histogram,
          p10: distribution.spread.p10,
          p50: distribution.spread.p50,
          p90: distribution.spread.p90,
          central: distribution.central,
        },
        PRINT_PALETTE,
      ),
    );
  return found;
}

function openPointTable(points: ReportModel['openPoints']): ReportTable {
  return {
    title: '',
    columns: [
      { label: 'Cell', unit: '', align: 'left', share: 0 },
      { label: 'Kind', unit: '', align: 'left', share: 0 },
      { label: 'What', unit: '', align: 'left', share: 1.4 },
      { label: 'How to mend it', unit: '', align: 'left', share: 1 },
    ],
    rows: points.map((point) => [
      { text: point.where, mono: true },
      { text: point.kind === 'problem' ? 'error' : 'check', tone: point.kind === 'problem' ? 'error' : '' },
      { text: point.message },
      { text: point.hint },
    ]),
    totals: null,
    note: '',
  };
}
