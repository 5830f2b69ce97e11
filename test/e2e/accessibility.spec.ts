import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './harness/app.ts';
import { SheetPage } from './sheet-page.ts';

async function assertClean(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations
      .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
      .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
    expect(serious, `${what}, ${colorScheme}`).toEqual([]);
  }
}

test('axe finds nothing serious on any screen in either theme', async ({ page }) => {
  test.setTimeout(240_000);
  await assertClean(page, 'start');
  const sheet = new SheetPage(page);
  await sheet.openTemplate('7B on 1T tokens on rented H100s');
  await sheet.select(0, 'Total cost');
  await assertClean(page, 'sheet');
  const rail = page.getByRole('navigation', { name: 'Screens' });
  for (const name of ['Compare scenarios', 'Charts', 'Catalog', 'History', 'Settings']) {
    await rail.getByRole('button', { name }).click();
    // A few rows stand for a long list.
    if (name === 'Catalog') await page.getByLabel('Find in the catalog').fill('H100');
    await page.waitForTimeout(400);
    await assertClean(page, name);
  }
  await page.keyboard.press('Control+k');
  await assertClean(page, 'palette');
});

test('the grid speaks the cell, its value, unit and state', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');
  await sheet.select(0, 'Chips');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.wrap > [role="status"]')).toContainText('MFU: 40.0% , input');
  await expect(sheet.grid).toHaveAttribute('aria-activedescendant', /cell-0-\d+/);
});
