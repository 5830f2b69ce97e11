/** Runs a program over n rows or samples, in chunks that stay in the processor's nearest cache. */
import * as kernel from './kernels.ts';
import { CHUNK, type Binding, type Frame, type Operation, type Program } from './program.ts';

/** Scratch space of one runner: registers and broadcast scalars. A runner is not re-entrant; nested runs take another. */
export class Runner {
  private readonly registers: Float64Array[] = [];
  private readonly broadcasts: Float64Array[] = [];
  private readonly arrays: Float64Array[] = [];
  private offsets = new Int32Array(64);
  private steps = new Uint8Array(64);
  private fill = 0;

  private register(i: number): Float64Array {
    return (this.registers[i] ??= new Float64Array(CHUNK));
  }

  /** Writes n results of the program to `out` from offset `o`. */
  run(program: Program, frame: Frame, n: number, out: Float64Array, o: number): void {
    const { operands, operations } = program;
    if (operands.length > this.offsets.length) {
      this.offsets = new Int32Array(operands.length * 2);
      this.steps = new Uint8Array(operands.length * 2);
    }
    const { arrays, offsets, steps } = this;
    this.fill = Math.min(n, CHUNK);
    const binding: Binding = this.binding;
    for (let i = 0; i < operands.length; i++) {
      const operand = operands[i] as Program['operands'][number];
      if (operand.from === 'register') {
        arrays[i] = this.register(operand.register);
        offsets[i] = 0;
        steps[i] = 0;
      } else if (operand.from === 'constant') binding.scalar(i, operand.value);
      else frame.bind(operand, i, binding);
    }
    const result = program.result;
    const last = operations.length - 1;
    const direct = last >= 0 && (operations[last] as Operation).out === result;
    for (let start = 0; start < n; start += CHUNK) {
      const count = Math.min(CHUNK, n - start);
      for (let k = 0; k <= last; k++) {
        const operation = operations[k] as Operation;
        if (k === last && direct) this.step(operation, frame, start, count, out, o + start);
        else this.step(operation, frame, start, count, arrays[operation.out] as Float64Array, 0);
      }
      if (!direct)
        kernel.copy(
          count,
          out,
          o + start,
          arrays[result] as Float64Array,
          (offsets[result] as number) + (steps[result] as number) * start,
        );
    }
  }

  private readonly binding: Binding = (() => {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- accessors below read fields that are replaced when they grow
    const runner = this;
    return {
      arrays: this.arrays,
      get offsets() {
        return runner.offsets;
      },
      get steps() {
        return runner.steps;
      },
      scalar(i: number, value: number) {
        const array = (runner.broadcasts[i] ??= new Float64Array(CHUNK));
        array.fill(value, 0, runner.fill);
        runner.arrays[i] = array;
        runner.offsets[i] = 0;
        runner.steps[i] = 0;
      },
    };
  })();

  private step(operation: Operation, frame: Frame, start: number, n: number, out: Float64Array, o: number): void {
    const { arrays, offsets, steps } = this;
    const at = (i: number): number => (offsets[i] as number) + (steps[i] as number) * start;
    const array = (i: number): Float64Array => arrays[i] as Float64Array;
    switch (operation.code) {
      case 'multiply':
        return kernel.multiply(n, out, o, array(operation.a), at(operation.a), array(operation.b), at(operation.b));
      case 'multiply3':
        return kernel.multiply3(
          n,
          out,
          o,
          array(operation.a),
          at(operation.a),
          array(operation.b),
          at(operation.b),
          array(operation.c),
          at(operation.c),
        );
      case 'divide':
        return kernel.divide(n, out, o, array(operation.a), at(operation.a), array(operation.b), at(operation.b));
      case 'multiplyDivide':
        return kernel.multiplyDivide(
          n,
          out,
          o,
          array(operation.a),
          at(operation.a),
          array(operation.b),
          at(operation.b),
          array(operation.c),
          at(operation.c),
        );
      case 'divideProduct':
        return kernel.divideProduct(
          n,
          out,
          o,
          array(operation.a),
          at(operation.a),
          array(operation.b),
          at(operation.b),
          array(operation.c),
          at(operation.c),
        );
      case 'add':
        return kernel.add(n, out, o, array(operation.a), at(operation.a), array(operation.b), at(operation.b));
      case 'subtract':
        return kernel.subtract(n, out, o, array(operation.a), at(operation.a), array(operation.b), at(operation.b));
      case 'power':
        return kernel.power(n, out, o, array(operation.a), at(operation.a), array(operation.b), at(operation.b));
      case 'and':
        return kernel.and(n, out, o, array(operation.a), at(operation.a), array(operation.b), at(operation.b));
      case 'or':
        return kernel.or(n, out, o, array(operation.a), at(operation.a), array(operation.b), at(operation.b));
      case 'compare':
        return kernel.compare(
          operation.kind,
          n,
          out,
          o,
          array(operation.a),
          at(operation.a),
          array(operation.b),
          at(operation.b),
        );
      case 'select':
        return kernel.select(
          n,
          out,
          o,
          array(operation.a),
          at(operation.a),
          array(operation.b),
          at(operation.b),
          array(operation.c),
          at(operation.c),
        );
      case 'copy':
        return kernel.copy(n, out, o, array(operation.a), at(operation.a));
      case 'negate':
        return kernel.negate(n, out, o, array(operation.a), at(operation.a));
      case 'not':
        return kernel.not(n, out, o, array(operation.a), at(operation.a));
      case 'catalog':
        return frame.catalog(operation.kind, operation.field, n, out, o, array(operation.a), at(operation.a));
      case 'lookup':
        return frame.lookup(operation.column, start, n, out, o, array(operation.a), at(operation.a));
      case 'keyed':
        return frame.keyed(operation.node, start, n, out, o, operation.args.map(array), operation.args.map(at));
      case 'distribution':
        return frame.distribution(operation, start, n, out, o, operation.args.map(array), operation.args.map(at));
      case 'join': {
        const a = array(operation.a);
        const b = array(operation.b);
        for (let i = 0; i < n; i++)
          out[o + i] = frame.join(a[at(operation.a) + i] as number, b[at(operation.b) + i] as number);
        return;
      }
      case 'schedule':
        for (let i = 0; i < n; i++)
          out[o + i] = frame.schedule(
            operation.starts,
            operation.args.map((arg) => array(arg)[at(arg) + i] as number),
          );
        return;
      case 'call':
        return this.call(operation, frame, n, out, o, operation.args.map(array), operation.args.map(at));
    }
  }

  /** Calls a library function element by element; runs of equal arguments cost one call. */
  private call(
    operation: Operation & { code: 'call' },
    frame: Frame,
    n: number,
    out: Float64Array,
    o: number,
    args: readonly Float64Array[],
    offsets: readonly number[],
  ): void {
    if (operation.fn.expensive && frame.callExpensive(operation, n, out, o, args, offsets)) return;
    const width = args.length;
    const values: number[] = new Array<number>(width).fill(Number.NaN);
    const accepts = operation.fn.acceptsUnknown === true;
    let last = Number.NaN;
    let fresh = false;
    for (let i = 0; i < n; i++) {
      let same = fresh;
      let known = true;
      for (let k = 0; k < width; k++) {
        const value = (args[k] as Float64Array)[(offsets[k] as number) + i] as number;
        if (!Object.is(value, values[k])) {
          values[k] = value;
          same = false;
        }
        if (value - value !== 0) known = false;
      }
      if (!same) {
        last = known || accepts ? frame.call(operation.fn, operation.memo, values) : Number.NaN;
        fresh = true;
      }
      out[o + i] = last;
    }
  }
}
