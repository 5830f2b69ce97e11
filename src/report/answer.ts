/** The answer in a paragraph: what is trained, on what, how long, for how much, and how sure that is. */
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import { aggregateNodeOf } from '../core/sheet/totals.ts';
import { includedRows, rowName, shown, viewOf } from './cells.ts';
import { hardwareSets, leadingRun, shareText, shortMoney, type ProgrammeCost } from './headline.ts';

const COUNTS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

function counted(count: number, noun: string): string {
  return `${COUNTS[count] ?? String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function answer(sheet: Sheet, cost: ProgrammeCost): string[] {
  const rows = includedRows(sheet, 'runs');
  if (rows.length === 0 && sheet.state.tables.costs.keys.length === 0)
    return ['This plan has no included runs and no cost lines yet, so there is nothing to approve.'];
  return [work(sheet, rows), money(sheet, cost), impact(sheet)].filter(Boolean);
}

function work(sheet: Sheet, rows: readonly number[]): string {
  if (rows.length === 0) return 'The plan has cost lines but no included runs.';
  const lead = leadingRun(sheet);
  const sets = hardwareSets(sheet, lead);
  const flop = total(sheet, 'train_flop');
  const single = rows.length === 1 ? rowName(sheet, 'runs', rows[0] as number) : '';
  const days = rows.length === 1 ? (viewOf(sheet, 'runs', rows[0] as number, 'train_days')?.display ?? '') : '';
  const on =
    sets.length > 0
      ? ` on ${sets.slice(0, 3).join(', ')}${sets.length > 3 ? ` and ${counted(sets.length - 3, 'other set')}` : ''}`
      : '';
  return `The plan trains ${single || counted(rows.length, 'run')}${flop ? ` with ${flop}` : ''}${on}${days ? ` in ${days} days of wall-clock time` : ''}.`;
}

function money(sheet: Sheet, cost: ProgrammeCost): string {
  const { currency } = sheet.plan.settings;
  const text = (value: number): string => {
    const short = shortMoney(value, currency);
    return `${short.value} ${short.unit}`;
  };
  if (!Number.isFinite(cost.value))
    return `The total cost is unknown: ${text(cost.known)} are known, ${counted(cost.unknown, 'amount')} ${cost.unknown === 1 ? 'is' : 'are'} not.`;
  const certain =
    cost.spread && cost.spread.p10 < cost.spread.p90
      ? `; in 8 of 10 cases it lies between ${text(cost.spread.p10)} and ${text(cost.spread.p90)}`
      : '; no input carries a range, so how sure this is remains open';
  return `It costs ${text(cost.value)} with every input at its median${certain}.${largestShare(sheet, cost)}`;
}

function largestShare(sheet: Sheet, cost: ProgrammeCost): string {
  const lead = leadingRun(sheet);
  if (lead === null || includedRows(sheet, 'runs').length < 2) return '';
  const share = shareText(sheet.column('runs', 'total_cost')?.values[lead] ?? Number.NaN, cost.value);
  return share ? ` ${rowName(sheet, 'runs', lead)} is ${share} of it.` : '';
}

function impact(sheet: Sheet): string {
  const energy = total(sheet, 'energy_mwh');
  const carbon = total(sheet, 'tco2e_location');
  if (!energy) return '';
  return `It draws ${energy} at the meter${carbon ? ` and emits ${carbon} of CO₂e by the grid where the chips stand` : '; its emissions are unknown, because no region is set for every run'}.`;
}

/** A total with its unit; empty when unknown. */
function total(sheet: Sheet, id: string): string {
  const column = sheet.column('runs', id) as ColumnState | undefined;
  if (!column) return '';
  const { value } = aggregateNodeOf(sheet, 'runs', column).result;
  return Number.isFinite(value) ? `${shown(column, value / column.unit.scale)} ${column.unit.text}` : '';
}
