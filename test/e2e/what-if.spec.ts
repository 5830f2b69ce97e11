import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

test('the total shows its P90 at three correlations', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('7B on 1T tokens on rented H100s');
  await (await sheet.total('Total cost')).getByRole('button').click();
  await expect(page.getByRole('complementary', { name: 'Inspector' })).toContainText('P90 if rows were independent');
  await takeScreens(page, 'total');
});

test('goal seek, a data table and the largest model within a budget and a deadline', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');
  await sheet.select(0, 'Days');
  await page.keyboard.press('Control+g');
  await page.getByLabel('Days =').fill('30');
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  // Days scale with 1/chips: 16,384 · 67.665/30 = 36,954.
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('36,954');
  await page.getByRole('button', { name: 'Close', exact: true }).click();

  const run = async (command: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(command);
    await page.keyboard.press('Enter');
  };
  await run('data table');
  await page.getByLabel('Values for the rows').fill('0.4, 0.5');
  await page.getByRole('button', { name: 'Compute', exact: true }).click();
  await expect(page.getByRole('dialog').getByRole('cell', { name: '67.67' })).toBeVisible();
  await expect(page.getByRole('dialog').getByRole('cell', { name: '54.13' })).toBeVisible();
  await page.getByRole('button', { name: 'Close', exact: true }).click();

  await run('largest input');
  await page.getByLabel('Input', { exact: true }).selectOption('params_active');
  await page.getByLabel('Total cost at most').fill('20M');
  await page.getByLabel('Days at most').fill('60');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  // 405B cost 53.214M: 20M buy 405B · 20/53.214 = 152.2B, in 25 days.
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('152.2B');
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('Total cost');
  await page.getByRole('button', { name: 'Use this value' }).click();
  await expect(await sheet.cell(0, 'Active')).toHaveText('152.2B');
});
