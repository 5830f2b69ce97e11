/** The figures a reader asks for first, from the sheet's totals; each with the formula that gives it. */
import { formatFixed, formatMoney, formatPrefixed, formatSignificant } from '../core/format/number.ts';
import { programmeSamples } from '../core/sheet/compare.ts';
import { catalogRow } from '../core/sheet/catalog.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { Spreads } from '../core/sheet/spreads.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import { aggregateNodeOf, PROGRAMME_COLUMNS } from '../core/sheet/totals.ts';
import type { Spread } from '../core/sheet/view.ts';
import { includedRows, rowName, shown, viewOf } from './cells.ts';
import type { KeyFigure } from './model.ts';

const GIB = 2 ** 30;

export interface ProgrammeCost {
  /** Central, in currency units; NaN when unknown. */
  readonly value: number;
  readonly known: number;
  readonly unknown: number;
  readonly spread: Spread | null;
  readonly formula: string;
}

/** Cost of included runs and other cost lines, as the totals of the tables say. */
export function programmeCost(sheet: Sheet, spreads: Spreads): ProgrammeCost {
  const parts = PROGRAMME_COLUMNS.flatMap(([table, id]) => {
    const column = sheet.column(table, id);
    const counts = table === 'runs' || sheet.state.tables[table].keys.length > 0;
    const none = id === 'contingency_cost' && column && aggregateNodeOf(sheet, table, column).result.value === 0;
    return column && counts && !none ? [{ table, id, column }] : [];
  });
  const results = parts.map(({ table, column }) => aggregateNodeOf(sheet, table, column).result);
  const sampler = spreads.current();
  const samples = programmeSamples(sheet, sampler);
  const found = typeof samples === 'number' ? null : sampler.spread(samples, 1);
  const spread = found && Number.isFinite(found.p50) ? found : null;
  const total = (of: (result: (typeof results)[number]) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  return {
    value: total((result) => result.value),
    known: total((result) => result.known),
    unknown: total((result) => result.unknown),
    spread,
    formula: parts.map(({ table, id }) => `sum(${table}.${id})`).join(' + '),
  };
}

/** `66.12 M USD` in two parts; below a million in whole units. */
export function shortMoney(value: number, currency: string): { value: string; unit: string } {
  if (Math.abs(value) < 999_500) return { value: formatFixed(value, 0), unit: currency };
  const { text, prefix } = formatPrefixed(value, 4);
  return { value: text, unit: `${prefix} ${currency}` };
}

/** The run that decides the hardware on the first page: the dearest, else the one with the most FLOP. */
export function leadingRun(sheet: Sheet): number | null {
  const rank = (row: number): number => {
    const key = sheet.state.tables.runs.keys[row] ?? '';
    const cost = sheet.value('runs', key, 'total_cost');
    return Number.isFinite(cost) ? cost : (sheet.value('runs', key, 'train_flop') || 0) * 1e-30;
  };
  return includedRows(sheet, 'runs').reduce<number | null>(
    (best, row) => (best === null || rank(row) > rank(best) ? row : best),
    null,
  );
}

/** Eight figures: FLOP, wall-clock, hardware and memory together, then cost, chip time, energy and carbon. */
export function keyFigures(sheet: Sheet, spreads: Spreads, cost: ProgrammeCost): KeyFigure[] {
  const lead = leadingRun(sheet);
  return [
    totalFigure(sheet, spreads, 'train_flop', 'Training compute'),
    wallClock(sheet, spreads),
    hardware(sheet, lead),
    memory(sheet, lead),
    costFigure(sheet, cost),
    totalFigure(sheet, spreads, 'chip_hours', 'Chip time, billed'),
    totalFigure(sheet, spreads, 'energy_mwh', 'Energy at the meter'),
    totalFigure(sheet, spreads, 'tco2e_location', 'CO₂e, location-based'),
  ];
}

function totalFigure(sheet: Sheet, spreads: Spreads, id: string, label: string): KeyFigure {
  const column = sheet.column('runs', id);
  if (!column) return { label, value: 'unknown', unit: '', detail: '' };
  const { result } = aggregateNodeOf(sheet, 'runs', column);
  if (!Number.isFinite(result.value))
    return {
      label,
      value: 'unknown',
      unit: '',
      detail: `known part ${shown(column, result.known / column.unit.scale)} ${column.unit.text}, ${result.unknown} unknown`,
    };
  return {
    label,
    value: shown(column, result.value / column.unit.scale),
    unit: column.unit.text,
    detail: percentiles(column, spreads.ofTotal('runs', column)),
  };
}

function percentiles(column: ColumnState, spread: Spread | undefined): string {
  return spread && spread.p10 < spread.p90
    ? `P50 ${shown(column, spread.p50)} · P90 ${shown(column, spread.p90)}`
    : 'no range given';
}

function wallClock(sheet: Sheet, spreads: Spreads): KeyFigure {
  const column = sheet.column('runs', 'train_days');
  const rows = includedRows(sheet, 'runs');
  const known = rows.filter((row) => Number.isFinite(column?.values[row] as number));
  const longest = known.reduce<number | null>(
    (best, row) => (best === null || (column?.values[row] as number) > (column?.values[best] as number) ? row : best),
    null,
  );
  const label = rows.length > 1 ? 'Wall-clock, longest run' : 'Wall-clock';
  if (!column || longest === null) return { label, value: 'unknown', unit: '', detail: '' };
  const spread = spreads.ofCell(column, longest);
  const end = viewOf(sheet, 'runs', longest, 'end_date')?.display;
  const detail = [
    rows.length > 1 ? rowName(sheet, 'runs', longest) : '',
    percentiles(column, spread),
    end ? `ends ${end}` : '',
    known.length < rows.length ? `${rows.length - known.length} runs unknown` : '',
  ];
  return {
    label,
    value: viewOf(sheet, 'runs', longest, 'train_days')?.display ?? '',
    unit: column.unit.text === 'day' ? 'days' : column.unit.text,
    detail: detail.filter(Boolean).join(' · '),
  };
}

/** Numbers of chips of one kind that are said one by one. */
const SIZES = 3;

/** Chips of every included run, the kind of the leading one first: `2,048, 512 and 64 × H100 SXM5 80GB`. */
export function hardwareSets(sheet: Sheet, lead: number | null): string[] {
  const rows = includedRows(sheet, 'runs');
  const ordered = lead === null ? rows : [lead, ...rows.filter((row) => row !== lead)];
  const sizes = new Map<string, Map<string, number>>();
  for (const row of ordered) {
    const chips = viewOf(sheet, 'runs', row, 'chips');
    const name = hardwareName(sheet, row);
    if (!chips?.display || !name) continue;
    const own = sizes.get(name) ?? new Map<string, number>();
    sizes.set(name, own.set(chips.display, typeof chips.value === 'number' ? chips.value : 0));
  }
  return [...sizes].map(([name, own]) => {
    const texts = [...own].sort(([, a], [, b]) => b - a).map(([text]) => text);
    const shown =
      texts.length > SIZES + 1 ? [...texts.slice(0, SIZES), `${texts.length - SIZES} other numbers`] : texts;
    return `${shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : shown[0]} × ${name}`;
  });
}

export function hardwareName(sheet: Sheet, row: number): string {
  const key = viewOf(sheet, 'runs', row, 'hardware')?.display ?? '';
  return catalogRow(sheet.options.catalog, 'hardware', key)?.name ?? key;
}

/** Usable memory of a chip in GiB as printed; empty when the catalog does not know it. */
export function usableMemory(sheet: Sheet, key: string): string {
  const bytes = catalogRow(sheet.options.catalog, 'hardware', key)?.fields['memory_usable_bytes'];
  return typeof bytes === 'number' ? formatFixed(bytes / GIB, 1) : '';
}

function hardware(sheet: Sheet, lead: number | null): KeyFigure {
  const label = 'Hardware';
  const sets = hardwareSets(sheet, lead);
  if (lead === null || sets.length === 0)
    return { label, value: 'unknown', unit: '', detail: 'no run names chips and their number' };
  const fact = (id: string, name: string): string => {
    const view = viewOf(sheet, 'runs', lead, id);
    return view?.display ? `${name}${view.display}` : '';
  };
  const several =
    new Set(includedRows(sheet, 'runs').map((row) => viewOf(sheet, 'runs', row, 'chips')?.display)).size > 1;
  const others =
    sets.length > 1 || several
      ? `${hardwareName(sheet, lead)}, largest run; in all ${sets.slice(0, 2).join('; ')}${sets.length > 2 ? `; ${sets.length - 2} more kinds` : ''}`
      : [hardwareName(sheet, lead), fact('precision', ''), fact('mfu', 'MFU '), fact('layout', '')]
          .filter(Boolean)
          .join(' · ');
  const chips = viewOf(sheet, 'runs', lead, 'chips')?.display ?? '';
  return { label, value: chips || 'unknown', unit: 'chips', detail: others };
}

function memory(sheet: Sheet, lead: number | null): KeyFigure {
  const label = 'Memory per chip';
  const key = lead === null ? '' : (viewOf(sheet, 'runs', lead, 'hardware')?.display ?? '');
  const usable = usableMemory(sheet, key);
  const need = lead === null ? undefined : viewOf(sheet, 'runs', lead, 'memory_per_chip_gib');
  if (need?.display) {
    const fits = viewOf(sheet, 'runs', lead as number, 'memory_fits')?.display;
    return {
      label,
      value: need.display,
      unit: usable ? `of ${usable} GiB` : 'GiB',
      detail: [fits === 'yes' ? 'fits' : fits === 'no' ? 'does not fit' : '', 'usable memory, not the label']
        .filter(Boolean)
        .join('; '),
    };
  }
  return usable
    ? { label, value: usable, unit: 'GiB usable', detail: 'what this run needs is not in the plan' }
    : { label, value: 'unknown', unit: '', detail: 'the catalog does not know the chip’s usable memory' };
}

function costFigure(sheet: Sheet, cost: ProgrammeCost): KeyFigure {
  const { currency } = sheet.plan.settings;
  const label = 'Total cost, central';
  if (!Number.isFinite(cost.value))
    return {
      label,
      value: 'unknown',
      unit: '',
      detail: `known part ${formatMoney(cost.known)} ${currency}, ${cost.unknown} unknown`,
    };
  const money = (value: number): string => {
    const short = shortMoney(value, currency);
    return `${short.value} ${short.unit.replace(currency, '').trim()}`.trim();
  };
  return {
    label,
    ...shortMoney(cost.value, currency),
    detail:
      cost.spread && cost.spread.p10 < cost.spread.p90
        ? `P50 ${money(cost.spread.p50)} · P90 ${money(cost.spread.p90)}`
        : 'no range given',
  };
}

/** Share of a part in the whole: `54.3 %`. */
export function shareText(part: number, whole: number): string {
  return Number.isFinite(part) && Number.isFinite(whole) && whole !== 0
    ? `${formatSignificant((part / whole) * 100, 3)} %`
    : '';
}
