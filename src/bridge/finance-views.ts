/** Views of a plan for finance, as the contract names them. */
import { budget, drawnCost, spending } from '../core/plan/programme/spending.ts';
import { capacityCalendar } from '../core/plan/programme/capacity.ts';
import { cashTable, type CashTable } from '../core/plan/programme/cash.ts';
import type { ProgrammeLines } from '../core/plan/programme/collect.ts';
import { programmeLines } from '../core/plan/programme/lines.ts';
import { RowReader } from '../core/plan/programme/row-reader.ts';
import { sharedClusters } from '../core/plan/programme/shared.ts';
import {
  FINANCE_ASSUMPTIONS,
  financeSettings,
  yearCapKey,
  type FinanceAssumption,
  type FinanceSettings,
} from '../core/plan/programme/settings.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { CapacityView, CashView } from './contract.ts';

interface Laid {
  readonly settings: FinanceSettings;
  readonly programme: ProgrammeLines;
  readonly table: CashTable;
  /** Drawn when first asked for. */
  readonly totals: () => number | Float64Array;
}

const laid = new WeakMap<Sheet, Laid & { version: number }>();
const cashViews = new WeakMap<Laid, CashView>();

/** Lines and cash table of a sheet, made anew when its values change. */
export function laidOut(sheet: Sheet): Laid {
  const known = laid.get(sheet);
  if (known?.version === sheet.version) return known;
  const settings = financeSettings(sheet);
  const programme = programmeLines(sheet);
  let drawn: number | Float64Array | null = null;
  const made = {
    settings,
    programme,
    table: cashTable(programme, settings),
    totals: () => (drawn ??= drawnCost(sheet)),
    version: sheet.version,
  };
  laid.set(sheet, made);
  return made;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function cashView(sheet: Sheet): CashView {
  const own = laidOut(sheet);
  let view = cashViews.get(own);
  if (!view) cashViews.set(own, (view = newCashView(sheet, own)));
  return view;
}

function newCashView(sheet: Sheet, { settings, programme, table, totals }: Laid): CashView {
  const { currency } = sheet.plan.settings;
  return {
    currency,
    table,
    spending: spending(sheet, programme, table, totals(), settings.yearCaps),
    budget: budget(sheet, table, settings.budgetCap, totals()),
    years: table.years.map((year) => {
      const key = yearCapKey(year.label);
      const cap = settings.yearCaps.get(year.label) ?? null;
      return {
        label: year.label,
        cap,
        headroom: cap === null ? null : cap - year.cash,
        setting: {
          key,
          label: `Cap ${year.label}`,
          unit: currency,
          text: sheet.text('assumptions', key, 'value'),
          exists: sheet.state.tables.assumptions.rowNumber.has(key),
        },
      };
    }),
    undated: programme.undated,
    unknown: programme.unknown,
    problems: settings.problems,
    settings: (Object.keys(FINANCE_ASSUMPTIONS) as FinanceAssumption[]).map((key) => ({
      key,
      label: FINANCE_ASSUMPTIONS[key].label,
      unit: FINANCE_ASSUMPTIONS[key].unit.replace('¤', currency),
      text: sheet.text('assumptions', key, 'value'),
      exists: sheet.state.tables.assumptions.rowNumber.has(key),
    })),
  };
}

export function capacityView(sheet: Sheet): CapacityView {
  const { settings, programme } = laidOut(sheet);
  const read = new RowReader(sheet, 'capacity');
  const number = (id: string, row: number): number | null => finite(read.number(id, row));
  return {
    currency: sheet.plan.settings.currency,
    calendar: capacityCalendar(sheet, programme, settings),
    shared: sharedClusters(sheet),
    costs: sheet.state.tables.capacity.keys.map((key, row) => ({
      key,
      paid: read.text('paid', row),
      capacityChipHours: number('capacity_chip_hours', row),
      usedChipHours: number('used_chip_hours', row),
      use: number('utilisation', row),
      standing: number('standing_cost', row),
      idle: number('idle_cost', row),
      perChipHour: number('chip_hour_cost', row),
      rent: number('rent_price', row),
      breakEvenUse: number('break_even_use', row),
      financingMonth: read.text('paid', row) === 'purchase' ? number('financing_month', row) : null,
    })),
  };
}
