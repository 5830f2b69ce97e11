/** Value at `x`; writes the gradient into `gradient`. Must not keep either array. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Most iterations; default 200. */
  readonly maxIterations?: number;
  /**
   * Stop when an iteration improves the value by less than this share of it, three times in a row. The test is relative on
   * purpose: an absolute tolerance stops early on small objectives, the error behind the interval Hoffmann et al. published.
   */
  readonly relativeTolerance?: number;
}

/**
 * Minimiser for smooth or piecewise smooth functions of a few variables: L-BFGS with a weak-Wolfe bisection line search
 * (Lewis and Overton 2013), which also copes with the kinks of a Huber loss. All memory is taken once, in the constructor;
 * `minimize` allocates nothing, so thousands of fits cost no garbage collection.
 */
export class Lbfgs {
  readonly size: number;
  /** Iterations and evaluations used by the last call. */
  iterations = 0;
  evaluations = 0;
  private readonly memory: number;
  private readonly s: Float64Array;
  private readonly y: Float64Array;
  private readonly rho: Float64Array;
  private readonly coefficient: Float64Array;
  private readonly gradient: Float64Array;
  private readonly trial: Float64Array;
  private readonly trialGradient: Float64Array;
  private readonly direction: Float64Array;

  constructor(size: number, memory = 8) {
    this.size = size;
    this.memory = memory;
    this.s = new Float64Array(size * memory);
    this.y = new Float64Array(size * memory);
    this.rho = new Float64Array(memory);
    this.coefficient = new Float64Array(memory);
    this.gradient = new Float64Array(size);
    this.trial = new Float64Array(size);
    this.trialGradient = new Float64Array(size);
    this.direction = new Float64Array(size);
  }

  /**
   * Moves `x` to a local minimum of `f` and returns the value there.
   * @returns Infinity, with `x` unchanged, when `f` is not finite at the start.
   */
  minimize(f: Objective, x: Float64Array, options: LbfgsOptions = {}): number {
    const maxIterations = options.maxIterations ?? 200;
    const tolerance = options.relativeTolerance ?? 1e-13;
    const { size, memory, s, y, rho, gradient, trial, trialGradient, direction } = this;
    this.iterations = 0;
    this.evaluations = 1;
    let value = f(x, gradient);
    if (!Number.isFinite(value)) return Infinity;
    let stored = 0;
    let next = 0;
    let idle = 0;
    for (let iteration = 0; iteration < maxIterations; iteration++) {
      this.iterations = iteration + 1;
      this.setDirection(stored, next);
      let slope = 0;
      for (let i = 0; i < size; i++) slope += gradient[i]! * direction[i]!;
      if (!(slope < 0)) {
        if (stored === 0) break;
        stored = 0;
        continue;
      }
      let low = 0;
      let high = Infinity;
      let step = 1;
      if (stored === 0) {
        let norm = 0;
        for (let i = 0; i < size; i++) norm += Math.abs(gradient[i]!);
        step = Math.min(1, 0.1 / norm);
      }
      let trialValue = Infinity;
      let found = false;
      for (let attempt = 0; attempt < 30; attempt++) {
        for (let i = 0; i < size; i++) trial[i] = x[i]! + step * direction[i]!;
        trialValue = f(trial, trialGradient);
        this.evaluations++;
        if (!(trialValue <= value + 1e-4 * step * slope)) {
          high = step;
          const bend = trialValue - value - slope * step;
          const guess = bend > 0 ? (-slope * step * step) / (2 * bend) : 0;
          const middle = (low + high) / 2;
          step = low === 0 && guess > 0.1 * high && guess < middle ? guess : middle;
        } else {
          let trialSlope = 0;
          for (let i = 0; i < size; i++) trialSlope += trialGradient[i]! * direction[i]!;
          found = true;
          if (trialSlope >= 0.9 * slope) break;
          low = step;
          step = high === Infinity ? 2 * step : (low + high) / 2;
        }
        if (step < 1e-18) break;
      }
      if (!found) {
        if (stored === 0) break;
        stored = 0;
        next = 0;
        continue;
      }
      if (!(trialValue <= value)) break;
      let sy = 0;
      const at = next * size;
      for (let i = 0; i < size; i++) {
        const move = trial[i]! - x[i]!;
        const turn = trialGradient[i]! - gradient[i]!;
        s[at + i] = move;
        y[at + i] = turn;
        sy += move * turn;
        x[i] = trial[i]!;
        gradient[i] = trialGradient[i]!;
      }
      if (sy > 0) {
        rho[next] = 1 / sy;
        next = (next + 1) % memory;
        if (stored < memory) stored++;
      }
      idle = value - trialValue <= tolerance * Math.abs(value) ? idle + 1 : 0;
      value = trialValue;
      if (idle >= 3) break;
    }
    return value;
  }

  /** Two-loop recursion: direction = -H gradient. */
  private setDirection(stored: number, next: number): void {
    const { size, memory, s, y, rho, coefficient, gradient, direction } = this;
    for (let i = 0; i < size; i++) direction[i] = -gradient[i]!;
    if (stored === 0) return;
    for (let k = 1; k <= stored; k++) {
      const slot = (next - k + memory) % memory;
      const at = slot * size;
      let dot = 0;
      for (let i = 0; i < size; i++) dot += s[at + i]! * direction[i]!;
      const c = rho[slot]! * dot;
      coefficient[slot] = c;
      for (let i = 0; i < size; i++) direction[i] = direction[i]! - c * y[at + i]!;
    }
    const last = ((next - 1 + memory) % memory) * size;
    let yy = 0;
    for (let i = 0; i < size; i++) yy += y[last + i]! * y[last + i]!;
    const scale = 1 / (rho[(next - 1 + memory) % memory]! * yy);
    for (let i = 0; i < size; i++) direction[i] = direction[i]! * scale;
    for (let k = stored; k >= 1; k--) {
      const slot = (next - k + memory) % memory;
      const at = slot * size;
      let dot = 0;
      for (let i = 0; i < size; i++) dot += y[at + i]! * direction[i]!;
      const c = coefficient[slot]! - rho[slot]! * dot;
      for (let i = 0; i < size; i++) direction[i] = direction[i]! + c * s[at + i]!;
    }
  }
}
