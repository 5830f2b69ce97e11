/**
 * Keys of a tree (ARIA pattern): up and down move, right opens or goes in, left closes or goes out, Enter follows the name.
 * The tree is one tab stop; where it was left is where it is entered again.
 */
export function treeKey(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="treeitem"]')];
  const here = (event.target as HTMLElement).closest<HTMLElement>('[role="treeitem"]');
  const at = here === null ? -1 : items.indexOf(here);
  if (here === null || at < 0) return;
  const open = here.getAttribute('aria-expanded');
  const press = (selector: string): void => here.querySelector<HTMLElement>(`:scope > .line ${selector}`)?.click();
  const go = (to: HTMLElement | null | undefined): void => {
    if (!to) return;
    for (const item of items) item.tabIndex = item === to ? 0 : -1;
    to.focus();
  };
  switch (event.key) {
    case 'ArrowDown':
      go(items[at + 1]);
      break;
    case 'ArrowUp':
      go(items[at - 1]);
      break;
    case 'ArrowRight':
      if (open === 'false') press('.fold');
      else if (open === 'true') go(items[at + 1]);
      break;
    case 'ArrowLeft':
      if (open === 'true') press('.fold');
      else go(items.slice(0, at).findLast((item) => levelOf(item) < levelOf(here)));
      break;
    case 'Home':
      go(items[0]);
      break;
    case 'End':
      go(items.at(-1));
      break;
    case 'Enter':
      press('.name');
      break;
    default:
      return;
  }
  event.preventDefault();
  event.stopPropagation();
}

function levelOf(item: HTMLElement): number {
  return Number(item.getAttribute('aria-level'));
}
