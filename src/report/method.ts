/** Method and conventions: what the words and numbers of a report mean, and the formulas of the columns that were used. */
import { columnView } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import { includedRows } from './cells.ts';
import type { ReportCell, ReportTable } from './model.ts';

export function conventions(sheet: Sheet): string[] {
  const { currency, samples, seed } = sheet.plan.settings;
  return [
    'Central: every input at its median. Central values add up to the totals exactly. P10, P50 and P90 come from a simulation and do not add up; the two are never mixed.',
    `Ranges typed as "a to b" are 90 % intervals, P5 to P95: lognormal when both ends are positive, logit-normal for fractions, normal otherwise. Ranges typed in cells of one column move together (rank correlation 0.5). The simulation draws ${samples} samples (scrambled Sobol points, seed ${seed}), so the same plan gives the same percentiles.`,
    'FLOP counts floating-point operations; a multiply-add is 2. Training FLOP are model FLOP: what the mathematics needs, without recomputation. MFU is model FLOP/s reached over the dense peak of the chip at the precision in use; structured sparsity is never counted. Lost hours are goodput, not MFU.',
    'Chip memory is what a program can allocate, not the number on the label. Chip-hours are billed hours: ideal hours over goodput. Days are wall-clock days of 24 h.',
    `Money is in ${currency}. Every cost line is rounded once to the cent (half to even) and totals add the rounded lines; amounts shown with a prefix (K, M, B) are computed to the cent and rounded for display only.`,
    'Energy is measured at the meter: chips at their load, servers and facility (PUE). CO₂e is location-based (the grid where the chips stand) unless said otherwise. Share is the part of the total central cost.',
    'Blue values were typed in this plan, orange ones marked * replace a formula, red codes such as #UNKNOWN mark cells without a value; unknown is never counted as 0. A dash marks an empty cell.',
  ];
}

/** Formulas of the columns of `runs` that have a value, by group. */
export function columnFormulas(sheet: Sheet): ReportTable {
  const included = includedRows(sheet, 'runs');
  const rows = sheet.state.tables.runs.columns
    .filter(
      (column) =>
        column.def.formula !== undefined && included.some((row) => Number.isFinite(column.values[row] as number)),
    )
    .map((column): ReportCell[] => {
      const view = columnView(column);
      return [
        { text: view.label },
        { text: view.unit },
        { text: `${view.id} = ${view.formula ?? ''}`, mono: true },
        { text: view.source },
      ];
    });
  return {
    title: 'Formulas of the columns',
    columns: [
      { label: 'Column', unit: '', align: 'left', share: 0 },
      { label: 'Unit', unit: '', align: 'left', share: 0 },
      { label: 'Formula', unit: '', align: 'left', share: 2 },
      { label: 'Source', unit: '', align: 'left', share: 1 },
    ],
    rows,
    totals: null,
    note: '',
  };
}
