/**
 * A column of a table: the one object that sheet, command line, explain tree, PDF and workbook read.
 * Built-in columns stand in `core/plan/columns`; columns the user adds have the same shape.
 */
import type { TableId, UserColumn } from '../document/plan.ts';
import { isUnitName, parseUnit, type Unit } from '../quantity/unit.ts';
import type { ValueType } from '../formula/types.ts';
import type { ColumnType } from './view.ts';

export interface ColumnDef {
  readonly table: TableId;
  /** Immutable, snake_case, with its unit where it has one. */
  readonly id: string;
  readonly label: string;
  /** Header above neighbouring columns. */
  readonly group: string;
  readonly type: ColumnType;
  /** Display unit and dimension; `¤` is the plan's currency. Empty for plain numbers and texts. */
  readonly unit?: string;
  /** Formula without `=`: an empty cell is computed. */
  readonly formula?: string;
  /** Typing is the usual way to fill the column although it has a formula: a typed value is an input, not an override. */
  readonly typedIsInput?: boolean;
  /** What an empty cell means, as it would be typed. */
  readonly default?: string;
  /** Bounds of what may be typed, in the display unit. Both 0 and 1 make the column a fraction. */
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** Catalog kind or table id. */
  readonly reference?: string;
  /** Rounded once to the cent; totals sum the rounded values. */
  readonly money?: boolean;
  /** The totals row sums it. */
  readonly total?: boolean;
  /** Significant digits shown; decimals win where given. */
  readonly digits?: number;
  readonly decimals?: number;
  /** The user's number format; wins over all of the above. */
  readonly format?: string;
  /** The user's conditional formats. */
  readonly marks?: string;
  readonly help: string;
  readonly source?: string;
  /** Usual values, shown while typing: warns outside. */
  readonly usual?: readonly [low: number, high: number];
  /** An unknown value here is no problem of the plan: the column only informs. */
  readonly quiet?: boolean;
  readonly shown?: boolean;
  readonly widthPx?: number;
  readonly user?: boolean;
  /** What the plan itself says of the column. */
  readonly own?: UserColumn;
}

/** True when the column is a fraction in 0..1: ranges typed in it are logit-normal. */
export function isFraction(def: ColumnDef): boolean {
  return def.min === 0 && def.max === 1;
}

/** Display unit of a column in a plan with this currency. Throws FlopsheetError `UNIT`. */
export function columnUnit(def: ColumnDef, currency: string): Unit {
  return parseUnit((def.unit ?? '').replaceAll('¤', currency));
}

/** Type of a column's values; null for a number column without unit whose formula decides. */
export function declaredType(def: ColumnDef, currency: string): ValueType | null {
  switch (def.type) {
    case 'schedule':
    case 'number': {
      if (def.user && def.unit === undefined && def.formula !== undefined) return null;
      const unit = columnUnit(def, currency);
      return { is: def.type, dimension: unit.dimension, kind: unit.kind };
    }
    case 'choice':
      return { is: 'text', choices: def.choices ?? [] };
    case 'boolean':
      return { is: 'boolean' };
    case 'date':
      return { is: 'date' };
    case 'reference':
      return { is: 'reference', to: def.reference ?? '' };
    default:
      return { is: 'text' };
  }
}

const RESERVED = new Set([
  'to',
  'in',
  'and',
  'or',
  'not',
  'if',
  'true',
  'false',
  'key',
  'constructor',
  'prototype',
  '__proto__',
]);

/** Why a name cannot be a column id or an assumption key; empty when it can. */
export function nameProblem(id: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(id)) return 'a name has letters, digits and _ and does not start with a digit';
  if (RESERVED.has(id)) return `"${id}" is a word of the formula language`;
  if (isUnitName(id)) return `"${id}" is a unit`;
  return '';
}
