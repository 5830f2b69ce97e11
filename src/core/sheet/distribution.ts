/** What the inspector shows of an uncertain value: spread, histogram, and the inputs that drive it. */
import type { TableId } from '../document/plan.ts';
import { normalCdf } from '../uncertainty/normal.ts';
import { histogram } from '../uncertainty/quantiles.ts';
import { firstOrderIndex, totalIndex } from '../uncertainty/sensitivity.ts';
import { familyOf } from './correlations.ts';
import type { AggregateNode, GraphNode } from './node.ts';
import { Sampler, type Sampled } from './sample.ts';
import type { Sheet } from './sheet.ts';
import type { ColumnState, Compiled, TableState } from './state.ts';
import type { DistributionView, DriverView } from './view.ts';

const BINS = 32;
const DRIVERS = 8;
/** Groups whose total index is computed, and sources above which none is: each takes the samples once more. */
const TOTALS = 4;
const MOST_SOURCES = 100;
/** The normal point of P90. */
const Z90 = 1.2815515655446004;

/** A value whose distribution is asked for: a cell, or a total (row null) by its aggregate node. */
export type Measure =
  | { readonly cell: { readonly table: TableId; readonly row: string; readonly column: string } }
  | { readonly node: number };

function sampleOf(sampler: Sampler, measure: Measure): Sampled {
  return 'cell' in measure
    ? sampler.cell(measure.cell.table, measure.cell.row, measure.cell.column)
    : sampler.node(measure.node);
}

/** Distribution of a measure in units of `scale`; null when it does not vary or is unknown. */
export function distributionOf(sheet: Sheet, measure: Measure, scale: number, unit: string): DistributionView | null {
  const { samples, seed } = sheet.plan.settings;
  const sampler = new Sampler(sheet, { samples, seed });
  const values = sampleOf(sampler, measure);
  if (typeof values === 'number') return null;
  const spread = sampler.spread(values, scale);
  if (!Number.isFinite(spread.p50)) return null;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // The outermost samples would squeeze the picture: bins span P0.5 to P99.5.
  const from = sampler.quantile(values, 0.005);
  const to = sampler.quantile(values, 0.995);
  const bins = histogram(values, values.length, BINS, from, to);
  return {
    unit,
    central: centralOf(sheet, measure) / scale,
    spread,
    p99: sampler.quantile(values, 0.99) / scale,
    histogram: { min: from / scale, max: to / scale, counts: [...bins.counts] },
    drivers: driversOf(sheet, sampler, measure, values, scale),
    samples,
    seed,
    ...('node' in measure
      ? {
          totalP90: {
            independent: p90At(sheet, measure, 0) / scale,
            asSet: spread.p90,
            together: p90At(sheet, measure, 1) / scale,
          },
        }
      : {}),
  };
}

/** P90 with another rank correlation between the cells of every column. */
function p90At(sheet: Sheet, measure: Measure, columnCorrelation: number): number {
  const { samples, seed } = sheet.plan.settings;
  const sampler = new Sampler(sheet, { samples, seed, columnCorrelation });
  const values = sampleOf(sampler, measure);
  return typeof values === 'number' ? values : sampler.quantile(values, 0.9);
}

function centralOf(sheet: Sheet, measure: Measure): number {
  return 'cell' in measure
    ? sheet.value(measure.cell.table, measure.cell.row, measure.cell.column)
    : sheet.evaluator.scalar(measure.node);
}

