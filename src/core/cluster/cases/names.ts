/** A name without case, punctuation and what stands in parentheses. */
export function foldName(name: string): string {
  return name
    .replace(/\(.*?\)/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** What names carry at their end without naming another architecture: format, tuning. */
const ENDINGS = /(?:bf16|fp8|nvfp4|mxfp4|base(?:\d+k)?|instruct|chat|text|hf|it)$/;
/** A stated size: `400b`, `30ba3b`, `17b16e`. */
const SIZE = /^(?:\d+[bm])?(?:a\d+b)?(?:\d+e)?$/;

function withoutEndings(fold: string): string {
  let text = fold;
  while (ENDINGS.test(text) && text.length > 6) text = text.replace(ENDINGS, '');
  return text;
}

/** Whether a cut at `at` splits a number: "qwen3" ends inside "qwen32b". */
const splitsNumber = (text: string, at: number): boolean => /\d/.test(text[at - 1] ?? '') && /\d/.test(text[at] ?? '');

/**
 * Finds the known name a table's spelling stands for: equal when folded (endings such as a format aside), else the one
 * model whose name holds it, else the longest name it begins with when only a size follows. `null` when none or several
 * fit: a guess would be another model.
 */
export function matchName(wanted: string, known: readonly string[]): string | null {
  const target = withoutEndings(foldName(wanted));
  if (target.length < 3) return null;
  const folded = known.map((name) => ({ name, fold: withoutEndings(foldName(name.split(/--|\//).at(-1) ?? name)) }));
  const equal = folded.find((k) => k.fold === target);
  if (equal !== undefined) return equal.name;
  if (target.length < 5) return null;
  const containing = folded.filter((k) => {
    const at = k.fold.indexOf(target);
    return at >= 0 && !splitsNumber(k.fold, at + target.length) && !splitsNumber(k.fold, at);
  });
  const first = containing[0];
  if (first !== undefined) return containing.every((k) => k.fold === first.fold) ? first.name : null;
  const begun = folded
    .filter((k) => k.fold.length >= 6 && target.startsWith(k.fold) && !splitsNumber(target, k.fold.length))
    .filter((k) => SIZE.test(target.slice(k.fold.length)))
    .sort((a, b) => b.fold.length - a.fold.length);
  return begun[0]?.name ?? null;
}
