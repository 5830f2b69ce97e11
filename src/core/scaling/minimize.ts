/**
 * Minimum of `f` on [low, high]: a coarse scan picks the valley, Brent's method finishes in it.
 * Good for functions with one valley per scan cell. Infinite values are allowed.
 * @returns the place; `low` or `high` when the minimum lies at an end.
 * @source Brent 1973, Algorithms for Minimization without Derivatives, chapter 5.
 */
export function minimizeScalar(
  f: (x: number) => number,
  low: number,
  high: number,
  scan = 64,
  tolerance = 1e-10,
): number {
  let best = low;
  let bestValue = f(low);
  let bestIndex = 0;
  const width = (high - low) / scan;
  for (let i = 1; i <= scan; i++) {
    const x = i === scan ? high : low + i * width;
    const value = f(x);
    if (value < bestValue) {
      bestValue = value;
      best = x;
      bestIndex = i;
    }
  }
  const left = Math.max(low, low + (bestIndex - 1) * width);
  const right = Math.min(high, low + (bestIndex + 1) * width);
  const x = brent(f, left, right, tolerance);
  return f(x) <= bestValue ? x : best;
}

function brent(f: (x: number) => number, left: number, right: number, tolerance: number): number {
  const golden = (3 - Math.sqrt(5)) / 2;
  let a = left;
  let b = right;
  let x = a + golden * (b - a);
  let w = x;
  let v = x;
  let fx = f(x);
  let fw = fx;
  let fv = fx;
  let d = 0;
  let e = 0;
  for (let i = 0; i < 120; i++) {
    const middle = (a + b) / 2;
    const tol = tolerance * Math.abs(x) + 1e-14;
    if (Math.abs(x - middle) <= 2 * tol - (b - a) / 2) break;
    let useGolden = true;
    if (Math.abs(e) > tol) {
      const r = (x - w) * (fx - fv);
      let q = (x - v) * (fx - fw);
      let p = (x - v) * q - (x - w) * r;
      q = 2 * (q - r);
      if (q > 0) p = -p;
      q = Math.abs(q);
      const previous = e;
      e = d;
      if (Math.abs(p) < Math.abs(0.5 * q * previous) && p > q * (a - x) && p < q * (b - x)) {
        d = p / q;
        const u = x + d;
        if (u - a < 2 * tol || b - u < 2 * tol) d = middle > x ? tol : -tol;
        useGolden = false;
      }
    }
    if (useGolden) {
      e = x < middle ? b - x : a - x;
      d = golden * e;
    }
    const u = x + (Math.abs(d) >= tol ? d : d > 0 ? tol : -tol);
    const fu = f(u);
    if (fu <= fx) {
      if (u < x) b = x;
      else a = x;
      v = w;
      fv = fw;
      w = x;
      fw = fx;
      x = u;
      fx = fu;
    } else {
      if (u < x) a = u;
      else b = u;
      if (fu <= fw || w === x) {
        v = w;
        fv = fw;
        w = u;
        fw = fu;
      } else if (fu <= fv || v === x || v === w) {
        v = u;
        fv = fu;
      }
    }
  }
  return x;
}

/**
 * Minimum of a function of two variables by the downhill simplex (Nelder and Mead 1965), started from `start` with the given
 * initial `spread`, restarted once at the end to leave a collapsed simplex.
 * @returns [x, y, value].
 */
export function minimizePlane(
  f: (x: number, y: number) => number,
  start: readonly [number, number],
  spread: number,
  tolerance = 1e-13,
): [number, number, number] {
  let best: [number, number, number] = [start[0], start[1], f(start[0], start[1])];
  for (let round = 0; round < 2; round++) best = simplex(f, best, round === 0 ? spread : spread / 20, tolerance);
  return best;
}

type Corner = [number, number, number];

function simplex(f: (x: number, y: number) => number, start: Corner, spread: number, tolerance: number): Corner {
  const corner = (x: number, y: number): Corner => [x, y, f(x, y)];
  const corners: Corner[] = [start, corner(start[0] + spread, start[1]), corner(start[0], start[1] + spread)];
  for (let i = 0; i < 400; i++) {
    corners.sort((p, q) => p[2] - q[2]);
    const [best, middle, worst] = corners as [Corner, Corner, Corner];
    const size =
      Math.abs(worst[0] - best[0]) +
      Math.abs(worst[1] - best[1]) +
      Math.abs(middle[0] - best[0]) +
      Math.abs(middle[1] - best[1]);
    if (
      size < 1e-9 * (1 + Math.abs(best[0]) + Math.abs(best[1])) &&
      worst[2] - best[2] <= tolerance * Math.abs(best[2])
    )
      break;
    if (size < 1e-14) break;
    const cx = (best[0] + middle[0]) / 2;
    const cy = (best[1] + middle[1]) / 2;
    const along = (t: number) => corner(cx + t * (worst[0] - cx), cy + t * (worst[1] - cy));
    const reflected = along(-1);
    if (reflected[2] < best[2]) {
      const expanded = along(-2);
      corners[2] = expanded[2] < reflected[2] ? expanded : reflected;
    } else if (reflected[2] < middle[2]) {
      corners[2] = reflected;
    } else {
      const contracted = reflected[2] < worst[2] ? along(-0.5) : along(0.5);
      if (contracted[2] < Math.min(worst[2], reflected[2])) corners[2] = contracted;
      else {
        corners[1] = corner((best[0] + middle[0]) / 2, (best[1] + middle[1]) / 2);
        corners[2] = corner((best[0] + worst[0]) / 2, (best[1] + worst[1]) / 2);
      }
    }
  }
  corners.sort((p, q) => p[2] - q[2]);
  return corners[0]!;
}
