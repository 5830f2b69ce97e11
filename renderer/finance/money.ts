/** Amounts as finance reads them: whole units on screen, to the cent on hover. */
import type { CashView } from '../../src/bridge/contract.ts';
import type { RunningTotal } from '../../src/core/charts/cash-flow.ts';
import { formatNumber } from '../lib/format.ts';
import { styled } from '../lib/number-style.svelte.ts';

/** Cents in whole units of the currency; nothing is `–`. */
export function wholeUnits(cents: number | null): string {
  if (cents === null || !Number.isFinite(cents)) return 'unknown';
  return cents === 0 ? '–' : styled(formatNumber(Math.round(cents / 100), 0));
}

/** Cents to the cent. */
export function exact(cents: number | null): string {
  return cents === null || !Number.isFinite(cents) ? 'unknown' : styled(formatNumber(cents / 100, 2));
}

/** An amount in currency units, null is unknown. */
export function amount(value: number | null): string {
  return value === null || !Number.isFinite(value) ? 'unknown' : formatNumber(Math.round(value), 0);
}

const DAY = 86_400_000;

/** ISO date of days since 1970-01-01; null or unknown is a dash. */
export function dayText(day: number | null): string {
  return day === null || !Number.isFinite(day) ? '–' : new Date(Math.floor(day) * DAY).toISOString().slice(0, 10);
}

/** A category as people write it. */
export function categoryLabel(category: string): string {
  const text = category.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Running totals of cash in currency units: the central one, and percentiles when something is uncertain. */
export function runningLines(cash: CashView): RunningTotal[] {
  const spread = cash.spending?.lines;
  return [
    { label: 'Central', amounts: cash.table.cumulativeCash.map((cents) => cents / 100) },
    ...(spread
      ? (['p50', 'p80', 'p90'] as const).map((name) => ({
          label: name.toUpperCase(),
          amounts: spread.map((line) => line[name]),
          dashed: true,
        }))
      : []),
  ];
}
