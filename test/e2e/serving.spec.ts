import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

test('serving: curves, percentiles under load, search, levers and own measurements, in both themes', async ({
  page,
}) => {
  test.setTimeout(180_000);
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Serving' }).click();
  const figures = page.getByLabel('At the operating point');
  await expect(figures).toContainText('USD per M tokens');
  // The simulation runs in a worker and fills in p50 and p99.
  await expect(figures).toContainText(/TTFT p50, p99 at 70 % load\s*[\d,]+, [\d,]+/);
  await expect(page.getByRole('table').first()).toContainText('8 × H100');
  await takeScreens(page, 'serving');

  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations
        .filter((v) => v.impact === 'serious' || v.impact === 'critical')
        .map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 160)}`),
    ).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });

  await page.getByRole('tab', { name: 'Operating points' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Under load' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('tabpanel')).toContainText('the queue grows without end');
  await takeScreens(page, 'serving-load');

  await page.getByRole('tab', { name: 'Cheapest within limits' }).click();
  await page.getByRole('tabpanel').getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('USD per M output', { timeout: 30_000 });
  await expect(page.getByRole('tabpanel')).toContainText(/Hosting a month\s*[\d,]+ USD/);
  await takeScreens(page, 'serving-search');

  await page.getByRole('tab', { name: 'Bottleneck and levers' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('answers the bottleneck');
  await takeScreens(page, 'serving-levers');

  await page.getByRole('tab', { name: 'Choose a model' }).click();
  await page.getByRole('tabpanel').getByRole('button', { name: 'Choose' }).click();
  await expect(page.getByRole('tabpanel').getByRole('table')).toBeVisible({ timeout: 60_000 });
  await takeScreens(page, 'serving-choose');

  await page.getByRole('tab', { name: 'My measurements' }).click();
  const run = (concurrency: number, tpot: number): object => ({
    max_concurrency: concurrency,
    duration: 60,
    completed: 100,
    total_input_tokens: 204_800,
    total_output_tokens: 51_200,
    mean_ttft_ms: 300,
    mean_tpot_ms: tpot,
  });
  await page.getByRole('textbox', { name: /vllm bench serve/ }).fill(JSON.stringify([run(4, 16), run(32, 26)]));
  await page.getByRole('button', { name: 'Fit to my measurements' }).click();
  await expect(page.getByRole('tabpanel')).toContainText(/Mean error .* before, .* after/);
  await page.getByRole('button', { name: 'Use it' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('Your measurements are in use');
  await takeScreens(page, 'serving-measured');

  await page.getByRole('tab', { name: 'Ceilings' }).click();
  // 1T dense on 8 H100: 13.4 / 26.8 / 53.6 tok/s, 1,360 GB short at FP16, 0.51 % of the peak at 20 tok/s.
  for (const text of ['13.4', '26.8', '53.6', '1,360', '0.51 %'])
    await expect(page.getByRole('tabpanel')).toContainText(text);
  await takeScreens(page, 'serving-ceilings');

  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Serving' }).click();
  await page.keyboard.press('t');
  await expect(page.getByRole('region', { name: /Throughput and interactivity: numbers/ })).toContainText('H100');
});

test('serving: what cannot be is said, and a deployment is pinned to the plan', async ({ page }) => {
  await new SheetPage(page).openTemplate('7B on 1T tokens on rented H100s');
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Serving' }).click();
  await expect(page.getByLabel('At the operating point')).toContainText('USD per M tokens');
  await page.getByLabel('Prompt').fill('0');
  await expect(page.getByRole('alert')).toContainText('at least one');
  await page.getByLabel('Prompt').fill('1024');
  await page.getByRole('main').getByLabel('Model').selectOption('deepseek-v3');
  await expect(page.getByRole('table').last()).toContainText(/GiB more on each chip.*It would fit with/);
  await page.getByRole('main').getByLabel('Model').selectOption('llama-3-70b');
  await page.getByRole('button', { name: 'Pin to sheet' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'serving table' })).toBeVisible();
});