/** Sources by group: cells of one column drive a total together. */
function driversOf(
  sheet: Sheet,
  sampler: Sampler,
  measure: Measure,
  values: Float64Array,
  scale: number,
): DriverView[] {
  const groups = new Map<string, string[]>();
  for (const key of sourcesBehind(sheet, measure)) {
    const [table] = key.split('.');
    const column = key.slice(key.lastIndexOf('.') + 1);
    const group = table === 'assumptions' ? key : `${table}.*.${column}`;
    groups.set(group, [...(groups.get(group) ?? []), key]);
  }
  const evaluate = (hold: ReadonlyMap<string, number>): number => {
    const single = new Sampler(sheet, { samples: 1, seed: 0, hold, holdOthers: true });
    const value = sampleOf(single, measure);
    return typeof value === 'number' ? value : (value[0] as number);
  };
  const uniform = new Float64Array(values.length);
  const drivers = [...groups].map(([group, keys]): DriverView => {
    const low = evaluate(new Map(keys.map((key) => [key, -Z90])));
    const high = evaluate(new Map(keys.map((key) => [key, Z90])));
    uniform.fill(0);
    for (const key of keys) {
      const z = sampler.normal(sheet.state.sourceByKey.get(key) as number);
      for (let i = 0; i < uniform.length; i++) uniform[i] = (uniform[i] as number) + (z[i] as number) / keys.length;
    }
    for (let i = 0; i < uniform.length; i++) uniform[i] = normalCdf(uniform[i] as number);
    const id = keys.length === 1 ? (keys[0] as string) : group;
    return {
      id,
      label: labelOf(sheet, id),
      low: low / scale,
      high: high / scale,
      share: Math.max(0, firstOrderIndex(uniform, values, values.length)),
    };
  });
  const top = drivers.sort((a, b) => Math.abs(b.high - b.low) - Math.abs(a.high - a.low)).slice(0, DRIVERS);
  const sources = [...groups.values()].reduce((sum, keys) => sum + keys.length, 0);
  // Of inputs with typed correlations no share is their own.
  if (sources > MOST_SOURCES || (sheet.plan.correlations?.length ?? 0) > 0) return top;
  return top.map((driver, i) => {
    const keys = groups.get(driver.id) ?? [driver.id];
    return i < TOTALS ? { ...driver, total: totalOf(sheet, measure, keys, values) } : driver;
  });
}

/** Share of the variance that is left when everything but these sources is known: with all interactions. */
function totalOf(sheet: Sheet, measure: Measure, keys: readonly string[], values: Float64Array): number {
  const { samples, seed } = sheet.plan.settings;
  const resample = new Set(keys.flatMap((key) => [key.replace(/#$/, ''), familyOf(key) ?? key]));
  const other = sampleOf(new Sampler(sheet, { samples, seed, resample }), measure);
  return typeof other === 'number' ? 0 : totalIndex(values, other, values.length);
}

/** `runs.*.mfu` -> "MFU, all runs"; `assumptions.pue` -> "pue". */
function labelOf(sheet: Sheet, id: string): string {
  const [tableId, row] = id.split('.') as [TableId, string];
  const column = id.slice(id.lastIndexOf('.') + 1).replace(/#.*$/, '');
  if (tableId === 'assumptions') return row;
  const label = sheet.column(tableId, column)?.def.label ?? column;
  return row === '*' ? `${label}, all ${tableId}` : label;
}

/** Keys of the uncertain sources that a measure may depend on. */
export function sourcesBehind(sheet: Sheet, measure: Measure): string[] {
  const { state } = sheet;
  const found = new Set<string>();
  const seen = new Set<string>();
  const visitCompiled = (compiled: Compiled | null, table: TableState, row: number): void => {
    if (!compiled || compiled.error) return;
    for (const source of compiled.program.sources) found.add(state.sourceKeys[source] as string);
    for (const dependency of compiled.program.dependencies) visitNode(dependency, table, row);
  };
  const visitCell = (column: ColumnState, row: number): void => {
    const name = `${column.node} ${row}`;
    if (seen.has(name) || !column.uncertain[row]) return;
    seen.add(name);
    const entry = column.entries.get(row);
    visitCompiled(entry ? (entry.is === 'formula' ? entry.compiled : null) : column.compiled, column.table, row);
  };
  const visitAll = (column: ColumnState): void => {
    for (let row = 0; row < column.table.keys.length; row++) visitCell(column, row);
  };
  const visitAggregate = (target: AggregateNode): void => {
    for (const program of [target.value, target.filter, ...target.keys])
      for (const dependency of program?.dependencies ?? []) {
        const node = state.nodes[dependency] as GraphNode;
        if (node.is === 'column') visitAll(node.column);
        else visitNode(dependency, null, -1);
      }
  };
  const visitNode = (node: number, table: TableState | null, row: number): void => {
    const target = state.nodes[node] as GraphNode;
    if (target.is === 'column') {
      if (target.column.table === table) visitCell(target.column, row);
      else visitAll(target.column);
    } else if (target.is === 'cell') {
      const owner = state.tables[target.table];
      const at = owner.rowNumber.get(target.row);
      if (at !== undefined) visitCell(owner.columns[target.column] as ColumnState, at);
    } else if (target.is === 'aggregate') {
      if (seen.has(`n${node}`)) return;
      seen.add(`n${node}`);
      visitAggregate(target);
    }
  };
  if ('node' in measure) visitNode(measure.node, null, -1);
  else {
    const column = sheet.column(measure.cell.table, measure.cell.column);
    const row = state.tables[measure.cell.table].rowNumber.get(measure.cell.row);
    if (column && row !== undefined) visitCell(column, row);
  }
  return [...found];
}
