/**
 * Monte Carlo over a recalculated sheet. Samples are pulled: asking for a cell computes the cells it needs, one vector of
 * samples each, and only where a value differs between samples. Rows are computed one after the other and forgotten, so
 * memory does not grow with the plan. Every uncertain source has its own scrambled Sobol dimension, by the number the plan
 * keeps for it; ranges typed in cells of one column share a factor besides.
 */
import type { TableId } from '../document/plan.ts';
import type { FunctionDef, LibraryContext } from '../formula/function.ts';
import type { Binding, Frame, Operand, Operation, Program } from '../formula/program.ts';
import { Runner } from '../formula/run.ts';
import { scheduleText } from '../formula/schedule.ts';
import { distributionFrom, type Distribution } from '../uncertainty/distributions.ts';
import { hashText } from '../uncertainty/rng.ts';
import { fromNormalInto } from '../uncertainty/sampling.ts';
import { SOBOL_DIMENSIONS } from '../uncertainty/joe-kuo.ts';
import { sourceNormals } from '../uncertainty/sobol.ts';
import { correlateInto, gaussianFromRank, mixFactorInto } from '../uncertainty/copula.ts';
import { quantileScratch, quantilesOf, spreadOf } from '../uncertainty/quantiles.ts';
import { emptyResult } from './aggregate.ts';
import { COLUMN_CORRELATION, correlationModel, familyOf, type CorrelationModel } from './correlations.ts';
import type { AggregateNode, GraphNode } from './node.ts';
import { at, central, SampledGroup, type Sampled } from './sampled-group.ts';
import type { Sheet } from './sheet.ts';
import type { ColumnState, TableState } from './state.ts';
import type { Spread } from './view.ts';

export interface SampleSettings {
  readonly samples: number;
  readonly seed: number;
  /** Rank correlation between ranges typed in cells of one column, in place of everything the plan sets. */
  readonly columnCorrelation?: number;
  /** Holds sources at a normal point (0 is the median) instead of sampling them: for tornados. Keys are source keys. */
  readonly hold?: ReadonlyMap<string, number>;
  /** Holds every other source at its median. */
  readonly holdOthers?: boolean;
}

export type { Sampled } from './sampled-group.ts';

export class Sampler {
  readonly sheet: Sheet;
  readonly settings: SampleSettings;
  private readonly shared = new Map<string, Sampled>();
  private readonly normals = new Map<string, Float64Array>();
  private readonly pool: Float64Array[] = [];
  private readonly scratch;
  private readonly gaussian: number;
  private readonly correlations: CorrelationModel | null;

  constructor(sheet: Sheet, settings: SampleSettings) {
    this.sheet = sheet;
    this.settings = settings;
    const { library } = sheet.evaluator;
    this.library = { ...library, text: (id) => (id < 0 ? (this.schedules[-id] ?? '') : library.text(id)) };
    this.scratch = quantileScratch(settings.samples);
    this.gaussian = gaussianFromRank(settings.columnCorrelation ?? COLUMN_CORRELATION);
    this.correlations = settings.columnCorrelation === undefined ? correlationModel(sheet.plan.correlations) : null;
  }

  /** Samples of a cell in base units. The vector belongs to the sampler. */
  cell(table: TableId, key: string, columnId: string): Sampled {
    const column = this.sheet.column(table, columnId);
    const row = this.sheet.state.tables[table].rowNumber.get(key);
    if (!column || row === undefined) return Number.NaN;
    return this.pinned(column, row);
  }

  /** Calls `visit` with the samples of every uncertain number of a row; vectors are only valid during the call. */
  row(table: TableState, row: number, visit: (column: ColumnState, samples: Float64Array) => void): void {
    const frame = new RowFrame(this, table, row);
    for (const column of table.columns) {
      if (!column.uncertain[row]) continue;
      const samples = frame.column(column);
      if (typeof samples !== 'number') visit(column, samples);
    }
    frame.release();
  }

  /** Samples of a scalar node: a cell elsewhere, an aggregate, a percentile. */
  node(node: number): Sampled {
    const target = this.sheet.state.nodes[node] as GraphNode;
    switch (target.is) {
      case 'cell': {
        const table = this.sheet.state.tables[target.table];
        const row = table.rowNumber.get(target.row);
        return row === undefined ? Number.NaN : this.pinned(table.columns[target.column] as ColumnState, row);
      }
      case 'aggregate':
        return target.uncertain
          ? this.remember(
              `aggregate ${node}`,
              () => this.aggregate(target).get('') ?? emptyResult(target.expr.name).value,
            )
          : target.result.value;
      case 'percentile':
        return target.value;
      default:
        return Number.NaN;
    }
  }

