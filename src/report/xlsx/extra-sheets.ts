/** Sheets beside the tables: summary, catalog rows, percentiles, scenarios, columns, open points. */
import { TABLE_LABELS } from '../../core/plan/columns/tables.ts';
import { compareTotals } from '../../core/sheet/compare.ts';
import { catalogRow } from '../../core/sheet/catalog.ts';
import type { Sheet } from '../../core/sheet/sheet.ts';
import { columnView, totalView } from '../../core/sheet/render.ts';
import type { Spreads } from '../../core/sheet/spreads.ts';
import { includedRows, rowName } from '../cells.ts';
import { openPoints } from '../open-points.ts';
import type { ReportInfo } from '../plan-report.ts';
import { SHEET_NAMES, type CatalogSheet, type PlanLayout } from './layout.ts';
import { HEADER, ID, look, MUTED, numberFormat, TITLE, UNIT, WRAP } from './looks.ts';
import type { WorkbookCell, Worksheet } from './model.ts';
import { totalRow } from './table-sheet.ts';
import { columnName } from './xml.ts';

const text = (value: string, style = WRAP): WorkbookCell => ({ value, style });
const head = (...labels: string[]): WorkbookCell[] => labels.map((value) => ({ value, style: HEADER }));

/** Plan, hash and headline totals as links into the tables. */
export function summarySheet(sheet: Sheet, spreads: Spreads, layout: PlanLayout, info: ReportInfo): Worksheet {
  const { settings } = sheet.plan;
  const facts: [string, string | number][] = [
    ['Plan', settings.name],
    ['SHA-256 of the plan', info.hash],
    ['Revision', info.revision],
    ['Date', info.date],
    ['Catalog as of', info.catalogAsOf],
    ['Currency', settings.currency],
    ['Seed', settings.seed],
    ['Samples', settings.samples],
    ['Flopsheet', info.version],
  ];
  const rows: (WorkbookCell | undefined)[][] = facts.map(([label, value]) => [
    { value: label, style: MUTED },
    { value, style: TITLE },
  ]);
  rows.push([], head('Total of included rows', 'Central', 'Unit', 'P10', 'P50', 'P90'));
  for (const table of ['runs', 'costs', 'capacity'] as const) {
    const at = totalRow(sheet, table, layout);
    if (at === null) continue;
    layout.columns(table).forEach((column, i) => {
      const view = totalView(sheet, table, column);
      if (!view) return;
      const spread = spreads.ofTotal(table, column);
      const format = numberFormat(column);
      const percentile = (value: number | undefined): WorkbookCell => ({
        value: value !== undefined && Number.isFinite(value) ? value : null,
        style: look('held', format),
      });
      rows.push([
        text(table === 'runs' ? column.def.label : `${TABLE_LABELS[table]}: ${column.def.label}`),
        {
          value: typeof view.value === 'number' ? view.value : null,
          formula: `${SHEET_NAMES[table]}!$${columnName(i)}$${at}`,
          style: look('link', format),
        },
        text(columnView(column).unit),
        percentile(spread?.p10),
        percentile(spread?.p50),
        percentile(spread?.p90),
      ]);
    });
  }
  rows.push([], ...legend().map((line) => [text(line, MUTED)]));
  return { name: 'Summary', rows, widths: [34, 22, 12, 20, 20, 20] };
}

function legend(): string[] {
  return [
    'Blue: typed in the plan. Grey: a default. Black: formula in this sheet. Green: reads another sheet. Orange: replaces the column’s formula. Brown: computed by Flopsheet and kept; a note names the method.',
    'Unknown is #N/A, never 0. Central values: every input at its median. Percentiles come from the simulation and do not follow changes in this file.',
    'Money lines are rounded to the cent one by one; totals add the rounded lines. A spreadsheet rounds exactly half a cent up, Flopsheet to the even cent: a line can differ by one cent.',
  ];
}

