/** How cells of a plan look in a workbook: finance colours by origin, number formats by column. */
import type { ColumnDef } from '../../core/sheet/column.ts';
import { isFraction } from '../../core/sheet/column.ts';
import type { ColumnState } from '../../core/sheet/state.ts';
import type { CellStyle } from './model.ts';

export const HEADER: CellStyle = { bold: true, fill: 'EEF1EF', wrap: true };
export const UNIT: CellStyle = { color: '55605B', fill: 'EEF1EF' };
export const ID: CellStyle = { color: '66716C', fill: 'F8F9F7' };
export const TITLE: CellStyle = { bold: true };
export const MUTED: CellStyle = { color: '66716C' };
export const WRAP: CellStyle = { wrap: true };

/** input: typed. default: what an empty cell means. formula: computed. link: reads other sheets. held: kept at its value. */
export type Origin = 'input' | 'default' | 'formula' | 'link' | 'held' | 'override' | 'error' | 'total';

const BY_ORIGIN: Readonly<Record<Origin, CellStyle>> = {
  input: { color: '1B4FC4', fill: 'F5F8FF' },
  default: { color: '55605B' },
  formula: {},
  link: { color: '1D6B3A' },
  held: { color: '6B5300' },
  override: { color: 'A34800' },
  error: { color: 'B3261E' },
  total: { bold: true, rule: true },
};

const known = new Map<string, CellStyle>();

/** The style of a cell; the same object for the same look. */
export function look(origin: Origin, format: string): CellStyle {
  const key = `${origin} ${format}`;
  let style = known.get(key);
  if (!style) {
    style = { ...BY_ORIGIN[origin], ...(format ? { format } : {}) };
    known.set(key, style);
  }
  return style;
}

/** Excel number format of a column. */
export function numberFormat(column: ColumnState): string {
  const { def, type, unit } = column;
  if (type.is === 'date') return 'yyyy-mm-dd';
  if (type.is !== 'number') return '';
  if (def.money) return '#,##0.00';
  if (isFraction(def)) return percentFormat(def);
  if (def.decimals !== undefined) return def.decimals > 0 ? `#,##0.${'0'.repeat(def.decimals)}` : '#,##0';
  if (unit.text === 'FLOP' || unit.text === 'FLOP/s/chip') return '0.000E+00';
  return ['param', 'token', 'chip', 'chip·h', 'token/s'].includes(unit.text) ? '#,##0' : '';
}

function percentFormat(def: ColumnDef): string {
  return (def.digits ?? 3) > 3 ? '0.00%' : '0.0%';
}
