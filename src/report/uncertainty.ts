/** Percentiles of uncertain results, run by run and in total, and what drives the total cost. */
import type { ChartView } from '../core/charts/chart.ts';
import { PRINT_PALETTE } from '../core/charts/palette.ts';
import { tornadoChart } from '../core/charts/tornado.ts';
import { formatPercent } from '../core/format/number.ts';
import { columnView } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { Spreads } from '../core/sheet/spreads.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import { aggregateNodeOf } from '../core/sheet/totals.ts';
import type { DistributionView, Spread } from '../core/sheet/view.ts';
import { includedRows, rowName, shown } from './cells.ts';
import type { ReportCell, ReportColumn, ReportTable } from './model.ts';

const RESULTS = ['train_flop', 'chip_hours', 'train_days', 'energy_mwh', 'tco2e_location', 'total_cost'] as const;
const RUNS = 40;
const number = (label: string): ReportColumn => ({ label, unit: '', align: 'right', share: 0 });

/** One line a result that varies; without rows when nothing does. */
export function percentileTable(sheet: Sheet, spreads: Spreads): ReportTable {
  const columns = RESULTS.flatMap((id) => sheet.column('runs', id) ?? []);
  const rows: ReportCell[][] = [];
  const included = includedRows(sheet, 'runs');
  for (const row of included.slice(0, RUNS))
    for (const column of columns) {
      const spread = spreads.ofCell(column, row);
      if (varies(spread))
        rows.push(
          line(
            rowName(sheet, 'runs', row),
            column,
            shown(column, (column.values[row] as number) / column.unit.scale),
            spread,
          ),
        );
    }
  for (const column of columns) {
    if (!column.def.total || included.length < 2) continue;
    const spread = spreads.ofTotal('runs', column);
    if (varies(spread))
      rows.push(
        line(
          'All included runs',
          column,
          shown(column, aggregateNodeOf(sheet, 'runs', column).result.value / column.unit.scale),
          spread,
          true,
        ),
      );
  }
  return {
    title: 'Percentiles',
    columns: [
      { label: 'Run', unit: '', align: 'left', share: 1 },
      { label: 'Result', unit: '', align: 'left', share: 0 },
      { label: 'Unit', unit: '', align: 'left', share: 0 },
      number('Central'),
      number('P5'),
      number('P10'),
      number('P50'),
      number('P90'),
      number('P95'),
    ],
    rows,
    totals: null,
    note: included.length > RUNS ? `The first ${RUNS} runs; totals count all of them.` : '',
  };
}

function varies(spread: Spread | undefined): spread is Spread {
  return spread !== undefined && spread.p10 < spread.p90;
}

function line(name: string, column: ColumnState, central: string, spread: Spread, strong = false): ReportCell[] {
  const { label, unit } = columnView(column);
  const tone = strong ? ('strong' as const) : ('' as const);
  return [
    { text: name, tone },
    { text: label, tone },
    { text: unit, tone },
    ...[
      central,
      ...[spread.p5, spread.p10, spread.p50, spread.p90, spread.p95].map((value) => shown(column, value)),
    ].map((text) => ({ text, tone })),
  ];
}

/** Inputs by how far they move the total of runs; without rows when nothing varies. */
export function driverTable(column: ColumnState, distribution: DistributionView | null): ReportTable {
  return {
    title: 'What drives the total cost of runs',
    columns: [
      { label: 'Input', unit: '', align: 'left', share: 1 },
      { label: 'Where', unit: '', align: 'left', share: 1 },
      { ...number('Total at its P10'), unit: distribution?.unit ?? '' },
      { ...number('Total at its P90'), unit: distribution?.unit ?? '' },
      number('Share of variance'),
    ],
    rows: (distribution?.drivers ?? []).map((driver): ReportCell[] => [
      { text: driver.label },
      { text: driver.id, mono: true },
      { text: shown(column, driver.low) },
      { text: shown(column, driver.high) },
      { text: formatPercent(driver.share, 3) },
    ]),
    totals: null,
    note: 'Every other input at its median. Share of variance: first-order index; shares do not add up where inputs act together.',
  };
}

/** The drivers as a picture; none when nothing varies. */
export function driverChart(distribution: DistributionView | null): ChartView[] {
  if (!distribution || distribution.drivers.length === 0) return [];
  const { unit, central, drivers } = distribution;
  return [tornadoChart('Total cost of runs', { unit, central, bars: drivers }, PRINT_PALETTE)];
}