/** Rows of one catalog kind that the plan refers to, with their sources. */
export function catalogSheet(sheet: Sheet, catalog: CatalogSheet): Worksheet {
  const units = sheet.options.catalog.get(catalog.kind)?.fields ?? {};
  const facts = ['source', 'asOf', 'confidence', 'sourceUrl'] as const;
  const rows: (WorkbookCell | undefined)[][] = [
    head('Key', ...catalog.fields.map((field) => field.replaceAll('_', ' ')), 'Source', 'As of', 'Trust', 'Address'),
    ['', ...catalog.fields.map((field) => (units[field] === 'text' ? '' : (units[field] ?? ''))), '', '', '', ''].map(
      (value) => ({ value, style: UNIT }),
    ),
    ['key', ...catalog.fields, ...facts].map((value) => ({ value, style: ID })),
  ];
  for (const key of catalog.keys) {
    const row = catalogRow(sheet.options.catalog, catalog.kind, key);
    rows.push([
      text(key),
      ...catalog.fields.map((field): WorkbookCell => {
        const value = row?.fields[field];
        return value === undefined || value === null || value === ''
          ? { value: null, formula: 'NA()', style: look('default', '') }
          : { value, style: look('input', '') };
      }),
      ...facts.map((fact) => text(row?.[fact] ?? '')),
    ]);
  }
  return {
    name: catalog.name,
    rows,
    widths: [22, ...catalog.fields.map(() => 14), 44, 12, 12, 44],
    frozen: { rows: 3, columns: 1 },
  };
}

/** Percentiles of every uncertain cell of runs that a total sums, and of train days. */
export function percentileSheet(sheet: Sheet, spreads: Spreads): Worksheet {
  const columns = sheet.state.tables.runs.columns.filter(
    (column) => column.def.total || column.def.id === 'train_days',
  );
  const rows: WorkbookCell[][] = [];
  for (const row of includedRows(sheet, 'runs'))
    for (const column of columns) {
      const spread = spreads.ofCell(column, row);
      if (!spread || spread.p10 >= spread.p90) continue;
      const style = look('held', numberFormat(column));
      rows.push([
        text(rowName(sheet, 'runs', row)),
        text(column.def.label),
        text(columnView(column).unit),
        ...[spread.p5, spread.p10, spread.p50, spread.p90, spread.p95, spread.mean].map((value) => ({ value, style })),
      ]);
    }
  return {
    name: 'Percentiles',
    rows: [head('Run', 'Result', 'Unit', 'P5', 'P10', 'P50', 'P90', 'P95', 'Mean'), ...rows],
    widths: [30, 20, 12, 18, 18, 18, 18, 18, 18],
    frozen: { rows: 1, columns: 1 },
  };
}

/** Totals of the base beside each scenario, with percentiles of the paired differences. */
export function scenarioSheet(sheet: Sheet, info: ReportInfo): Worksheet {
  const rows = (info.scenarios ?? []).flatMap((scenario) =>
    compareTotals(sheet, scenario.sheet).map((total): WorkbookCell[] => [
      text(scenario.name),
      text(total.label),
      text(total.unit),
      ...[total.a, total.b, total.delta, total.deltaP10, total.deltaP50, total.deltaP90].map((value) => ({ value })),
    ]),
  );
  return {
    name: 'Scenarios',
    rows: [
      head(
        'Scenario',
        'Total',
        'Unit',
        info.scenario ?? 'Base',
        'Scenario value',
        'Difference',
        'Difference P10',
        'Difference P50',
        'Difference P90',
      ),
      ...rows,
    ],
    widths: [24, 22, 12, 20, 20, 20, 20, 20, 20],
    frozen: { rows: 1, columns: 2 },
  };
}

/** What every column is: id, unit, formula, source, help. */
export function columnSheet(sheet: Sheet, layout: PlanLayout): Worksheet {
  const rows = (Object.keys(SHEET_NAMES) as (keyof typeof SHEET_NAMES)[])
    .filter((table) => sheet.state.tables[table].keys.length > 0)
    .flatMap((table) =>
      layout.columns(table).map((column): WorkbookCell[] => {
        const view = columnView(column);
        return [
          table,
          view.id,
          view.label,
          view.unit,
          view.formula ?? '',
          view.default ?? '',
          view.source,
          view.help,
        ].map((value) => text(value));
      }),
    );
  return {
    name: 'Columns',
    rows: [head('Table', 'Id', 'Label', 'Unit', 'Formula', 'Default', 'Source', 'Meaning'), ...rows],
    widths: [12, 22, 20, 14, 50, 12, 34, 60],
    frozen: { rows: 1, columns: 0 },
  };
}

export function openPointSheet(sheet: Sheet, info: ReportInfo): Worksheet {
  const rows = openPoints(sheet, info.date).map((point): WorkbookCell[] => [
    { value: point.where },
    {
      value: point.kind === 'problem' ? 'error' : 'check',
      style: look(point.kind === 'problem' ? 'error' : 'default', ''),
    },
    text(point.message),
    text(point.hint),
  ]);
  return {
    name: 'Open points',
    rows: [head('Cell', 'Kind', 'What', 'How to mend it'), ...rows],
    widths: [28, 10, 70, 60],
    frozen: { rows: 1, columns: 0 },
  };
}
