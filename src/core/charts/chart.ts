/** What every chart is made of: a Chart.js configuration as plain data, and the data table behind it. */
import type { ChartConfiguration, ChartType } from 'chart.js';

export interface ChartTable {
  readonly columns: readonly { readonly label: string; readonly unit: string }[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

export interface ChartView<T extends ChartType = ChartType> {
  readonly title: string;
  /** What a reader who does not see the picture should know. */
  readonly summary: string;
  readonly config: ChartConfiguration<T>;
  readonly table: ChartTable;
}

const LABEL_CHARACTERS = 28;

/** A label of at most 28 characters, so that it leaves room for its bar. */
export function shortened(label: string): string {
  const characters = [...label];
  return characters.length > LABEL_CHARACTERS ? `${characters.slice(0, LABEL_CHARACTERS - 1).join('')}…` : label;
}

const STEPS: readonly (readonly [number, string])[] = [
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
];

/**
 * The prefix one axis uses for all its values: `largest` is in plain units, the result divides by `scale` and names the
 * prefix (`M`), empty below a thousand. Not finite or 0 gives no prefix.
 */
export function axisPrefix(largest: number): { readonly scale: number; readonly prefix: string } {
  const step = STEPS.find(([scale]) => Math.abs(largest) >= scale);
  return step ? { scale: step[0], prefix: step[1] } : { scale: 1, prefix: '' };
}
