import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

async function assertClean(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations
        .filter((v) => v.impact === 'serious' || v.impact === 'critical')
        .map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 160)}`),
      `${what}, ${colorScheme}`,
    ).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

const openLab = async (page: Page): Promise<void> => {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Scaling laws' }).click();
  await expect(page.getByLabel('What the budget buys')).toBeVisible();
};

test('scaling: a budget is answered, warned about, and pinned as formulas in one undoable step', async ({ page }) => {
  test.setTimeout(60_000);
  const sheet = new SheetPage(page);
  await sheet.openTemplate('7B on 1T tokens on rented H100s');
  const rows = await page.locator('[id^="cell-"][id$="-0"]').count();
  await openLab(page);
  await page.getByLabel('Law', { exact: true }).selectOption('besiroglu2024');
  await page.getByRole('textbox', { name: 'Budget' }).fill('5.76e23');
  // Besiroglu et al. 2024 at the Chinchilla budget: 7.2e10 parameters.
  const answers = page.getByRole('region', { name: 'Answers' });
  await expect(answers.getByRole('row').nth(1)).toContainText(/72\.\d\sB/);
  await expect(page.getByLabel('Warnings of the law')).toContainText('outside the fitted range');
  await expect(page.getByRole('region', { name: 'Compute multiples: numbers' })).toContainText('GPT-4');
  await takeScreens(page, 'scaling-budget');
  await assertClean(page, 'budget');
  await answers.getByRole('button', { name: 'Pin Compute-optimal to the sheet' }).click();
  await expect(page.locator('.notice')).toContainText('is a run of the plan');
  const rail = page.getByRole('navigation', { name: 'Screens' });
  await rail.getByRole('button', { name: 'Sheet' }).click();
  const params = await sheet.select(rows, 'Params');
  await expect(params).toContainText('72.35B');
  await expect(page.locator('.cm-content').first()).toContainText('optimal_params(5.76e23 FLOP, "besiroglu2024")');
  // From another row: the inspector asks about the cell that is selected.
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Control+z');
  await expect(params).not.toBeVisible();
});
