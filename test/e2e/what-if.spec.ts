import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

test('correlations: the total shows its P90 at three, the dialog sets them, refuses the impossible, undo takes them back', async ({
  page,
}) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('7B on 1T tokens on rented H100s');
  await sheet.type(0, 'MFU', '0.3 to 0.5');
  await sheet.type(0, 'Price', '1.5 to 3');
  await expect(await sheet.cell(0, 'Price')).toContainText('2.12');
  await (await sheet.total('Total cost')).getByRole('button').click();
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector).toContainText('if rows were independent');
  await takeScreens(page, 'total');
  const before = await inspector.locator('.marks').textContent();

  await inspector.getByRole('button', { name: 'Correlations …' }).click();
  const dialog = page.getByRole('dialog');
  const add = async (a: string, b: string, rank: string): Promise<void> => {
    await dialog.getByLabel('First input').selectOption(`runs.r1.${a}`);
    await dialog.getByLabel('Second input').selectOption(`runs.r1.${b}`);
    await dialog.getByLabel('Correlation', { exact: true }).fill(rank);
    await dialog.getByRole('button', { name: 'Add pair' }).click();
  };
  await add('mfu', 'chip_hour_price', '0.95');
  await add('mfu', 'goodput', '0.95');
  await add('chip_hour_price', 'goodput', 'often');
  await expect(dialog.getByRole('alert')).toContainText('“often” is not a number from −1 to 1');
  await dialog.getByLabel('Correlation', { exact: true }).fill('-0.9');
  await dialog.getByRole('button', { name: 'Add pair' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('contradict one another');
  await takeScreens(page, 'correlations');
  await dialog.getByRole('button', { name: 'Use the nearest' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  // MFU and price up together: their effects on cost cancel, the spread is narrower than before.
  await expect(inspector.locator('.marks')).not.toHaveText(before ?? '');

  await page.keyboard.press('Control+z');
  await expect(inspector.locator('.marks')).toHaveText(before ?? '');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('correlations');
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('None yet');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
});

test('a base that changes under a scenario is listed, either side is taken, and the history says why', async ({
  page,
}) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('7B on 1T tokens on rented H100s');
  const tab = (name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) });
  await tab('Spot').click();
  await sheet.type(0, 'Chips', '128');
  await expect(await sheet.cell(0, 'Chips')).toHaveText('128');
  await tab('Base').click();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('say why');
  await page.keyboard.press('Enter');
  await page.getByLabel('Note for the next change').fill('half of them go to another team');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('contentinfo')).toContainText('half of them');
  await sheet.type(0, 'Chips', '64');
  await expect(tab('Spot').getByRole('img')).toHaveAccessibleName(/edited below/);
  await page.getByRole('navigation').getByRole('button', { name: 'Compare' }).click();
  const conflicts = page.getByRole('region', { name: 'Conflicts of Spot' });
  await expect(conflicts).toContainText('runs.r1.chips');
  await takeScreens(page, 'conflicts');
  await conflicts.getByRole('button', { name: /Take Base/ }).click();
  await expect(conflicts).toBeHidden();
  await page.getByRole('navigation').getByRole('button', { name: 'History' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'runs.r1.chips = 64' })).toContainText(
    'half of them go to another team',
  );
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
