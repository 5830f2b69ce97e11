/** Checked expression to program: constants folded, products and quotients fused, registers reused. */
import type { Expr } from './expr.ts';
import type { Comparison } from './kernels.ts';
import type { Operand, Operation, Program } from './program.ts';

/** Gives node numbers to what a formula reads outside its own operations. */
export interface Linker {
  column(expr: Expr & { op: 'column' }): { readonly column: number; readonly node: number };
  cell(expr: Expr & { op: 'cell' }): number;
  lookup(expr: Expr & { op: 'lookup' }): { readonly column: number; readonly node: number };
  aggregate(expr: Expr & { op: 'aggregate' }): number;
  percentile(expr: Expr & { op: 'percentile' }): number;
  /** Number of the uncertain source of a distribution in this formula. */
  source(ordinal: number): number;
}

const ARITHMETIC: Readonly<Record<string, 'add' | 'subtract' | 'multiply' | 'divide' | 'power'>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '^': 'power',
};

class Compiler {
  readonly operands: Operand[] = [];
  readonly operations: Operation[] = [];
  readonly dependencies = new Set<number>();
  readonly sources: number[] = [];
  expensive = false;
  registers = 0;
  private readonly free: number[] = [];
  private readonly index = new Map<string, number>();
  private readonly linker: Linker;

  constructor(linker: Linker) {
    this.linker = linker;
  }

  private operand(key: string, make: () => Operand): number {
    let at = this.index.get(key);
    if (at === undefined) {
      at = this.operands.push(make()) - 1;
      this.index.set(key, at);
    }
    return at;
  }

  private constant(value: number): number {
    return this.operand(`=${Object.is(value, -0) ? '-0' : value}`, () => ({ from: 'constant', value }));
  }

  private scalar(node: number): number {
    this.dependencies.add(node);
    return this.operand(`s${node}`, () => ({ from: 'scalar', node }));
  }

  /** A register operand for a result. Registers of arguments are given back by the caller first. */
  private register(): number {
    const register = this.free.pop() ?? this.registers++;
    return this.operand(`r${register}`, () => ({ from: 'register', register }));
  }

  private release(...operands: readonly number[]): void {
    for (const at of new Set(operands)) {
      const operand = this.operands[at] as Operand;
      if (operand.from === 'register' && !this.free.includes(operand.register)) this.free.push(operand.register);
    }
  }

  private emit(make: (out: number) => Operation, ...args: readonly number[]): number {
    const out = this.register();
    this.operations.push(make(out));
    this.release(...args);
    return out;
  }

  private constantOf(at: number): number | null {
    const operand = this.operands[at] as Operand;
    return operand.from === 'constant' ? operand.value : null;
  }

  compile(expr: Expr): number {
    switch (expr.op) {
      case 'const':
        return this.constant(expr.value);
      case 'column': {
        const { column, node } = this.linker.column(expr);
        this.dependencies.add(node);
        return this.operand(`c${column}`, () => ({ from: 'column', column }));
      }
      case 'cell':
        return this.scalar(this.linker.cell(expr));
      case 'catalog': {
        const a = this.compile(expr.reference);
        return this.emit((out) => ({ code: 'catalog', out, a, kind: expr.kind, field: expr.field }), a);
      }
      case 'lookup': {
        const a = this.compile(expr.reference);
        const { column, node } = this.linker.lookup(expr);
        this.dependencies.add(node);
        return this.emit((out) => ({ code: 'lookup', out, a, column }), a);
      }
      case 'unary': {
        const a = this.compile(expr.operand);
        const value = this.constantOf(a);
        if (value !== null) return this.constant(expr.operator === '-' ? -value : 1 - value);
        return this.emit((out) => ({ code: expr.operator === '-' ? 'negate' : 'not', out, a }), a);
      }
      case 'binary':
        return this.binary(expr);
      case 'if': {
        const a = this.compile(expr.condition);
        const b = this.compile(expr.yes);
        const c = this.compile(expr.no);
        return this.emit((out) => ({ code: 'select', out, a, b, c }), a, b, c);
      }
      case 'call': {
        const args = expr.args.map((argument) => this.compile(argument));
        this.expensive ||= expr.fn.expensive === true;
        return this.emit(
          (out) => ({ code: 'call', fn: expr.fn, out, args, memo: new Map(), exprs: expr.args }),
          ...args,
        );
      }
      case 'distribution': {
        const args = expr.args.map((argument) => this.compile(argument));
        const source = this.linker.source(expr.ordinal);
        this.sources.push(source);
        return this.emit(
          (out) => ({ code: 'distribution', out, name: expr.name, fraction: expr.fraction, source, args }),
          ...args,
        );
      }
      case 'aggregate': {
        const node = this.linker.aggregate(expr);
        if (expr.keys.length === 0) return this.scalar(node);
        this.dependencies.add(node);
        const args = expr.keys.map((key) => this.compile(key.outer));
        return this.emit((out) => ({ code: 'keyed', node, out, args }), ...args);
      }
      case 'percentile':
        return this.scalar(this.linker.percentile(expr));
      case 'schedule': {
        const args = expr.steps.map((step) => this.compile(step.value));
        return this.emit(
          (out) => ({ code: 'schedule', starts: expr.steps.map((step) => step.from), out, args }),
          ...args,
        );
      }
    }
  }