  private readonly groups = new Map<string, Map<string, Sampled>>();

  /** Samples of an indexed aggregate by key. */
  keyed(node: number, target: AggregateNode, key: string): Sampled {
    if (!target.uncertain) return (target.groups?.get(key) ?? emptyResult(target.expr.name)).value;
    const name = `groups ${node}`;
    let groups = this.groups.get(name);
    if (!groups) this.groups.set(name, (groups = this.aggregate(target)));
    return groups.get(key) ?? emptyResult(target.expr.name).value;
  }

  private remember(name: string, make: () => Sampled): Sampled {
    let known = this.shared.get(name);
    if (known === undefined) this.shared.set(name, (known = make()));
    return known;
  }

  /** A cell asked for from elsewhere: kept for the life of the sampler. */
  private pinned(column: ColumnState, row: number): Sampled {
    if (!column.uncertain[row]) return column.values[row] as number;
    const name = `${column.node} ${row}`;
    const known = this.shared.get(name);
    if (known !== undefined) return known;
    // Marks the cell as being computed: a circle through percentiles or other rows ends as unknown, not as a hang.
    this.shared.set(name, Number.NaN);
    const frame = new RowFrame(this, column.table, row);
    const kept = frame.keep(frame.column(column));
    frame.release();
    this.shared.set(name, kept);
    return kept;
  }

  private aggregate(target: AggregateNode): Map<string, Sampled> {
    const { expr } = target;
    const table = this.sheet.state.tables[expr.table];
    const groups = new Map<string, SampledGroup>();
    const included = table.byId.get('included')?.values;
    for (let row = 0; row < table.keys.length; row++) {
      if (included && included[row] === 0) continue;
      const frame = new RowFrame(this, table, row);
      const filter = target.filter ? frame.program(target.filter) : 1;
      if (filter !== 0) {
        const key = target.keys.map((program) => central(frame.program(program))).join('|');
        let group = groups.get(key);
        if (!group) groups.set(key, (group = new SampledGroup(expr.name, this.settings.samples)));
        group.add(expr.name !== 'count' && target.value ? frame.program(target.value) : 1, filter);
      }
      frame.release();
    }
    return new Map([...groups].map(([key, group]) => [key, group.result()]));
  }

  /** Normal points of an uncertain source in every sample, for sensitivities. A held source does not vary: 0. */
  normal(source: number): Float64Array {
    const z = new Float64Array(this.settings.samples);
    this.normalsInto(source, z, 0);
    return z;
  }

