import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './harness/app.ts';
import { SheetPage } from './sheet-page.ts';

/** Rules that may answer differently in the dark: the others see the same elements. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** Nothing serious in a part of the page: every rule in light, colours in dark too. Eight rows stand for a long table. */
async function assertClean(page: Page, part: string, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const axe = new AxeBuilder({ page })
      .include(part)
      .exclude('tbody tr:nth-child(n+9)')
      .exclude('article:nth-of-type(n+9)');
    const { violations } = await (colorScheme === 'dark' ? axe.withRules(COLOURS) : axe).analyze();
    const serious = violations
      .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
      .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
    expect.soft(serious, `${what}, ${colorScheme}`).toEqual([]);
  }
}

/** Waits until what a screen loads is there: nothing on the way, nothing computing. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(150);
}

/** No screen may be wider than the window: content scrolls in itself, never the page. */
async function assertFits(page: Page, what: string): Promise<void> {
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth > innerWidth || document.body.scrollHeight > innerHeight,
  );
  expect.soft(wide, `${what} is wider or higher than the window`).toBe(false);
}

// Every screen of the app and every tab in it, found in the page itself: a new screen is checked without being named here.
test('axe finds nothing serious on any screen or tab in either theme; all fit at 200 % zoom', async ({ page }) => {
  test.setTimeout(600_000);
  await assertClean(page, 'body', 'Plans');
  const sheet = new SheetPage(page);
  await sheet.openTemplate('A year’s programme');
  await sheet.select(0, 'Total cost');
  await assertClean(page, 'body', 'Sheet and shell');
  const screens = page.getByRole('navigation', { name: 'Screens' }).getByRole('button');
  for (let i = 0; i < (await screens.count()); i++) {
    const screen = screens.nth(i);
    const name = (await screen.getAttribute('aria-label')) ?? '';
    await screen.click();
    await expect(page.locator('main .screen-area > *').first()).toBeVisible();
    // A few rows stand for a long list.
    if (name === 'Catalog') await page.getByLabel('Find in the catalog').fill('H100');
    await settled(page);
    const tabs = page.locator('main').getByRole('tablist').first().getByRole('tab');
    const count = ['Plans', 'Sheet'].includes(name) ? 1 : Math.max(1, await tabs.count());
    for (let t = 0; t < count; t++) {
      if (t > 0) await tabs.nth(t).click();
      if (t > 0) await settled(page);
      await assertClean(page, 'main', count > 1 ? `${name}: ${await tabs.nth(t).textContent()}` : name);
      await page.setViewportSize({ width: 720, height: 450 });
      await assertFits(page, name);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
  }
  await page.keyboard.press('Control+k');
  await assertClean(page, 'dialog', 'palette');
});

test('the grid speaks the cell, its value, unit and state; the keyboard reaches every part of the window', async ({
  page,
}) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');
  await sheet.select(0, 'Chips');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.sr-only[role="status"]')).toContainText('MFU: 40.0% , input');
  await expect(sheet.grid).toHaveAttribute('aria-activedescendant', /cell-0-\d+/);

  // F6: from the grid into the inspector, whose derivation is one tab stop with arrows inside.
  await sheet.select(0, 'Total cost');
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector.getByRole('tree')).toContainText('compute_cost');
  await page.keyboard.press('F6');
  await expect(inspector.locator(':focus')).toBeVisible();
  await inspector.getByRole('treeitem').first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(inspector.getByRole('treeitem').nth(1)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(inspector.getByRole('heading', { level: 2 })).not.toHaveText('Total cost');

  // F1: help at the column under the cursor, and back.
  await sheet.select(0, 'MFU');
  await page.keyboard.press('F1');
  await expect(page.locator('article.here')).toContainText('Model FLOP utilisation');
  await expect(page.locator('article.here')).toBeInViewport();
  await page.getByRole('tab', { name: 'Glossary' }).click();
  for (const term of ['FLOP/s', 'MAC', 'HFU', 'Dense peak', 'Sparse peak'])
    await expect(page.getByRole('term').filter({ hasText: term }).first()).toBeVisible();
});
