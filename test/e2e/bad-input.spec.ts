import { expect, test } from './harness/app.ts';
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
      await expect(cell).not.toContainText(code);
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

test('ragged cells are not pasted, and the reason is said', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');
  await sheet.select(0, 'Chips');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', '1\t2\n3');
    document
      .querySelector('[role="grid"]')
      ?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(sheet.message).toContainText('different numbers of cells');
});