  /**
   * Standard normal points `start`, `start + 1`, … of an uncertain source, the shared factor of its column mixed in.
   * Points are made where they are used: only shared factors and correlated sources are kept.
   */
  normalsInto(source: number, out: Float64Array, start: number): void {
    const key = this.sheet.state.sourceKeys[source] as string;
    const held = this.settings.hold?.get(key) ?? (this.settings.holdOthers ? 0 : null);
    if (held !== null) return void out.fill(held);
    const named = key.replace(/#$/, '');
    if (this.correlations?.rows.has(named)) return out.set(this.kept(named).subarray(start, start + out.length));
    this.fillNormals(key, out, start);
    const family = familyOf(key);
    const rho = family === null ? 0 : (this.correlations?.shared.get(family) ?? this.gaussian);
    if (family === null || rho === 0) return;
    const factor = this.kept(family).subarray(start, start + out.length);
    mixFactorInto(factor, out, { shared: Math.sqrt(rho), own: Math.sqrt(1 - rho) }, out, out.length);
  }

  /** All points of a shared factor or of a source that the plan's correlations name. */
  private kept(name: string): Float64Array {
    let z = this.normals.get(name);
    if (!z) {
      z = this.correlated(name);
      if (!z) this.fillNormals(name, (z = new Float64Array(this.settings.samples)), 0);
      this.normals.set(name, z);
    }
    return z;
  }

  private independent: Float64Array[] | null = null;

  /** Points of a source that the plan's correlations name; undefined for others. */
  private correlated(name: string): Float64Array | undefined {
    const model = this.correlations;
    const row = model?.rows.get(name);
    if (!model || row === undefined) return undefined;
    const { samples } = this.settings;
    this.independent ??= model.names.map((member) => {
      const z = new Float64Array(samples);
      this.fillNormals(member, z, 0);
      return z;
    });
    const out = new Float64Array(samples);
    correlateInto(model.factor, model.names.length, row, this.independent, out, samples);
    return out;
  }

  private fillNormals(key: string, out: Float64Array, start: number): void {
    const numbers = this.sheet.plan.sources;
    // A column's own distribution (`runs.*.mfu#`) has the number of its column.
    const name = key.replace(/#$/, '');
    const number = Object.hasOwn(numbers, name) ? (numbers[name] as number) : undefined;
    // Sources without a number of their own, and numbers beyond the table, take hashed points: still fixed by their name.
    const dimension =
      number !== undefined && number < SOBOL_DIMENSIONS ? number : SOBOL_DIMENSIONS + (hashText(key) >>> 1);
    sourceNormals(out, dimension, this.settings.seed, start, out.length);
  }

  /** Schedules whose values vary live as long as the sampler: their numbers are negative, texts of the plan's positive. */
  private readonly schedules: string[] = [''];
  readonly library: LibraryContext;

  /** Number that stands for a schedule of sampled values. */
  schedule(starts: readonly number[], values: readonly number[]): number {
    return 1 - this.schedules.push(scheduleText(starts, values));
  }

  private readonly made = new WeakMap<Operation, { readonly values: readonly number[]; readonly is: Distribution }>();

  /** The distribution of an operation: made once for all chunks, with its tables. */
  distribution(operation: Operation & { code: 'distribution' }, values: readonly number[]): Distribution {
    let made = this.made.get(operation);
    if (!made || made.values.some((value, i) => value !== values[i])) {
      made = { values, is: distributionFrom(operation.name, [...values], operation.fraction) };
      this.made.set(operation, made);
    }
    return made.is;
  }

  take(): Float64Array {
    return this.pool.pop() ?? new Float64Array(this.settings.samples);
  }

  give(vector: Float64Array): void {
    this.pool.push(vector);
  }

  /** P5 to P95 and mean of samples, divided by `scale`. */
  spread(samples: Float64Array, scale: number): Spread {
    const raw = spreadOf(samples, samples.length, this.scratch);
    return {
      p5: raw.p5 / scale,
      p10: raw.p10 / scale,
      p50: raw.p50 / scale,
      p90: raw.p90 / scale,
      p95: raw.p95 / scale,
      mean: raw.mean / scale,
    };
  }

  /** One quantile of samples. */
  quantile(samples: Float64Array, fraction: number): number {
    const out = new Float64Array(1);
    quantilesOf(samples, samples.length, Float64Array.of(fraction), out, this.scratch);
    return out[0] as number;
  }

  get frames(): { runner(): Runner; done(runner: Runner): void } {
    return this.runners;
  }
  private readonly idle: Runner[] = [];
  private readonly runners = {
    runner: (): Runner => this.idle.pop() ?? new Runner(),
    done: (runner: Runner): void => void this.idle.push(runner),
  };
}

/** The cells of one row while its samples are computed. */
class RowFrame implements Frame {
  private readonly sampler: Sampler;
  private readonly table: TableState | null;
  private readonly row: number;
  private readonly cells = new Map<number, Sampled>();
  private readonly owned: Float64Array[] = [];

  constructor(sampler: Sampler, table: TableState | null, row: number) {
    this.sampler = sampler;
    this.table = table;
    this.row = row;
  }

  /** A vector of this row that outlives it: it is taken out of the frame, or copied when it is not the frame's. */
  keep(samples: Sampled): Sampled {
    if (typeof samples === 'number') return samples;
    const own = this.owned.indexOf(samples);
    if (own < 0) return samples.slice();
    this.owned.splice(own, 1);
    return samples;
  }

  release(): void {
    for (const vector of this.owned) this.sampler.give(vector);
    this.owned.length = 0;
    this.cells.clear();
  }

  column(column: ColumnState): Sampled {
    if (!column.uncertain[this.row]) return column.values[this.row] as number;
    const known = this.cells.get(column.index);
    if (known !== undefined) return known;
    this.cells.set(column.index, Number.NaN);
    const entry = column.entries.get(this.row);
    const compiled = entry ? (entry.is === 'formula' ? entry.compiled : null) : column.compiled;
    const samples = compiled && !compiled.error ? this.program(compiled.program) : (column.values[this.row] as number);
    this.cells.set(column.index, samples);
    return samples;
  }

  /** Samples of a program at this row. */
  program(program: Program): Sampled {
    if (this.isConstant(program)) return this.sampler.sheet.evaluator.at(program, this.table, this.row);
    const out = this.sampler.take();
    this.owned.push(out);
    const { runner, done } = this.sampler.frames;
    const used = runner();
    used.run(program, this, out.length, out, 0);
    done(used);
    return out;
  }

  private isConstant(program: Program): boolean {
    if (program.sources.length > 0) return false;
    const { sheet } = this.sampler;
    return !program.dependencies.some((dependency) => {
      const node = sheet.state.nodes[dependency] as GraphNode;
      if (node.is === 'column')
        return node.column.table === this.table ? node.column.uncertain[this.row] === 1 : node.column.anyUncertain;
      return sheet.evaluator.nodeUncertain(node);
    });
  }

  private place(value: Sampled, i: number, binding: Binding): void {
    if (typeof value === 'number') binding.scalar(i, value);
    else {
      binding.arrays[i] = value;
      binding.offsets[i] = 0;
      binding.steps[i] = 1;
    }
  }

  bind(operand: Operand, i: number, binding: Binding): void {
    if (operand.from === 'column' && this.table)
      this.place(this.column(this.table.columns[operand.column] as ColumnState), i, binding);
    else if (operand.from === 'scalar') this.place(this.sampler.node(operand.node), i, binding);
    else binding.scalar(i, Number.NaN);
  }

  catalog(kind: string, field: string, n: number, out: Float64Array, o: number, ids: Float64Array, p: number): void {
    this.sampler.sheet.evaluator.catalog(kind, field, n, out, o, ids, p);
  }

  lookup(column: number, start: number, n: number, out: Float64Array, o: number, ids: Float64Array, p: number): void {
    const { state } = this.sampler.sheet;
    const target = (state.nodes[column] as GraphNode & { is: 'column' }).column;
    let value: Sampled = Number.NaN;
    for (let i = 0; i < n; i++) {
      const id = ids[p + i] as number;
      if (i === 0 || id !== ids[p + i - 1])
        value = this.sampler.cell(target.table.id, state.texts.text(id), target.def.id);
      out[o + i] = at(value, start + i);
    }
  }

  keyed(
    node: number,
    start: number,
    n: number,
    out: Float64Array,
    o: number,
    keys: readonly Float64Array[],
    offsets: readonly number[],
  ): void {
    const target = this.sampler.sheet.state.nodes[node] as AggregateNode;
    const keyAt = (array: Float64Array, k: number, i: number): number => array[(offsets[k] as number) + i] as number;
    let value: Sampled = Number.NaN;
    for (let i = 0; i < n; i++) {
      if (i === 0 || keys.some((array, k) => keyAt(array, k, i) !== keyAt(array, k, i - 1)))
        value = this.sampler.keyed(node, target, keys.map((array, k) => keyAt(array, k, i)).join('|'));
      out[o + i] = at(value, start + i);
    }
  }

  distribution(
    operation: Operation & { code: 'distribution' },
    start: number,
    n: number,
    out: Float64Array,
    o: number,
    args: readonly Float64Array[],
    offsets: readonly number[],
  ): void {
    const points = out.subarray(o, o + n);
    this.sampler.normalsInto(operation.source, points, start);
    const first = args.map((array, k) => array[offsets[k] as number] as number);
    const fixed = args.every((array, k) => {
      const from = offsets[k] as number;
      const value = array[from] as number;
      for (let i = 1; i < n; i++) if (array[from + i] !== value) return false;
      return true;
    });
    if (fixed) {
      fromNormalInto(this.sampler.distribution(operation, first), points, points, n);
      return;
    }
    for (let i = 0; i < n; i++) {
      const values = args.map((array, k) => array[(offsets[k] as number) + i] as number);
      const one = points.subarray(i, i + 1);
      fromNormalInto(distributionFrom(operation.name, values, operation.fraction), one, one, 1);
    }
  }

  schedule(starts: readonly number[], values: readonly number[]): number {
    return this.sampler.schedule(starts, values);
  }

  call(fn: FunctionDef, memo: Map<string, number>, args: number[]): number {
    // Sampled arguments rarely repeat: remembering them would only fill memory.
    void memo;
    return fn.compute(args, this.sampler.library);
  }

  join(a: number, b: number): number {
    return this.sampler.sheet.evaluator.join(a, b);
  }
}

/** Samples of a program outside any row (the CLI's `eval`, percentiles). */
export function sampleProgram(sampler: Sampler, program: Program, table: TableState | null, row: number): Sampled {
  const frame = new RowFrame(sampler, table, row);
  const kept = frame.keep(frame.program(program));
  frame.release();
  return kept;
}
