/* eslint-disable no-loss-of-precision -- coefficients as published */
/** The standard normal distribution: CDF and its inverse, to double precision. */

/** z at P95: half the width of a 90 % interval in standard deviations. */
export const Z95 = 1.6448536269514722;

/**
 * Inverse standard normal CDF: z with P(Z <= z) = p. Relative error about 1e-16 for the formula, 1e-15 as computed.
 * p = 0 and 1 give -Infinity and Infinity; p outside 0..1 or NaN gives NaN.
 * Source: M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Appl. Stat. 37 (1988).
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (q < -0.425 || q > 0.425 || q !== q) return tailQuantile(p, q);
  const r = 0.180625 - q * q;
  return (
    (q *
      (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r +
        45921.953931549871457) *
        r +
        13731.693765509461125) *
        r +
        1971.5909503065514427) *
        r +
        133.14166789178437745) *
        r +
        3.387132872796366608)) /
    (((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r + 21213.794301586595867) *
      r +
      5394.1960214247511077) *
      r +
      687.1870074920579083) *
      r +
      42.313330701600911252) *
      r +
      1)
  );
}

function tailQuantile(p: number, q: number): number {
  const tail = q < 0 ? p : 1 - p;
  if (!(tail > 0)) return tail === 0 ? (q < 0 ? -Infinity : Infinity) : NaN;
  let r = Math.sqrt(-Math.log(tail));
  let z: number;
  if (r <= 5) {
    r -= 1.6;
    z =
      (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r +
        1.27045825245236838258) *
        r +
        3.64784832476320460504) *
        r +
        5.7694972214606914055) *
        r +
        4.6303378461565452959) *
        r +
        1.42343711074968357734) /
      (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r +
        0.14810397642748007459) *
        r +
        0.68976733498510000455) *
        r +
        1.6763848301838038494) *
        r +
        2.05319162663775882187) *
        r +
        1);
  } else {
    r -= 5;
    z =
      (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r +
        0.026532189526576123093) *
        r +
        0.29656057182850489123) *
        r +
        1.7848265399172913358) *
        r +
        5.4637849111641143699) *
        r +
        6.6579046435011037772) /
      (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r +
        7.868691311456132591e-4) *
        r +
        0.0148753612908506148525) *
        r +
        0.13692988092273580531) *
        r +
        0.59983220655588793769) *
        r +
        1);
  }
  return q < 0 ? -z : z;
}

/**
 * Standard normal CDF: P(Z <= z), relative error about 1e-15 down to the smallest positive number. NaN gives NaN.
 * Source: W. J. Cody, "Rational Chebyshev Approximations for the Error Function", Math. Comp. 23 (1969), in the form of
 * his ANORM (SPECFUN, 1992).
 */
export function normalCdf(z: number): number {
  const x = Math.abs(z);
  if (x <= 0.67448975) {
    const r = x * x;
    const p =
      (((0.065682337918207449113 * r + 2.2352520354606839287) * r + 161.02823106855587881) * r +
        1067.6894854603709582) *
        r +
      18154.981253343561249;
    const q =
      (((r + 47.20258190468824187) * r + 976.09855173777669322) * r + 10260.932208618978205) * r +
      45507.789335026729956;
    return 0.5 + (z * p) / q;
  }
  const upper = x < 5.656854249492381 ? middleTail(x) : farTail(x);
  return z > 0 ? 1 - upper : upper;
}

/** Standard normal density at z. */
export function normalDensity(z: number): number {
  return INV_SQRT_2PI * bell(Math.abs(z));
}

const INV_SQRT_2PI = 0.39894228040143267794;

/** exp(-x^2 / 2) without the rounding error of x^2. */
function bell(x: number): number {
  const coarse = Math.floor(x * 16) / 16;
  return Math.exp(-0.5 * coarse * coarse) * Math.exp(-0.5 * (x - coarse) * (x + coarse));
}

function middleTail(x: number): number {
  const p =
    (((((((1.0765576773720192317e-8 * x + 0.39894151208813466764) * x + 8.8831497943883759412) * x +
      93.506656132177855979) *
      x +
      597.27027639480026226) *
      x +
      2494.5375852903726711) *
      x +
      6848.1904505362823326) *
      x +
      11602.651437647350124) *
      x +
    9842.7148383839780218;
  const q =
    (((((((x + 22.266688044328115691) * x + 235.38790178262499861) * x + 1519.377599407554805) * x +
      6485.558298266760755) *
      x +
      18615.571640885098091) *
      x +
      34900.952721145977266) *
      x +
      38912.003286093271411) *
      x +
    19685.429676859990727;
  return (bell(x) * p) / q;
}

function farTail(x: number): number {
  if (x !== x || x > 38.6) return x !== x ? NaN : 0;
  const r = 1 / (x * x);
  const p =
    ((((0.02307344176494017303 * r + 0.21589853405795699) * r + 0.1274011611602473639) * r + 0.022235277870649807) * r +
      0.001421619193227893466) *
      r +
    2.9112874951168792e-5;
  const q =
    ((((r + 1.28426009614491121) * r + 0.468238212480865118) * r + 0.0659881378689285515) * r +
      0.00378239633202758244) *
      r +
    7.29751555083966205e-5;
  return (bell(x) * (INV_SQRT_2PI - (r * p) / q)) / x;
}
