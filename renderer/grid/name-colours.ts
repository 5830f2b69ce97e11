/** Colours of the names in a formula, in order; a precedent is outlined in the colour of its name. */
const NAME_COLOURS = ['var(--n1)', 'var(--n2)', 'var(--n3)', 'var(--n4)'] as const;

export function nameColour(at: number): string {
  return NAME_COLOURS[at % NAME_COLOURS.length] as string;
}
