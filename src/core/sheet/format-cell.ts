/** A cell's value as people read it, in the column's display unit and without the unit, which stands in the header. */
import { isoDate } from '../formula/dates.ts';
import { formatSchedule } from '../formula/schedule.ts';
import { describeType, type ValueType } from '../formula/types.ts';
import type { Unit } from '../quantity/unit.ts';
import {
  formatCount,
  formatFixed,
  formatMoney,
  formatPercent,
  formatScientific,
  formatSignificant,
} from '../format/number.ts';
import { isFraction, type ColumnDef } from './column.ts';
import { formatInStyle, readNumberFormat } from './look.ts';
import type { TextPool } from './state.ts';

/** Units whose values people read with K, M, B, T. */
const COUNTED = new Set(['param', 'token', 'token/s', 'chip·h', 'FLOP/s/chip', 'chip', 'request', 'step']);

/** Formats a number of a column. `shown` is in the display unit. */
export function formatNumber(def: ColumnDef, unit: Unit, shown: number): string {
  if (!Number.isFinite(shown)) return '';
  const own = def.format === undefined ? null : readNumberFormat(def.format);
  if (own) return formatInStyle(shown, own);
  if (def.money) return formatMoney(shown);
  if (isFraction(def)) return formatPercent(shown, def.digits ?? 3);
  if (def.decimals !== undefined) return formatFixed(shown, def.decimals);
  if (unit.text === 'FLOP') return formatScientific(shown, def.digits ?? 4);
  if (COUNTED.has(unit.text) && !(unit.text === 'chip' || def.id === 'seq_len'))
    return formatCount(shown, def.digits ?? 4);
  return formatSignificant(shown, def.digits ?? 4);
}

/** Formats a value of any type. `value` is in base units. */
export function formatCell(def: ColumnDef, type: ValueType, unit: Unit, value: number, texts: TextPool): string {
  if (!Number.isFinite(value)) return '';
  switch (type.is) {
    case 'text':
    case 'reference':
      return texts.text(value);
    case 'boolean':
      return value === 1 ? 'yes' : 'no';
    case 'date':
      return isoDate(value);
    case 'schedule':
      return formatSchedule(texts.text(value), unit.scale, (shown) => formatNumber(def, unit, shown));
    default:
      return formatNumber(def, unit, value / unit.scale);
  }
}

/** A value of any type with its unit, for places without a header. */
export function formatWithUnit(type: ValueType, value: number, texts: TextPool, unit?: Unit): string {
  if (!Number.isFinite(value)) return '';
  if (type.is === 'text' || type.is === 'reference') return texts.text(value);
  if (type.is === 'boolean') return value === 1 ? 'yes' : 'no';
  if (type.is === 'date') return isoDate(value);
  if (type.is === 'schedule')
    return formatSchedule(texts.text(value), 1, (step) => formatWithUnit({ ...type, is: 'number' }, step, texts));
  if (type.is !== 'number') return String(value);
  const label = unit?.text ?? describeType(type);
  const shown = value / (unit?.scale ?? 1);
  const text = label === 'FLOP' || Math.abs(shown) >= 1e15 ? formatScientific(shown, 4) : formatSignificant(shown, 6);
  return label === 'plain number' || label === '' ? text : `${text} ${label}`;
}
