import { readFileSync } from 'node:fs';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

test('a plan is backed up, brought back as a copy, and diagnostics say nothing of it', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('GPT-3');
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Settings' }).click();
  const storage = page.getByRole('region', { name: 'Storage and backups' });
  await storage.getByRole('button', { name: 'Check now' }).click();
  await expect(storage.getByRole('status')).toContainText('Sound:');
  await storage.getByRole('button', { name: 'Back up now' }).click();
  await storage
    .getByRole('button', { name: /^Plans in the backup of/ })
    .first()
    .click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    storage.getByRole('button', { name: 'Save diagnostics…' }).click(),
  ]);
  const text = readFileSync(await download.path(), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ host: 'web', store: { sound: true } });
  expect(text).not.toContain('GPT-3');
  await takeScreens(page, 'storage');
  const row = storage.getByRole('row', { name: /GPT-3/ }).first();
  await expect(row).toContainText('same');
  await row.getByRole('button', { name: 'Open a copy' }).click();
  await expect(page.getByRole('grid')).toBeVisible();
  await expect(page.getByText(/backup of \d{4}/).first()).toBeVisible();
});
