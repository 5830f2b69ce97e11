/** How well a text matches what was typed: lower is better, null when it does not. Letters must come in order. */
export function fuzzyRank(query: string, text: string): number | null {
  const wanted = query.toLowerCase().replace(/\s+/g, ' ').trim();
  const source = text.toLowerCase();
  const whole = source.indexOf(wanted);
  if (whole >= 0) return whole + (whole === 0 || /\W/.test(source[whole - 1] ?? '') ? 0 : 20);
  let at = 0;
  let gaps = 0;
  for (const character of wanted) {
    if (character === ' ') continue;
    const next = source.indexOf(character, at);
    if (next < 0) return null;
    gaps += next - at;
    at = next + 1;
  }
  return 100 + gaps;
}
