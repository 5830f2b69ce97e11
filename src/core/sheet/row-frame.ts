/** One row while its samples are computed: where the operands of its programs come from. */
import type { FunctionDef } from '../formula/function.ts';
import type { Binding, Frame, Operand, Operation, Program } from '../formula/program.ts';
import { distributionFrom } from '../uncertainty/distributions.ts';
import { fromNormalInto } from '../uncertainty/sampling.ts';
import { valueOf } from './interpret.ts';
import type { AggregateNode, GraphNode } from './node.ts';
import { Responses } from './response.ts';
import type { Sampler } from './sample.ts';
import { at, type Sampled } from './sampled-group.ts';
import type { ColumnState, TableState } from './state.ts';

/** The cells of one row. Their vectors belong to the frame until `release`. */
export class RowFrame implements Frame {
  private readonly sampler: Sampler;
  private readonly table: TableState | null;
  private readonly row: number;
  private readonly cells = new Map<number, Sampled>();
  private readonly owned: Float64Array[] = [];
  private readonly responses = new Map<Operation, Responses>();

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

  /** Sampled arguments move the central value by its elasticities. */
  callExpensive(
    operation: Operation & { code: 'call' },
    n: number,
    out: Float64Array,
    o: number,
    args: readonly Float64Array[],
    offsets: readonly number[],
  ): boolean {
    let response = this.responses.get(operation);
    if (!response) {
      const { sheet, library } = this.sampler;
      const place = { table: this.table?.id ?? null, row: this.row };
      const center = operation.exprs.map((expr) => valueOf(sheet, expr, place));
      this.responses.set(operation, (response = new Responses(operation, center, library)));
    }
    const values = args.map(() => Number.NaN);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < args.length; k++) values[k] = (args[k] as Float64Array)[(offsets[k] as number) + i] as number;
      out[o + i] = response.at(values);
    }
    return true;
  }

  join(a: number, b: number): number {
    return this.sampler.sheet.evaluator.join(a, b);
  }
}
