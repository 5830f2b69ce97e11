/** A name without case, punctuation and what stands in parentheses. */
export function foldName(name: string): string {
  return name
    .replace(/\(.*?\)/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/**
 * Finds the known name a table's spelling stands for: equal when folded, else the only known name that contains it or
 * that it begins with, the longest first. `null` when none or several fit: a guess would be another model.
 */
export function matchName(wanted: string, known: readonly string[]): string | null {
  const target = foldName(wanted);
  if (target.length === 0) return null;
  const folded = known.map((name) => ({ name, fold: foldName(name.split(/--|\//).at(-1) ?? name) }));
  const equal = folded.find((k) => k.fold === target);
  if (equal !== undefined) return equal.name;
  if (target.length < 5) return null;
  const containing = folded.filter((k) => k.fold.includes(target));
  if (containing.length > 0) {
    const starts = containing.filter((k) => k.fold.startsWith(target));
    const best = (starts.length > 0 ? starts : containing).sort((a, b) => a.fold.length - b.fold.length);
    return best.length === 1 || best[0]!.fold.length < best[1]!.fold.length ? best[0]!.name : null;
  }
  const contained = folded.filter((k) => k.fold.length >= 6 && target.startsWith(k.fold));
  contained.sort((a, b) => b.fold.length - a.fold.length);
  return contained[0]?.name ?? null;
}
