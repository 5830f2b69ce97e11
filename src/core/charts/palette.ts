/** Colours of charts by role. The screen passes its own tokens; reports use the light print palette. */
export interface ChartPalette {
  /** Series in this order; hue is never the only key, so legends and labels repeat it. */
  readonly series: readonly string[];
  readonly text: string;
  readonly secondary: string;
  readonly grid: string;
  readonly axis: string;
  readonly surface: string;
  /** Inside and outside of an interval. */
  readonly inside: string;
  readonly outside: string;
}

export const PRINT_PALETTE: ChartPalette = {
  series: ['#2F6DB5', '#D0661A', '#12877A', '#9A4E93', '#6B5300', '#46514D'],
  text: '#171C1A',
  secondary: '#55605B',
  grid: '#E0E4E1',
  axis: '#858F8A',
  surface: '#FFFFFF',
  inside: '#5F92CC',
  outside: '#C3D5EA',
};
