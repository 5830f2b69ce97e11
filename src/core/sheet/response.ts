/**
 * How the value of an expensive function answers to its arguments: computed at their central values and at half and
 * twice each argument that varies, and followed from there by its elasticities (a power law on each side of the centre).
 * Samples then cost a multiplication instead of a search or a fit.
 */
import type { LibraryContext } from '../formula/function.ts';
import type { Operation } from '../formula/program.ts';
import type { ValueType } from '../formula/types.ts';

/** Different texts, dates and answers of yes or no that may meet in the samples of one cell. */
const MOST_CASES = 64;

type Call = Operation & { readonly code: 'call' };

/** One side of the centre in one argument, all others at theirs. */
interface Side {
  /** Distance from the centre at which `value` was computed. */
  readonly far: number;
  /** Value there; NaN where there is none. */
  readonly value: number;
  /** Elasticity; NaN where a power law has no sense and the side is a straight line. */
  readonly power: number;
}

interface Response {
  readonly value: number;
  /** Below and above the centre, by argument; made when a sample first goes there. */
  readonly sides: (readonly [below: Side, above: Side] | undefined)[];
}

export class Responses {
  private readonly call: Call;
  private readonly center: readonly number[];
  private readonly types: readonly ValueType[];
  private readonly context: LibraryContext;
  /** Arguments that are no numbers, and those that are. */
  private readonly fixed: readonly number[];
  private readonly numbers: readonly number[];
  /** A result of yes or no, or a text: taken from the nearest point that was computed. */
  private readonly jumps: boolean;
  private readonly cases = new Map<string, Response>();
  private latest: { readonly args: readonly number[]; readonly response: Response } | null = null;

  /** `center` holds the central values of the arguments, in base units. */
  constructor(call: Call, center: readonly number[], context: LibraryContext) {
    this.call = call;
    this.center = center;
    this.types = call.exprs.map((expr) => expr.type);
    this.fixed = this.types.flatMap((type, k) => (type.is === 'number' ? [] : [k]));
    this.numbers = this.types.flatMap((type, k) => (type.is === 'number' ? [k] : []));
    const { result } = call.fn;
    this.jumps = result === 'boolean' || result === 'text' || result.includes(':');
    this.context = context;
  }

  /** The function for the arguments of one sample; NaN where it has no value. */
  at(args: readonly number[]): number {
    const response = this.caseOf(args);
    if (!response) return Number.NaN;
    let ratio = 1;
    for (const k of this.numbers) {
      const x = args[k] as number;
      const x0 = this.center[k] as number;
      if (x === x0) continue;
      const [below, above] = (response.sides[k] ??= this.sidesOf(response, args, k));
      const side = x < x0 ? below : above;
      if (this.jumps) {
        if (Math.abs(x - x0) > side.far / 2 && !Number.isNaN(side.value)) return side.value;
      } else if (side.power === side.power) ratio *= (x / x0) ** side.power;
      else ratio *= 1 + (side.value / response.value - 1) * (Math.abs(x - x0) / side.far);
    }
    return response.value * ratio;
  }

  private isNumber(k: number): boolean {
    return this.types[k]?.is === 'number';
  }

  /** Texts and dates are not followed but taken as they are, each with the numbers at their centre. */
  private caseOf(args: readonly number[]): Response | null {
    const { latest } = this;
    if (latest && this.fixed.every((k) => Object.is(args[k], latest.args[k]))) return latest.response;
    const fixed = this.centered(args);
    const name = this.fixed.map((k) => args[k]).join('|');
    let known = this.cases.get(name);
    if (!known) {
      if (this.cases.size >= MOST_CASES) return null;
      known = { value: this.compute(fixed), sides: [] };
      this.cases.set(name, known);
    }
    this.latest = { args: fixed, response: known };
    return known;
  }

  /** Numbers at their centre, everything else as it is. */
  private centered(args: readonly number[]): number[] {
    return args.map((value, k) => (this.isNumber(k) ? (this.center[k] as number) : value));
  }

  private compute(args: readonly number[]): number {
    const { fn } = this.call;
    if (!fn.acceptsUnknown && !args.every(Number.isFinite)) return Number.NaN;
    return fn.compute(args, this.context);
  }

  /** Where one side has no value (a layout that does not fit), the other side's elasticity holds on both. */
  private sidesOf(response: Response, args: readonly number[], k: number): [Side, Side] {
    const x0 = this.center[k] as number;
    const [low, high] = x0 > 0 ? [x0 / 2, x0 * 2] : [x0 - (Math.abs(x0) || 1), x0 + (Math.abs(x0) || 1)];
    const fixed = this.centered(args);
    const side = (at: number): Side => {
      const value = this.compute(fixed.with(k, at));
      const power = x0 > 0 ? Math.log(value / response.value) / Math.log(at / x0) : Number.NaN;
      return { far: Math.abs(at - x0), value, power };
    };
    const [below, above] = [side(low), side(high)];
    const mirrored = (own: Side, other: Side): Side =>
      Number.isNaN(own.value) && !this.jumps
        ? { ...other, value: 2 * response.value - other.value, far: other.far }
        : own;
    return [mirrored(below, above), mirrored(above, below)];
  }
}
