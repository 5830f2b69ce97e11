/** Whole jobs with the keyboard alone: no pointer event is ever sent. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';

/** Runs a command of the palette. */
async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Find a cell or run a command' })).toBeFocused();
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
}

/** Presses Tab until the focus is on what `name` says: how a person gets there. */
async function tabTo(page: Page, name: RegExp, most = 60): Promise<void> {
  for (let i = 0; i < most; i++) {
    const text = await page.evaluate(() => {
      const node = document.activeElement as (HTMLElement & { labels?: NodeListOf<HTMLLabelElement> }) | null;
      return [node?.getAttribute('aria-label'), node?.labels?.[0]?.textContent, node?.textContent]
        .filter(Boolean)
        .join(' ');
    });
    if (name.test(text)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${name}`);
}

test('two scenarios are compared, the cheaper is approved and exported, by keyboard alone', async ({ page }) => {
  await tabTo(page, /^7B on 1T tokens on rented H100s/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid')).toBeFocused();

  // A scenario of one's own, and one price changed in it.
  await command(page, 'add a scenario');
  await page.keyboard.type('Cheaper');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: /Cheaper/ })).toHaveAttribute('aria-selected', 'true');
  await command(page, 'chip_hour_price');
  await expect(page.getByRole('grid')).toBeFocused();
  await page.keyboard.type('1.50 USD/h');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('contentinfo')).toContainText('Saved');

  // Compared: base beside Spot and Cheaper; the pair below is chosen from the keyboard.
  await command(page, 'compare scenarios');
  await expect(page.getByRole('heading', { name: /^Side by side/ })).toBeVisible();
  const cheaper = page.getByRole('button', { name: 'Cheaper', pressed: false });
  await expect(cheaper).toBeVisible();
  await tabTo(page, /^Cheaper$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('img', { name: 'Cost bridge from Base to Cheaper' })).toBeVisible();
  await takeScreens(page, 'compare-several');

  // Approved under a name.
  await command(page, 'finance approval');
  await tabTo(page, /^Approved by/);
  await page.keyboard.type('A. Reviewer');
  await page.keyboard.press('Tab');
  await page.keyboard.type('cheaper contract');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Since the approval by A. Reviewer')).toBeVisible();

  // Exported.
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 30_000 }),
    page.keyboard.press('Control+s'),
  ]);
  const plan = JSON.parse(readFileSync(await download.path(), 'utf8')) as { scenarios: { name: string }[] };
  expect(plan.scenarios.map((own) => own.name)).toEqual(['Spot', 'Cheaper']);
});

test('a chart gives its numbers and a CSV; the overview leads to the cell', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await tabTo(page, /^Llama 3\.1 405B/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid')).toBeFocused();
  await command(page, 'overview');
  // Llama 3.1 405B: 3.79e25 FLOP (6·405e9·15.6e12), 67.67 days on 16,384 H100 at an MFU of 0.40.
  const run = page.getByRole('region', { name: 'One run' });
  await expect(run).toContainText('3.791×10²⁵');
  await expect(run).toContainText('67.67');
  await takeScreens(page, 'overview');
  await tabTo(page, /^MFU, HFU/);
  await page.keyboard.press('Enter');
  await expect(
    page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { level: 2 }).first(),
  ).toHaveText('MFU');

  await command(page, 'charts');
  await tabTo(page, /^Copy Cost split as CSV/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'clipboard as CSV' })).toBeVisible();
  const csv = await page.evaluate(() => navigator.clipboard.readText());
  // 67.665 days · 24 h · 16,384 chips · 2 USD, to the cent.
  expect(csv).toBe('Run,"Compute, USD"\r\nLlama 3.1 405B,53214069.13\r\n');
  await tabTo(page, /^Copy Cost split as PNG/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'clipboard as a picture' })).toBeVisible();
  const types = await page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types));
  expect(types).toContain('image/png');
});
