/** A report as plain data: texts already formatted by the sheet's own formatters, so that print and screen agree. */
import type { ChartView } from '../core/charts/chart.ts';
import type { SectionId } from '../core/plan/report-sections.ts';

/** input, override, error: as on screen. muted: counts in no total. strong: totals and headings inside a table. */
export type Tone = '' | 'input' | 'override' | 'error' | 'muted' | 'strong';

export interface ReportCell {
  readonly text: string;
  readonly tone?: Tone;
  /** Formulas, names and addresses. */
  readonly mono?: boolean;
  /** Depth in a derivation. */
  readonly indent?: number;
}

export interface ReportColumn {
  readonly label: string;
  /** Shown under the label; empty for texts and plain numbers. */
  readonly unit: string;
  readonly align: 'left' | 'right';
  /** Share of the width that is left; 0 for as wide as its content. */
  readonly share: number;
}

export interface ReportTable {
  readonly title: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly ReportCell[])[];
  readonly totals: readonly ReportCell[] | null;
  readonly note: string;
}

/** The table without columns that hold nothing in any row. */
export function withoutEmptyColumns(table: ReportTable): ReportTable {
  const kept = table.columns.map((_, i) => i).filter((i) => table.rows.some((row) => row[i]?.text));
  const pick = <T>(list: readonly T[]): T[] => kept.map((i) => list[i] as T);
  return {
    ...table,
    columns: pick(table.columns),
    rows: table.rows.map(pick),
    totals: table.totals && pick(table.totals),
  };
}

export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  readonly unit: string;
  /** Percentiles, or what the figure is of. */
  readonly detail: string;
}

export interface OpenPoint {
  readonly kind: 'problem' | 'warning';
  readonly where: string;
  readonly message: string;
  readonly hint: string;
}

export interface ReportSection {
  readonly id: SectionId;
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly charts: readonly ChartView[];
  readonly tables: readonly ReportTable[];
}

export interface ReportModel {
  readonly title: string;
  readonly scenario: string;
  /** ISO date printed on the report and written into the PDF. */
  readonly date: string;
  /** SHA-256 of the plan's content, in hex. */
  readonly hash: string;
  readonly revision: number;
  readonly version: string;
  readonly catalogAsOf: string;
  readonly seed: number;
  readonly samples: number;
  /** The answer: sentences that stand on their own. */
  readonly answer: readonly string[];
  /** The ask, in sentences. */
  readonly decision: readonly string[];
  readonly risks: readonly string[];
  readonly figures: readonly KeyFigure[];
  readonly charts: readonly ChartView[];
  readonly scenarios: ReportTable | null;
  readonly largest: ReportTable;
  readonly openPoints: readonly OpenPoint[];
  readonly sections: readonly ReportSection[];
}