  private binary(expr: Expr & { op: 'binary' }): number {
    const { operator, left, right } = expr;
    const arithmetic = ARITHMETIC[operator];
    if (arithmetic === 'multiply' || arithmetic === 'divide') return this.product(expr, arithmetic);
    const a = this.compile(left);
    const b = this.compile(right);
    if (arithmetic) {
      const scaled = this.dateScale(expr, a, b);
      if (scaled !== null) return scaled;
      const x = this.constantOf(a);
      const y = this.constantOf(b);
      if (x !== null && y !== null && arithmetic !== 'power')
        return this.constant(arithmetic === 'add' ? x + y : x - y);
      return this.emit((out) => ({ code: arithmetic, out, a, b }), a, b);
    }
    if (operator === 'and' || operator === 'or') return this.emit((out) => ({ code: operator, out, a, b }), a, b);
    if (operator === '&') return this.emit((out) => ({ code: 'join', out, a, b }), a, b);
    return this.emit((out) => ({ code: 'compare', kind: operator as Comparison, out, a, b }), a, b);
  }

  /** Dates are days, times are seconds: sums and differences with a date convert. */
  private dateScale(expr: Expr & { op: 'binary' }, a: number, b: number): number | null {
    const leftDate = expr.left.type.is === 'date';
    const rightDate = expr.right.type.is === 'date';
    if (!leftDate && !rightDate) return null;
    const day = this.constant(86_400);
    if (leftDate && rightDate) {
      const days = this.emit((out) => ({ code: 'subtract', out, a, b }), a, b);
      return this.emit((out) => ({ code: 'multiply', out, a: days, b: day }), days);
    }
    const [date, time] = leftDate ? [a, b] : [b, a];
    const days = this.emit((out) => ({ code: 'divide', out, a: time, b: day }), time);
    return this.emit(
      (out) => ({ code: expr.operator === '-' ? 'subtract' : 'add', out, a: date, b: days }),
      date,
      days,
    );
  }

  private product(expr: Expr & { op: 'binary' }, code: 'multiply' | 'divide'): number {
    const { left, right } = expr;
    if (left.op === 'binary' && left.operator === '*') {
      const a = this.compile(left.left);
      const b = this.compile(left.right);
      if (this.constantOf(a) === null || this.constantOf(b) === null) {
        const c = this.compile(right);
        return this.emit(
          (out) => ({ code: code === 'multiply' ? 'multiply3' : 'multiplyDivide', out, a, b, c }),
          a,
          b,
          c,
        );
      }
      return this.fold(code, this.fold('multiply', a, b), this.compile(right));
    }
    if (code === 'divide' && right.op === 'binary' && right.operator === '*') {
      const a = this.compile(left);
      const b = this.compile(right.left);
      const c = this.compile(right.right);
      return this.emit((out) => ({ code: 'divideProduct', out, a, b, c }), a, b, c);
    }
    return this.fold(code, this.compile(left), this.compile(right));
  }

  private fold(code: 'multiply' | 'divide', a: number, b: number): number {
    const x = this.constantOf(a);
    const y = this.constantOf(b);
    if (x !== null && y !== null && (code === 'multiply' || (y !== 0 && Number.isFinite(y))))
      return this.constant(code === 'multiply' ? x * y : x / y);
    return this.emit((out) => ({ code, out, a, b }), a, b);
  }
}

/** Compiles a checked formula. `linker` numbers what it reads. */
export function compileExpression(expr: Expr, linker: Linker): Program {
  const compiler = new Compiler(linker);
  const result = compiler.compile(expr);
  return {
    operands: compiler.operands,
    operations: compiler.operations,
    result,
    registers: compiler.registers,
    dependencies: [...compiler.dependencies],
    sources: compiler.sources,
    expensive: compiler.expensive,
    chooses: compiler.operations.some((operation) => operation.code === 'select'),
  };
}
