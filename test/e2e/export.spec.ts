import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

/** The bytes and the name of what the page saves while `act` runs. */
async function saved(page: Page, act: () => Promise<void>): Promise<{ name: string; bytes: Uint8Array }> {
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 20_000 }), act()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
}

test('the report is looked at, then saved; tables, selections and the workbook leave the app', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');

  await sheet.select(0, 'Tokens');
  await page.keyboard.press('Shift+ArrowRight');
  await command(page, 'copy selection as markdown');
  await expect(page.getByRole('status').filter({ hasText: 'are copied' })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^\| Tokens \(token\) \| .+\n\| ---: \|/);
  expect(copied).toContain('15600000000000');

  await page.getByRole('button', { name: 'Reports and files' }).click();
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview.getByText(/\d+ pages, as they will be printed/)).toBeVisible({ timeout: 20_000 });
  const first = preview.getByRole('img', { name: 'Page 1', exact: true });
  await expect(first).toBeVisible();
  // The picture is really there: a page of A4 is 596 points wide.
  expect(await first.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(596);
  await takeScreens(page, 'report');
  await page.getByLabel('Derivation of the headline figures').uncheck();
  await page.getByLabel('Paper').selectOption('letter');
  await expect.poll(() => first.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(612);

  const pdf = await saved(page, () => page.getByRole('button', { name: 'Save PDF' }).click());
  expect(pdf.name).toMatch(/^Llama 3\.1 405B.*\.pdf$/);
  expect(Buffer.from(pdf.bytes.subarray(0, 5)).toString()).toBe('%PDF-');
  expect(Buffer.from(pdf.bytes).includes('/MediaBox [0 0 612 792]')).toBe(true);

  const workbook = await saved(page, () => page.getByRole('button', { name: /Save workbook/ }).click());
  expect(workbook.name).toMatch(/^Llama 3\.1 405B.*\.xlsx$/);
  const parts = unzipSync(workbook.bytes);
  expect(strFromU8(parts['xl/workbook.xml'] as Uint8Array)).toContain('name="Sources"');
  expect(strFromU8(parts['xl/worksheets/sheet1.xml'] as Uint8Array)).toContain('<f>Runs!');

  await page.getByLabel('Format').selectOption('tsv');
  const table = await saved(page, () => page.getByRole('button', { name: 'Save', exact: true }).click());
  expect(table.name).toMatch(/\.runs\.tsv$/);
  expect(strFromU8(table.bytes)).toContain('15600000000000');
});

test('a table from elsewhere is mapped, looked at, taken, and taken back with one undo', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('7B on 1T tokens');
  await page.getByRole('button', { name: 'Reports and files' }).click();
  const csv = [
    'Experiment,Weights (B),Training tokens [T],GPU type,GPUs,Start,Comment',
    'Ablation A,1.5,0.3,h100-sxm,64,2027-02-01,first',
    'Ablation B,3,0.6,h100-sxm,many,2027-03-01,second',
    '"=cmd|calc",3,0.6,h100-sxm,64,,third',
  ].join('\n');
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Import a table …' }).click(),
  ]);
  await chooser.setFiles({ name: 'ablations.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });

  const dialog = page.getByRole('dialog', { name: 'Import a table' });
  await expect(dialog.getByText('3 rows are added, 0 changed, 2 cells or rows left out')).toBeVisible();
  await expect(dialog.getByText(/"=cmd\|calc" is a formula/)).toBeVisible();
  // A name nobody could know is chosen by hand, with its unit.
  await expect(dialog.getByLabel('Target of Weights (B)')).toHaveValue('');
  await dialog.getByLabel('Target of Weights (B)').selectOption('params_total');
  await dialog.getByLabel('Unit of Weights (B)').fill('B');
  await dialog.getByLabel('Unit of Weights (B)').press('Enter');
  await expect(dialog.getByRole('cell', { name: '1.5B' })).toBeVisible();
  await takeScreens(page, 'import');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();

  await expect(page.getByText('3 rows added, 0 changed. One undo takes all of it back.')).toBeVisible();
  await expect(page.locator('.cell', { hasText: 'Ablation A' })).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(page.locator('.cell', { hasText: 'Ablation A' })).toHaveCount(0);
});

test('a plan file that comes back is compared with the plan here, and replaces it when asked', async ({
  page,
  client,
}) => {
  const { plan } = await client.call('plans.create', { template: '04-gpt-3-175b', name: 'Travelling plan' });
  const { text } = await client.call('plans.export', { plan });
  const commands = [{ set: ['runs', 'r1', 'chips'] as ['runs', string, string], to: '2048' }];
  const row = JSON.parse(text) as { runs: { key: string }[] };
  commands[0]!.set[1] = row.runs[0]!.key;
  await client.call('plan.change', { plan, scenario: 'base', base: 0, commands });

  const data = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], 'Travelling plan.json', { type: 'application/json' }));
    return transfer;
  }, text);
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
  const dialog = page.getByRole('dialog', { name: 'A plan that is here already' });
  await expect(dialog.getByRole('cell', { name: /\.chips$/ })).toBeVisible();
  await takeScreens(page, 'plan-file');
  await dialog.getByRole('button', { name: 'Replace with the file' }).click();
  await expect(page.getByText('The plan says what the file says. One undo takes it back.')).toBeVisible();
  const again = JSON.parse((await client.call('plans.export', { plan })).text) as { runs: unknown };
  expect(again.runs).toEqual(row.runs);
});
