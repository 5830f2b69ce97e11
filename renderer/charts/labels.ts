/**
 * A place for a label, `gap` pixels clear of those taken and not above `least`: the wanted one, else the nearest above or
 * below in steps of the gap. Ends because there is always room below; what has no place (NaN) keeps none.
 */
export function clearPlace(wanted: number, taken: readonly number[], gap: number, least: number): number {
  if (Number.isNaN(wanted)) return wanted;
  for (let step = 0; ; step++) {
    for (const place of step === 0 ? [wanted] : [wanted - step * gap, wanted + step * gap]) {
      const allowed = place >= least || place >= wanted;
      if (allowed && !taken.some((other) => Math.abs(other - place) < gap)) return place;
    }
  }
}
