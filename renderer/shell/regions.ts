/** F6 goes through the parts of the window, as in Excel and in browsers: title bar, screens, content, inspector, status. */
const REGIONS = ['.shell > header', '.shell > nav', 'main [role="grid"]', 'main', 'main aside', '.shell > footer'];
const FOCUSABLE = 'button:not(:disabled), a[href], input:not(:disabled), select, textarea, [tabindex="0"]';

/** Where the keyboard goes in a part: what stands for it as a whole, else its first control. */
function entrance(region: HTMLElement): HTMLElement | null {
  if (region.tabIndex >= 0) return region;
  return (
    [...region.querySelectorAll<HTMLElement>(FOCUSABLE)].find(
      (node) => node.tabIndex >= 0 && node.getClientRects().length > 0,
    ) ?? null
  );
}

/** Moves the keyboard to the next part of the window, or the one before. */
export function goToRegion(step: 1 | -1): void {
  const hasGrid = document.querySelector('main [role="grid"]') !== null;
  const found = REGIONS.filter((selector) => !(hasGrid && selector === 'main'))
    .map((selector) => document.querySelector<HTMLElement>(selector))
    .filter((node): node is HTMLElement => node !== null && entrance(node) !== null);
  if (found.length === 0) return;
  const active = document.activeElement;
  // The innermost part wins: the inspector stands inside the content.
  const here = found.findLastIndex((region) => region.contains(active));
  const next = found[here < 0 ? 0 : (here + step + found.length) % found.length];
  if (next) entrance(next)?.focus();
}

/** Frames to wait for a screen that is being loaded. */
const PATIENCE = 60;

/**
 * Puts the keyboard into the content once it is there, unless something else has taken it meanwhile: after a command or a
 * dialog nobody should have to look for the sheet.
 */
export function goToContent(frames = PATIENCE): void {
  requestAnimationFrame(() => {
    const active = document.activeElement;
    if (active !== null && active !== document.body && active.closest('main, dialog') !== null) return;
    const target = document.querySelector<HTMLElement>('main [role="grid"]') ?? document.querySelector('main h1');
    if (target === null || !document.querySelector('main .screen-area > *')) {
      if (frames > 0) goToContent(frames - 1);
      return;
    }
    if (target.tabIndex < 0) target.tabIndex = -1;
    target.focus();
  });
}
