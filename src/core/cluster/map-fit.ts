/** A parameter of a model under fit: Gaussian prior. */
export interface GaussianPrior {
  readonly mean: number;
  readonly sd: number;
}

export interface FitOptions {
  /** Spread of a good row's residual (log); 0.06. */
  readonly sigma?: number;
  /** Where residuals stop counting quadratically, in sigmas; 1.5. */
  readonly softness?: number;
  readonly start?: Float64Array;
  readonly iterations?: number;
  /** Called between iterations; return false to stop early. */
  readonly onIteration?: (iteration: number, cost: number) => boolean;
}

export interface FitResult {
  readonly theta: Float64Array;
  /** Posterior standard deviation of each parameter (inverse of the Gauss-Newton matrix). */
  readonly sd: Float64Array;
  readonly cost: number;
  readonly iterations: number;
}

/**
 * Least squares with soft-L1 loss and Gaussian priors (Levenberg-Marquardt, forward differences). `difference` gives the
 * weighted residual of a row. Deterministic: no seed is involved. With no rows the priors come back.
 */
export function fitWithPriors(
  priors: readonly GaussianPrior[],
  rows: number,
  difference: (theta: Float64Array, row: number) => number,
  options: FitOptions = {},
): FitResult {
  const sigma = options.sigma ?? 0.06;
  const softness = options.softness ?? 1.5;
  const n = priors.length;
  const theta = Float64Array.from(options.start ?? Float64Array.from(priors, (p) => p.mean));
  const residual = (t: Float64Array, out: Float64Array): number => {
    let cost = 0;
    for (let i = 0; i < rows; i++) {
      const d = difference(t, i) / sigma;
      const r = Math.sign(d) * softness * Math.sqrt(2 * (Math.sqrt(1 + (d / softness) ** 2) - 1));
      out[i] = r;
      cost += r * r;
    }
    for (let j = 0; j < n; j++) {
      const r = (t[j]! - priors[j]!.mean) / priors[j]!.sd;
      cost += r * r;
    }
    return cost;
  };
  const base = new Float64Array(rows);
  const moved = new Float64Array(rows);
  const jacobian = new Float64Array(rows * n);
  let cost = residual(theta, base);
  let damping = 1e-3;
  let iteration = 0;
  const normal = new Float64Array(n * n);
  const gradient = new Float64Array(n);
  for (; iteration < (options.iterations ?? 40); iteration++) {
    for (let j = 0; j < n; j++) {
      const before = theta[j]!;
      theta[j] = before + 1e-5;
      residual(theta, moved);
      theta[j] = before;
      for (let i = 0; i < rows; i++) jacobian[i * n + j] = (moved[i]! - base[i]!) / 1e-5;
    }
    normalEquations(priors, jacobian, base, theta, rows, normal, gradient);
    let improved = false;
    for (let attempt = 0; attempt < 12 && !improved; attempt++) {
      const step = solve(normal, gradient, n, damping);
      const next = theta.map((value, j) => value - step[j]!);
      const nextCost = residual(next, moved);
      if (nextCost < cost) {
        improved = true;
        const gain = (cost - nextCost) / cost;
        theta.set(next);
        base.set(moved);
        cost = nextCost;
        damping = Math.max(1e-9, damping / 4);
        if (gain < 1e-6) improved = false;
        if (!improved) attempt = 99;
      } else damping *= 4;
    }
    if (!improved || options.onIteration?.(iteration, cost) === false) break;
  }
  return { theta, sd: spread(normal, n), cost, iterations: iteration };
}

function normalEquations(
  priors: readonly GaussianPrior[],
  jacobian: Float64Array,
  residuals: Float64Array,
  theta: Float64Array,
  rows: number,
  normal: Float64Array,
  gradient: Float64Array,
): void {
  const n = priors.length;
  normal.fill(0);
  gradient.fill(0);
  for (let i = 0; i < rows; i++) {
    const offset = i * n;
    for (let j = 0; j < n; j++) {
      const a = jacobian[offset + j]!;
      if (a === 0) continue;
      gradient[j] = gradient[j]! + a * residuals[i]!;
      for (let k = 0; k <= j; k++) normal[j * n + k] = normal[j * n + k]! + a * jacobian[offset + k]!;
    }
  }
  for (let j = 0; j < n; j++) {
    const { mean, sd } = priors[j]!;
    normal[j * n + j] = normal[j * n + j]! + 1 / (sd * sd);
    gradient[j] = gradient[j]! + (theta[j]! - mean) / (sd * sd);
    for (let k = 0; k < j; k++) normal[k * n + j] = normal[j * n + k]!;
  }
}

/** Cholesky factor of a symmetric positive definite matrix with its diagonal scaled by 1 + damping. */
function cholesky(a: Float64Array, n: number, damping: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]! * (i === j ? 1 + damping : 1);
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      lower[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j * n + j]!;
    }
  return lower;
}

function solve(a: Float64Array, b: Float64Array, n: number, damping: number): Float64Array {
  const lower = cholesky(a, n, damping);
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] = x[i]! - lower[i * n + k]! * x[k]!;
    x[i] = x[i]! / lower[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = x[i]! - lower[k * n + i]! * x[k]!;
    x[i] = x[i]! / lower[i * n + i]!;
  }
  return x;
}

function spread(normal: Float64Array, n: number): Float64Array {
  const sd = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    const unit = new Float64Array(n);
    unit[j] = 1;
    sd[j] = Math.sqrt(solve(normal, unit, n, 0)[j]!);
  }
  return sd;
}
