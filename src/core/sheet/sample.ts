/**
 * Monte Carlo over a recalculated sheet. Samples are pulled: asking for a cell computes the cells it needs, one vector of
 * samples each, and only where a value differs between samples. Rows are computed one after the other and forgotten, so
 * memory does not grow with the plan.
 */
import type { TableId } from '../document/plan.ts';
import type { LibraryContext } from '../formula/function.ts';
import type { Operation, Program } from '../formula/program.ts';
import { Runner } from '../formula/run.ts';
import { scheduleText } from '../formula/schedule.ts';
import { distributionFrom, type Distribution } from '../uncertainty/distributions.ts';
import { quantileScratch, quantilesOf, spreadOf } from '../uncertainty/quantiles.ts';
import { emptyResult } from './aggregate.ts';
import type { AggregateNode, GraphNode } from './node.ts';
import { RowFrame } from './row-frame.ts';
import { central, SampledGroup, type Sampled } from './sampled-group.ts';
import type { Sheet } from './sheet.ts';
import { SourcePoints, type PointSettings } from './source-points.ts';
import type { ColumnState, TableState } from './state.ts';
import { totalNode } from './totals.ts';
import type { Spread } from './view.ts';

export interface SampleSettings extends PointSettings {
  /** Holds sources at a normal point (0 is the median) instead of sampling them: for tornados. Keys are source keys. */
  readonly hold?: ReadonlyMap<string, number>;
  /** Holds every other source at its median. */
  readonly holdOthers?: boolean;
  /** Set where samples may wait for the answers of long computations: they are unknown until those come. */
  readonly later?: boolean;
}

export type { Sampled } from './sampled-group.ts';

export class Sampler {
  readonly sheet: Sheet;
  readonly settings: SampleSettings;
  private readonly shared = new Map<string, Sampled>();
  private readonly pool: Float64Array[] = [];
  private readonly scratch;
  private readonly points: SourcePoints;

  constructor(sheet: Sheet, settings: SampleSettings) {
    this.sheet = sheet;
    this.settings = settings;
    const { library } = sheet.evaluator;
    this.library = {
      ...library,
      text: (id) => (id < 0 ? (this.schedules[-id] ?? '') : library.text(id)),
      answer: settings.later ? library.answer : (question) => sheet.evaluator.answers.now(question),
    };
    this.scratch = quantileScratch(settings.samples);
    this.points = new SourcePoints(sheet.plan, settings);
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

  /**
   * Draws the totals of columns of one table together, so that each row is computed once; stops after every row. When it
   * is through, `node` knows them.
   */
  *totals(table: TableState, columns: readonly ColumnState[]): Generator<void, void> {
    const groups = columns.map(() => new SampledGroup('sum', this.settings.samples));
    const included = table.byId.get('included')?.values;
    for (let row = 0; row < table.keys.length; row++) {
      if (included && included[row] === 0) continue;
      const frame = new RowFrame(this, table, row);
      columns.forEach((column, i) => groups[i]?.add(frame.column(column), 1));
      frame.release();
      yield;
    }
    columns.forEach((column, i) => {
      const node = totalNode(this.sheet, table.id, column);
      this.shared.set(`aggregate ${node}`, (groups[i] as SampledGroup).result());
    });
  }

  /** Normal points of an uncertain source in every sample, for sensitivities. A held source does not vary: 0. */
  normal(source: number): Float64Array {
    const z = new Float64Array(this.settings.samples);
    this.normalsInto(source, z, 0);
    return z;
  }

  /** Standard normal points `start`, `start + 1`, … of an uncertain source. */
  normalsInto(source: number, out: Float64Array, start: number): void {
    const key = this.sheet.state.sourceKeys[source] as string;
    const held = this.settings.hold?.get(key) ?? (this.settings.holdOthers ? 0 : null);
    if (held !== null) out.fill(held);
    else this.points.into(key, out, start);
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

/** Samples of a program outside any row (the CLI's `eval`, percentiles). */
export function sampleProgram(sampler: Sampler, program: Program, table: TableState | null, row: number): Sampled {
  const frame = new RowFrame(sampler, table, row);
  const kept = frame.keep(frame.program(program));
  frame.release();
  return kept;
}
