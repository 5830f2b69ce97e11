import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

/** What a person may mistype, and what the sheet says: the message names the mistake, the text stays. */
const MISTAKES = [
  { column: 'Chips', text: '-3', code: '#RANGE', says: '-3 is below 1' },
  { column: 'MFU', text: '1.4', code: '#RANGE', says: '1.4 is above 1' },
  { column: 'Price', text: '2 USD/token', code: '#UNIT', says: 'expected USD/(chip·s)' },
  { column: 'Tokens', text: 'many', code: '#TYPE', says: 'is not a number' },
  { column: 'Total cost', text: '=chip_hours * chip_hour_prize', code: '#NAME', says: 'chip_hour_prize' },
  { column: 'Compute', text: '=train_days * chip_hour_price', code: '#UNIT', says: 'this column is USD' },
  { column: 'Days', text: '=runs.r1.train_days * 2', code: '#CYCLE', says: 'this cell needs itself' },
] as const;

test('each mistake is named, keeps its text, and the rest still computes', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');
  for (const { column, text, code, says } of MISTAKES)
    await test.step(`${text} in ${column} says ${code}`, async () => {
      await sheet.type(0, column, text);
      const cell = await sheet.cell(0, column);
      await expect(cell).toContainText(code);
      await cell.click();
      await expect(sheet.message).toContainText(says);
      await page.keyboard.press('F2');
      await expect(page.getByRole('textbox', { name: `Edit ${column}` })).toHaveValue(text);
      await page.keyboard.press('Escape');
      await expect(await sheet.cell(0, 'Params')).toHaveText('405B');
      await page.keyboard.press('Control+z');
      await expect(await sheet.cell(0, column)).not.toContainText(code);
    });
});

test('a plan file from a newer version is refused with its number', async ({ page, watched }) => {
  watched.allow(/422/);
  await page.getByLabel('Plan file', { exact: true }).setInputFiles({
    name: 'new.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"format":"flopsheet-plan","version":7}'),
  });
  await expect(page.getByRole('status').filter({ hasText: 'version 7' })).toBeVisible();
});

test('short rows, foreign numbers and columns that do not fit are asked about; one undo takes a paste back', async ({
  page,
}) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');
  const days = await (await sheet.cell(0, 'Days')).textContent();
  await sheet.select(0, 'Chips');
  await sheet.paste('2.048\t0,45\n4.096');
  const dialog = page.getByRole('dialog', { name: 'Paste' });
  await expect(dialog).toContainText('Some rows are shorter than others');
  await expect(dialog.getByRole('radio', { name: /Decimal comma/ })).toBeChecked();
  await expect(dialog.locator('tbody')).toContainText('0.45');
  await takeScreens(page, 'paste');
  await page.keyboard.press('Enter');
  await expect(await sheet.cell(0, 'Chips')).toHaveText('2,048');
  await expect(await sheet.cell(0, 'MFU')).toHaveText('45.0%');
  await expect(page.locator('#cell-1-0')).toBeVisible();
  await page.locator('[role="grid"]').focus();
  await page.keyboard.press('Control+z');
  await expect(await sheet.cell(0, 'Days')).toHaveText(days ?? '');
  await expect(page.locator('#cell-1-0')).toHaveCount(0);

  // What Google Sheets puts on the clipboard: the number stands behind the formatted text.
  await sheet.select(0, 'MFU');
  await sheet.paste('45,00%', '<table><td data-sheets-value=\'{"1":3,"3":0.45}\'>45,00%</td></table>');
  await expect(await sheet.cell(0, 'MFU')).toHaveText('45.0%');
});

test('a column that formulas use says who breaks, and its formula can take its place', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');
  for (const [label, formula] of [
    ['Half the days', 'train_days / 2'],
    ['A quarter', 'half_the_days / 2'],
  ] as const) {
    await page.getByRole('button', { name: 'Column', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a column' });
    await dialog.getByLabel('Label', { exact: true }).fill(label);
    await dialog.getByLabel('Unit').fill('day');
    await dialog.getByLabel('Formula', { exact: true }).fill(formula);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  // 67.67 days, a quarter of them.
  await expect(await sheet.cell(0, 'A quarter')).toHaveText('16.92');
  await sheet.select(0, 'Half the days');
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: /Delete the column/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete a column' });
  await expect(dialog).toContainText('A quarter');
  await expect(dialog).toContainText('= (train_days / 2) / 2');
  await takeScreens(page, 'remove-column');
  await dialog.getByRole('button', { name: /Put its formula in place/ }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.locator('.title', { hasText: 'Half the days' })).toHaveCount(0);
  await expect(await sheet.cell(0, 'A quarter')).toHaveText('16.92');
});
