import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';

/** Three runs of a cluster a third slower than published ones, and one nobody can use. */
const RUNS = [
  'model,hardware,chips,precision,seq_len,batch_seqs,tp,pp,microbatch,zero,recompute,software_date,tokens_per_s_per_chip',
  'llama-3-8b,h100-sxm,64,bf16,8192,512,2,1,1,1,none,2025-06,6600',
  'llama-3-8b,h100-sxm,128,bf16,8192,1024,2,1,1,1,none,2025-06,6600',
  'llama-3-70b,h100-sxm,256,bf16,8192,512,4,4,1,1,none,2025-06,760',
  'Unheard-of,h100-sxm,64,bf16,8192,512,2,1,1,1,none,2025-06,6000',
].join('\n');

test('layout: search, ranks, memory, step, roofline, scaling, own runs; bad input is said', async ({
  page,
  watched,
}) => {
  test.setTimeout(150_000);
  watched.allow(/422 .*cluster\.runs/);
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Layout' }).click();
  const table = page.getByRole('region', { name: 'Candidate layouts' });
  await expect(table).toContainText('fastest', { timeout: 30_000 });
  await expect(page.getByRole('region', { name: 'More chips, same batch', exact: true })).toBeVisible({
    timeout: 30_000,
  });
  await expect(page.getByRole('button', { name: 'Stop' })).toBeHidden({ timeout: 30_000 });
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
  await expect(page.getByLabel('Sensitivity of the step')).toContainText('Memory bandwidth −20 %');
  await page.getByRole('region', { name: 'Roofline', exact: true }).scrollIntoViewIfNeeded();
  await takeScreens(page, 'layout-charts');
  await page.getByRole('region', { name: 'Time against cost', exact: true }).scrollIntoViewIfNeeded();
  await takeScreens(page, 'layout-scaling');
  await page.getByLabel('Best by').blur();
  await table.getByRole('radio').nth(1).press('t');
  await expect(page.getByRole('region', { name: 'Roofline: numbers' })).toContainText('Matrix products');
  await expect(page.getByRole('region', { name: 'Time against cost: numbers' })).toContainText('yes');
  await page.getByLabel('Best by').selectOption('cost');
  await expect(table).toContainText('cheapest');
  await page.getByLabel('Best by').selectOption('chips');
  await expect(table).toContainText('fewest');
  await page.getByLabel('Best by').selectOption('time');

  const own = page.getByRole('region', { name: 'Your own runs' });
  await own.getByRole('textbox').fill('a,b\n1,2');
  await own.getByRole('button', { name: 'Fit to my runs' }).click();
  await expect(own.getByRole('alert')).toContainText('not the columns');
  await own.getByRole('textbox').fill(RUNS);
  await own.getByRole('button', { name: 'Fit to my runs' }).click();
  await expect(own).toContainText('The refit is in use on this screen', { timeout: 20_000 });
  await expect(own).toContainText('Unheard-of');
  await expect(page.getByLabel('How sure')).toContainText('3 of yours', { timeout: 30_000 });
  await own.scrollIntoViewIfNeeded();
  await takeScreens(page, 'layout-own-runs');
  await own.getByRole('button', { name: 'Back to the shipped fit' }).click();
  await expect(page.getByLabel('How sure')).toContainText('published runs', { timeout: 30_000 });

  await page.getByLabel('Batch, sequences').fill('0');
  await expect(page.getByRole('alert')).toContainText('Batch is a whole number');
});
