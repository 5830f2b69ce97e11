/** How a run of cells goes on when it is dragged further, as spreadsheets do it. */

/**
 * The next `count` texts after a run; with `backwards` those before it, nearest first. Two or more plain numbers or dates
 * with one step go on by that step; one date goes on by days; one text that ends in a number counts on; anything else
 * repeats. A single number repeats: a lone `40%` dragged down means the same for all.
 */
export function continued(run: readonly string[], count: number, backwards = false): string[] {
  const source = backwards ? [...run].reverse() : run;
  const next = stepper(source);
  return Array.from({ length: count }, (_, i) => (next ? next(i + 1) : (source[i % source.length] ?? '')));
}

type Stepper = (steps: number) => string;

function stepper(run: readonly string[]): Stepper | null {
  return numbers(run) ?? dates(run) ?? counted(run);
}

const NUMBER = /^\s*([-−+]?\d+(?:\.\d+)?)\s*([kKMBT%]?)\s*$/;

function numbers(run: readonly string[]): Stepper | null {
  const found = run.map((text) => NUMBER.exec(text));
  if (found.length < 2 || found.some((match) => !match || match[2] !== found[0]?.[2])) return null;
  const values = found.map((match) => Number(match?.[1]?.replace('−', '-')));
  const step = stepOf(values);
  if (step === null) return null;
  const decimals = Math.max(...found.map((match) => (match?.[1]?.split('.')[1] ?? '').length));
  const last = values.at(-1) as number;
  return (steps) => `${(last + steps * step).toFixed(decimals)}${found[0]?.[2] ?? ''}`;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

function dates(run: readonly string[]): Stepper | null {
  if (run.length === 0 || run.some((text) => !DATE.test(text.trim()))) return null;
  const days = run.map((text) => Date.parse(`${text.trim()}T00:00:00Z`) / DAY_MS);
  const step = run.length === 1 ? 1 : stepOf(days);
  if (step === null || days.some(Number.isNaN)) return null;
  const last = days.at(-1) as number;
  return (steps) => new Date((last + steps * step) * DAY_MS).toISOString().slice(0, 10);
}

/** A step that all neighbours share, to 12 digits; null when there is none. */
function stepOf(values: readonly number[]): number | null {
  const step = (values[1] as number) - (values[0] as number);
  const size = Math.max(...values.map(Math.abs));
  const even = values.every((value, i) => Math.abs(value - ((values[0] as number) + i * step)) <= 1e-12 * size);
  return even ? step : null;
}

function counted(run: readonly string[]): Stepper | null {
  const [only] = run;
  if (run.length !== 1 || only === undefined || only.trim().startsWith('=')) return null;
  const match = /^(.*[A-Za-z_ -])(\d+)$/.exec(only);
  if (!match || !/^[A-Za-z]/.test(only)) return null;
  const [, head = '', digits = ''] = match;
  return (steps) => `${head}${String(Number(digits) + steps).padStart(digits.length, '0')}`;
}
