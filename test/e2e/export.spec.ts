import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from './harness/app.ts';
import { SheetPage } from './sheet-page.ts';

/** The bytes and the name of what the page saves while `act` runs. */
async function saved(page: Page, act: () => Promise<void>): Promise<{ name: string; bytes: Uint8Array }> {
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 20_000 }), act()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

test('the report as PDF and the workbook with live formulas are saved from the app', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');

  const pdf = await saved(page, () => page.getByRole('button', { name: 'Export PDF' }).click());
  expect(pdf.name).toMatch(/^Llama 3\.1 405B.*\.pdf$/);
  expect(Buffer.from(pdf.bytes.subarray(0, 5)).toString()).toBe('%PDF-');

  const workbook = await saved(page, async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('workbook');
    await page.keyboard.press('Enter');
  });
  expect(workbook.name).toMatch(/^Llama 3\.1 405B.*\.xlsx$/);
  const parts = unzipSync(workbook.bytes);
  expect(strFromU8(parts['xl/workbook.xml'] as Uint8Array)).toContain('name="Sources"');
  expect(strFromU8(parts['xl/worksheets/sheet1.xml'] as Uint8Array)).toContain('<f>Runs!');
});
