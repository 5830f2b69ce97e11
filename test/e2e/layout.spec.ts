import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';

test('layout: search, memory, step, scaling; bad input is said', async ({ page }) => {
  test.setTimeout(120_000);
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Layout' }).click();
  const table = page.getByRole('region', { name: 'Candidate layouts' });
  await expect(table).toContainText('fastest', { timeout: 30_000 });
  await expect(page.getByLabel('More chips, same batch')).toBeVisible({ timeout: 30_000 });
  await takeScreens(page, 'layout');
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
  await table.getByRole('radio').nth(1).check();
  await expect(page.getByLabel('Step time')).toContainText('layout 2');
  await page.getByLabel('Batch, sequences').fill('0');
  await expect(page.getByRole('alert')).toContainText('Batch is a whole number');
});
