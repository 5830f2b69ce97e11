/** A name in lower case without punctuation: what two spellings of one name have in common. */
export function fold(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

/** A name as a key: lower case, words joined by `-`, dots kept (`Llama-3.1-405B` -> `llama-3.1-405b`). */
export function slug(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
}

/**
 * The words of a machine's name that can name a chip: `XE9680_H200_SXM_141GBx8_TRT` -> xe9680, h200, sxm, 141gb, trt.
 * Counts glued to a word (`8xH100`, `141GBx8`) are dropped.
 */
export function chipWords(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/^\d+x(?=[a-z])/, '').replace(/(?<=[a-z0-9])x\d+$/, ''))
    .filter((word) => word !== '');
}

/** The `count` names nearest to `wanted`, by shared letter pairs and edit distance; far ones are left out. */
export function nearest(wanted: string, names: Iterable<string>, count = 3): string[] {
  const target = fold(wanted);
  const scored: { name: string; score: number }[] = [];
  for (const name of names) {
    const score = similarity(target, fold(name));
    if (score >= 0.4) scored.push({ name, score });
  }
  scored.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  return [...new Set(scored.map((s) => s.name))].slice(0, count);
}

/** 0 (nothing shared) to 1 (equal): the better of the Dice coefficient of letter pairs and a shared beginning. */
function similarity(a: string, b: string): number {
  if (a === b) return 1;
  if (a.length < 2 || b.length < 2) return 0;
  const pairs = new Map<string, number>();
  for (let i = 0; i < a.length - 1; i++) pairs.set(a.slice(i, i + 2), (pairs.get(a.slice(i, i + 2)) ?? 0) + 1);
  let shared = 0;
  for (let i = 0; i < b.length - 1; i++) {
    const left = pairs.get(b.slice(i, i + 2)) ?? 0;
    if (left > 0) {
      shared++;
      pairs.set(b.slice(i, i + 2), left - 1);
    }
  }
  const dice = (2 * shared) / (a.length + b.length - 2);
  return b.startsWith(a) || a.startsWith(b) ? Math.max(dice, 0.75) : dice;
}
