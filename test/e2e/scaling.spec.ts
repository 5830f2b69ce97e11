import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

async function assertClean(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Only colours differ in the dark.
    const axe = new AxeBuilder({ page });
    const { violations } = await (colorScheme === 'light' ? axe : axe.withRules(['color-contrast'])).analyze();
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
  // A place of the surface without a pointer: Llama 3.1 8B, far beyond its optimum.
  await page.getByLabel('Place: parameters').fill('8B');
  await page.getByLabel('Place: tokens').fill('15T');
  await page.getByLabel('Place: tokens').press('Enter');
  await expect(answers).toContainText('Picked on the surface');
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

  // A multiple of a published run: GPT-4 at 2.1e25 FLOP (Epoch AI, speculative).
  await openLab(page);
  await page.getByRole('textbox', { name: 'Budget' }).fill('10x GPT-4');
  await expect(page.getByLabel('Law and budget')).toContainText('2.1×10²⁵ FLOP, speculative');
  await expect(answers.getByRole('row').nth(1)).toContainText('2.1×10²⁶');
  await expect(page.getByLabel('What the budget takes')).toContainText(/chip·h, .* USD, .* days, .* MWh/);
  await page.getByText('What more compute buys').click();
  await expect(page.getByRole('region', { name: 'What more compute buys: numbers' }).getByRole('row')).toHaveCount(10);
  await page.getByRole('textbox', { name: 'Budget' }).fill('10x Nobody');
  await expect(page.getByRole('alert')).toContainText('No published run is called');
  await page.getByRole('textbox', { name: 'Budget' }).fill('1e22');

  // Money becomes FLOP through a run of the plan, and the pinned formula reads that run.
  await page.getByLabel('Priced as').selectOption({ index: 0 });
  await page.getByLabel('Unit of the budget').selectOption('money');
  await page.getByRole('textbox', { name: 'Budget' }).fill('5M');
  await expect(answers.getByRole('row').nth(1)).toContainText(/\d\sB/);
  const shown = await answers.getByRole('row').nth(1).getByRole('cell').nth(1).textContent();
  await answers.getByRole('button', { name: 'Pin Compute-optimal to the sheet' }).click();
  await expect(page.locator('.notice')).toContainText('is a run of the plan');
  await rail.getByRole('button', { name: 'Sheet' }).click();
  const again = await sheet.select(rows, 'Params');
  await expect(again).toContainText((shown ?? '').slice(0, 3));
  await expect(page.locator('.cm-content').first()).toContainText('.train_flop /');
});

test('scaling: own runs are fitted, doubted, saved and used in the plan', async ({ page }) => {
  test.setTimeout(90_000);
  const sheet = new SheetPage(page);
  await sheet.openTemplate('7B on 1T tokens on rented H100s');
  await openLab(page);
  await page.getByRole('tab', { name: 'Your runs' }).click();
  // A hundred refits will do for a test.
  await page.getByLabel('Bootstrap refits').fill('100');
  await page.getByRole('button', { name: 'Made-up example' }).click();
  const says = page.getByLabel('What the fit says');
  await expect(says).toContainText('bootstrap refits', { timeout: 30_000 });
  await expect(says).toContainText('Size exponent a');
  await takeScreens(page, 'scaling-fit');
  await assertClean(page, 'fit');
  // A run is left out by keyboard, and comes back.
  await page
    .getByRole('button', { name: /^Leave out line/ })
    .first()
    .press('Enter');
  await expect(says).toContainText('41 runs', { timeout: 30_000 });
  await page.getByRole('button', { name: /^Take back line/ }).press('Enter');
  await expect(says).toContainText('42 runs', { timeout: 30_000 });
  await page.getByLabel('Method', { exact: true }).selectOption('isoflop');
  await expect(says).toContainText('Size coefficient', { timeout: 30_000 });
  await page.getByLabel('Method', { exact: true }).selectOption('parametric');
  await expect(says).toContainText('Floor E', { timeout: 30_000 });

  // Bad input is said, with what can still be answered.
  const table = page.getByRole('textbox', { name: 'Table of runs' });
  await table.fill('params,tokens,loss\n1e8,2e9,3.4\n2e8,2e9,3.2');
  await expect(page.getByRole('alert')).toContainText('a parametric fit needs at least 6');
  await expect(page.getByRole('alert')).toContainText('the lowest loss');
  await page.getByRole('button', { name: 'Made-up example' }).click();
  await expect(says).toContainText('bootstrap refits', { timeout: 30_000 });

  await page.getByLabel('Name', { exact: true }).fill('Autumn ladder');
  await page.getByRole('button', { name: 'Save law' }).click();
  await expect(page.locator('.notice')).toContainText('autumn-ladder');
  await page.getByRole('tab', { name: 'Budget' }).click();
  await page.getByRole('textbox', { name: 'Budget' }).fill('1e22');
  await expect(page.getByLabel('What the budget buys')).toContainText('Autumn ladder');
  await page.getByRole('button', { name: 'Pin Compute-optimal to the sheet' }).click();
  await expect(page.locator('.notice')).toContainText('is a run of the plan');
  await page.getByRole('tab', { name: 'Laws' }).click();
  const own = page.getByLabel('Your laws');
  await expect(own).toContainText('yes, a copy');
  await takeScreens(page, 'scaling-laws');
  await assertClean(page, 'laws');
  await own.getByRole('button', { name: 'Delete Autumn ladder' }).click();
  await expect(own).toContainText('is deleted');
  await own.getByRole('button', { name: 'Undo' }).click();
  await expect(own.getByRole('textbox', { name: 'Name of autumn-ladder' })).toHaveValue('Autumn ladder');
});

test('scaling: dense or MoE, with what the law leaves out priced by the cluster model', async ({ page }) => {
  test.setTimeout(90_000);
  const sheet = new SheetPage(page);
  await sheet.openTemplate('7B on 1T tokens on rented H100s');
  await openLab(page);
  await page.getByRole('textbox', { name: 'Budget' }).fill('1e22');
  await page.getByRole('tab', { name: 'Dense or MoE' }).click();
  const rows = page.getByRole('region', { name: 'Sparse against dense: numbers' }).getByRole('row');
  await expect(rows).toHaveCount(8);
  const left = page.getByLabel('What the law leaves out');
  await expect(left).toContainText('Communication and load imbalance are not priced');
  const tokens = await rows.nth(5).getByRole('cell').nth(3).textContent();
  await page.getByLabel('Experts’ cost as in').selectOption({ label: 'Qwen3-30B-A3B' });
  await expect(left).toContainText('moving tokens between experts takes', { timeout: 40_000 });
  await expect(rows.nth(5).getByRole('cell').nth(3)).not.toHaveText(tokens ?? '');
  await takeScreens(page, 'scaling-moe');
  await assertClean(page, 'moe');
  await page.getByLabel('MoE law').selectOption('ling2025');
  await expect(page.getByLabel('MoE surface')).toContainText('it has no surface');
  await page.getByLabel('MoE law').selectOption('abnar2025');
  await page.getByLabel('Experts’ cost as in').selectOption({ label: 'not priced' });
  await expect(left).toContainText('Communication and load imbalance are not priced');
  await page.getByRole('button', { name: 'Pin sparsity 0.938 to the sheet' }).click();
  await expect(page.locator('.notice')).toContainText('is a run of the plan');
});
