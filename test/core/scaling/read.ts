import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Rows of a published CSV under test/data as objects; quoted cells may hold commas. */
export function readCsv(name: string): Record<string, string>[] {
  const text = readFileSync(join(import.meta.dirname, '../../data', name), 'utf8').trim();
  const cut = (line: string) => [...line.matchAll(/("([^"]*)"|[^,]*)(,|$)/g)].map((m) => m[2] ?? m[1]!);
  const [head, ...lines] = text.split(/\r?\n/);
  const names = cut(head!);
  return lines.map((line) => Object.fromEntries(cut(line).map((cell, i) => [names[i] ?? '', cell])));
}

/** Asserts |a / b - 1| <= tolerance with a readable failure. */
export function within(actual: number, expected: number, tolerance: number, what: string): void {
  const error = expected === 0 ? Math.abs(actual) : Math.abs(actual / expected - 1);
  if (!(error <= tolerance))
    throw new Error(
      `${what}: ${actual} is ${(100 * error).toPrecision(3)} % from ${expected} (allowed ${100 * tolerance} %)`,
    );
}
