import { readFileSync } from 'node:fs';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

test('a dropped config.json becomes a run with its exact parameters, and its anatomy is in the catalog', async ({
  page,
}) => {
  await page.getByLabel('Plan file', { exact: true }).setInputFiles({
    name: 'DeepSeek-V3.json',
    mimeType: 'application/json',
    buffer: readFileSync('test/data/hf_configs/deepseek-ai--DeepSeek-V3.json'),
  });
  const sheet = new SheetPage(page);
  // 671,026,419,200 parameters as published, 37.55B active.
  await expect(await sheet.cell(0, 'Params')).toHaveText('671B');
  await expect(await sheet.cell(0, 'Active')).toHaveText('37.55B');
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Catalog' }).click();
  await page.getByLabel('Kind').selectOption('model');
  await page.getByLabel('Find in the catalog').fill('DeepSeek-V3');
  await page.getByRole('button', { name: 'DeepSeek-V3', exact: true }).last().click();
  await expect(page.getByRole('complementary')).toContainText('671,026,419,200');
  await takeScreens(page, 'anatomy');
});

test('a file that is no model says what is missing', async ({ page, watched }) => {
  watched.allow(/422/);
  await page.getByLabel('Plan file', { exact: true }).setInputFiles({
    name: 'config.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{}'),
  });
  await expect(page.getByRole('status').filter({ hasText: /"num_hidden_layers" is missing/ })).toBeVisible();
});
