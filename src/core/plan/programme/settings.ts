/** What finance sets for the whole plan: assumptions with fixed keys, so that they have a source, an owner and an undo. */
import type { Cents } from '../../finance/money.ts';
import type { Sheet } from '../../sheet/sheet.ts';

/** Keys of the assumptions finance reads, with the unit they are typed in (`¤` is the plan's currency). */
export const FINANCE_ASSUMPTIONS = {
  fiscal_year_start_month: { unit: '', label: 'Fiscal year starts in month' },
  discount_rate: { unit: '', label: 'Discount rate a year' },
  budget_cap: { unit: '¤', label: 'Budget cap' },
  waiting_cost_per_day: { unit: '¤', label: 'Cost of a day of waiting' },
} as const;
export type FinanceAssumption = keyof typeof FINANCE_ASSUMPTIONS;

/** A setting that cannot be used: it counts as not set, and is said. */
export interface SettingProblem {
  readonly message: string;
  readonly hint: string;
  readonly where: string;
}

export interface FinanceSettings {
  /** 1 to 12; 1 when not set */
  readonly fiscalYearStartMonth: number;
  /** yearly, as a share; null when not set */
  readonly discountRate: number | null;
  readonly budgetCap: Cents | null;
  /** Caps of single fiscal years on cash, by label such as `FY2027`. */
  readonly yearCaps: ReadonlyMap<string, Cents>;
  /** plan currency; null when not set */
  readonly waitingCostPerDay: number | null;
  readonly problems: readonly SettingProblem[];
}

/** Key of the assumption that caps a fiscal year's cash: `budget_cap_fy2027` for `FY2027`. */
export function yearCapKey(label: string): string {
  return `budget_cap_${label.toLowerCase()}`;
}

const YEAR_CAP = /^budget_cap_fy\d{4}$/;

/** Central value of an assumption in base units; null when there is none or it is empty. NaN when it is unknown. */
function assumption(sheet: Sheet, key: string): number | null {
  if (!sheet.state.tables.assumptions.rowNumber.has(key) || sheet.text('assumptions', key, 'value').trim() === '')
    return null;
  return sheet.value('assumptions', key, 'value');
}

/** Reads the settings. One that is out of its range or cannot be computed counts as not set and is among the problems. */
export function financeSettings(sheet: Sheet): FinanceSettings {
  const problems: SettingProblem[] = [];
  const checked = (key: string, fits: (value: number) => boolean, hint: string): number | null => {
    const value = assumption(sheet, key);
    if (value === null || fits(value)) return value;
    problems.push({
      message: `The assumption ${key} is ${Number.isFinite(value) ? value : 'unknown'}; it is taken as not set.`,
      where: `assumptions.${key}.value`,
      hint,
    });
    return null;
  };
  const amount = (key: string): Cents | null => {
    const value = checked(key, (own) => own >= 0, 'Give an amount of 0 or more.');
    return value === null ? null : Math.round(value * 100);
  };
  const yearCaps = new Map<string, Cents>();
  for (const key of sheet.state.tables.assumptions.keys) {
    const cap = YEAR_CAP.test(key) ? amount(key) : null;
    if (cap !== null) yearCaps.set(key.slice('budget_cap_'.length).toUpperCase(), cap);
  }
  return {
    fiscalYearStartMonth:
      checked(
        'fiscal_year_start_month',
        (value) => Number.isInteger(value) && value >= 1 && value <= 12,
        'Give the start month as 1 (January) to 12 (December).',
      ) ?? 1,
    discountRate: checked('discount_rate', (value) => value > -1 && value < 10, 'Give a yearly rate such as 8%.'),
    budgetCap: amount('budget_cap'),
    yearCaps,
    waitingCostPerDay: checked('waiting_cost_per_day', (value) => value >= 0, 'Give an amount of 0 or more.'),
    problems,
  };
}
