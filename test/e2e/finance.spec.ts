/** What finance does: looks at cash and capacity, records what happened, quotes prices, comments, approves, sees drift. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { Client } from '../../src/bridge/client.ts';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

async function assertClean(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations
      .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
      .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
    expect(serious, `${what}, ${colorScheme}`).toEqual([]);
  }
}

async function openFinance(page: Page, tab: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Finance' }).click();
  await page.getByRole('tab', { name: tab }).click();
}

test('cash by month, quarter and fiscal year, what is in a figure, and the budget cap', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('A year’s programme');
  await openFinance(page, 'Cash flow');
  const panel = page.getByRole('tabpanel');
  await expect(panel).toContainText('32,180,997');
  await expect(panel).toContainText('chance to exceed it');
  await expect(panel.getByRole('row', { name: /^Reservation/ })).toContainText('3,580,723');
  await takeScreens(page, 'finance-cash');
  await assertClean(page, 'cash');
  await panel.getByRole('button', { name: 'Running total' }).click();
  await takeScreens(page, 'finance-running');
  await panel.getByRole('button', { name: 'Quarter' }).click();
  await expect(panel.getByRole('columnheader', { name: 'FY2027-Q1' })).toBeVisible();
  await panel.getByRole('button', { name: 'Fiscal year' }).click();
  await panel
    .getByRole('row', { name: /^Staff/ })
    .getByRole('button')
    .first()
    .click();
  const what = page.getByRole('complementary', { name: 'What is in this figure' });
  await expect(what).toContainText('monthly_cost');
  await takeScreens(page, 'finance-figure');
  await page.getByRole('textbox', { name: 'Cap FY2027' }).fill('32M');
  await page.getByRole('textbox', { name: 'Cap FY2027' }).press('Enter');
  await expect(panel).toContainText('−180,997');
  await takeScreens(page, 'finance-year-cap');
  // A cap of 30 M is exceeded; undo takes the edit back.
  const cap = panel.getByRole('textbox', { name: 'Budget cap' });
  await cap.fill('30M');
  await cap.press('Enter');
  await expect(panel).toContainText('−2,180,997');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(cap).toHaveValue('32.5M');
});

/** A plan of the yearly template with a name and edits of its own, opened. */
async function openOwn(
  page: Page,
  client: Client,
  name: string,
  edits: readonly [string, string, string][],
): Promise<void> {
  const { plan } = await client.call('plans.create', { template: '21-yearly-programme', name });
  if (edits.length > 0)
    await client.call('plan.change', {
      plan,
      scenario: 'base',
      base: 0,
      commands: edits.map(([row, column, to]) => ({ set: ['runs', row, column], to })),
    });
  await page.reload();
  await page.getByRole('button', { name }).first().click();
  await expect(page.getByRole('grid')).toBeVisible();
}

test('an over-committed cluster is flagged, a run can wait for its chips, and undo takes that back', async ({
  page,
  client,
}) => {
  await openOwn(page, client, 'Clash', [['moe', 'start_date', '2027-05-03']]);
  await openFinance(page, 'Capacity');
  const panel = page.getByRole('tabpanel');
  await expect(panel.getByRole('list', { name: 'Notices' })).toContainText(
    'Reservation R-17 is over-committed: up to 2,048 chips',
  );
  // Dense 70B ends 100.35 days after 8 March.
  const waits = panel.getByRole('row', { name: /^MoE.*Start then/ });
  await expect(waits).toContainText('2027-06-16');
  await expect(waits).toContainText('44.4');
  await takeScreens(page, 'finance-capacity');
  await assertClean(page, 'capacity');
  await waits.getByRole('button', { name: 'Start then' }).click();
  await expect(panel.getByRole('list', { name: 'Notices' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(panel.getByRole('list', { name: 'Notices' })).toContainText('over-committed');
});

test('approve, edit, see the drift, undo', async ({ page, client, watched }) => {
  watched.allow(/422/);
  await openOwn(page, client, 'To be signed', []);
  await openFinance(page, 'Approval and comments');
  const panel = page.getByRole('tabpanel');
  await panel.getByLabel('Approved by').fill('Finance');
  await panel.getByLabel('Note').fill('Board of 18 November');
  await panel.getByRole('button', { name: 'Approve this version' }).click();
  await expect(panel).toContainText('Nothing has changed: the plan is the approved one.');
  await expect(panel.getByRole('row', { name: /Finance/ })).toContainText('32,180,997');

  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Sheet' }).click();
  const sheet = new SheetPage(page);
  await sheet.type(3, 'Chips', '256');
  await expect(await sheet.cell(3, 'Chips')).toHaveText('256');
  await sheet.type(3, 'Tokens', '600B');
  await expect(await sheet.cell(3, 'Tokens')).toHaveText('600B');
  await openFinance(page, 'Approval and comments');
  await expect(panel).toContainText('2 cells differ');
  await expect(panel.getByRole('row', { name: /^runs\.post\.tokens/ })).toContainText('600B');
  await expect(panel.getByRole('img', { name: /Cost bridge from Approved to Now/ })).toBeVisible();
  await expect(panel).toContainText('runs.post.tokens = 600B, was 400B');
  await takeScreens(page, 'finance-drift');
  await assertClean(page, 'approval');
  // What an inspector of a saved file sees: the hash no longer agrees.
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Compare scenarios' }).click();
  await expect(page.getByRole('button', { name: '2 changes since approval' })).toBeVisible();
  await expect(page.getByRole('heading', { name: /^Cash by month/ })).toBeVisible();
  await expect(page.locator('figure canvas')).toBeVisible();
  await takeScreens(page, 'compare-approved');
  await assertClean(page, 'compare');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('button', { name: '1 change since approval' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Approval', exact: true }).click();
  await expect(panel).toContainText('Nothing has changed');

  // A plan that cannot be computed cannot be approved.
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Sheet' }).click();
  await sheet.type(1, 'Tokens', '=tokns');
  await openFinance(page, 'Approval and comments');
  await expect(panel.getByRole('list', { name: 'To be mended first' })).toContainText('tokns');
  await expect(panel.getByRole('button', { name: 'Approve this version' })).toBeDisabled();
});

test('a comment on a cell is assigned and resolved', async ({ page, client }) => {
  await openOwn(page, client, 'Discussed', []);
  const sheet = new SheetPage(page);
  await sheet.select(1, 'MFU');
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await inspector.getByLabel('Add a comment').fill('Is 0.43 realistic on this network?');
  await inspector.getByLabel('for', { exact: true }).last().fill('Ana');
  await inspector.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(inspector).toContainText('Is 0.43 realistic');
  await expect((await sheet.cell(1, 'MFU')).getByRole('img', { name: '1 open comment' })).toBeVisible();
  await takeScreens(page, 'comment');
  await assertClean(page, 'comment');
  await openFinance(page, 'Approval and comments');
  const panel = page.getByRole('tabpanel');
  await expect(panel.getByRole('list', { name: 'To be looked at' })).toContainText('1 comment is not resolved');
  await expect(panel).toContainText('for Ana');
  await panel.getByRole('button', { name: 'runs.dense.mfu' }).click();
  await inspector.getByRole('button', { name: 'Resolve' }).click();
  await expect(inspector).not.toContainText('Is 0.43 realistic');
  await inspector.getByLabel('1 resolved').check();
  await expect(inspector).toContainText('resolved by');
});

test('prices of your own stand beside the shipped ones; a table tells which rows it left out', async ({
  page,
  client,
  watched,
}) => {
  watched.allow(/422/);
  await openOwn(page, client, 'Priced', [['post', 'chip_hour_price', '']]);
  await openFinance(page, 'Price book');
  const panel = page.getByRole('tabpanel');
  await panel.getByRole('searchbox', { name: 'Find' }).fill('H100 SXM neocloud on_demand');
  await panel.getByRole('button', { name: /^H100/ }).first().click();
  await expect(page.getByRole('complementary', { name: /neocloud, on demand/ })).toContainText('Provenance');
  await takeScreens(page, 'finance-prices');
  await assertClean(page, 'prices');
  await panel.getByRole('button', { name: 'Add price' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a price' });
  await dialog.getByLabel('USD per chip-hour').fill('0');
  await dialog.getByLabel('Provider').fill('Our contract');
  await dialog.getByRole('button', { name: 'Add price' }).click();
  await expect(dialog.getByRole('alert')).toContainText('a price is a positive number');
  await dialog.getByLabel('USD per chip-hour').fill('2.05');
  await dialog.getByRole('button', { name: 'Add price' }).click();
  await expect(
    panel
      .getByRole('row', { name: /^H100 SXM/ })
      .filter({ hasText: 'yours' })
      .first(),
  ).toContainText('2.05');
  await panel.getByLabel('Import quotes').setInputFiles({
    name: 'quotes.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(
      'chip,provider,class,commitment,price,currency,date,source\nh200-sxm,Acme,neocloud,spot,1.95,USD,2026-11-20,Q-1\nh200-sxm,Acme,neocloud,spot,-2,USD,2026-11-20,Q-2\nh200-sxm,Acme,neocloud,spot,1.80,EUR,2026-11-20,Q-3\n',
    ),
  });
  const left = panel.getByRole('list', { name: 'Rows left out' });
  await expect(left).toContainText('Row 2 was left out: "-2" is not a positive price');
  await expect(left).toContainText('Row 3 was left out: The price is in EUR');
});

test('actuals are pasted, held against the plan, and undone', async ({ page, client, watched }) => {
  watched.allow(/422/);
  await openOwn(page, client, 'Running', [['dense', 'status', 'running']]);
  await openFinance(page, 'Actuals');
  const panel = page.getByRole('tabpanel');
  const paste = panel.getByLabel('Paste a table with a header');
  await paste.fill('month\trun\tchip_hours\tinvoice\n2027-03\tnobody\t1\t1');
  await panel.getByRole('button', { name: 'Add rows' }).click();
  await expect(page.getByRole('status').filter({ hasText: '"nobody" is no run of this plan.' })).toBeVisible();
  await paste.fill(
    'month\trun\tchip_hours\tproductive_chip_hours\ttokens\tinvoice\n2027-03\tDense 70B\t1150000\t1040000\t3.3T\t2702500\n2027-04\tdense\t1474560\t1300000\t4.1T\t3465216.00\n2027-13\tdense\t1\t1\t1\t1',
  );
  await panel.getByRole('button', { name: 'Add rows' }).click();
  await expect(panel.getByRole('list', { name: 'Rows left out' })).toContainText(
    'Row 3 was left out: "2027-13" is not a month.',
  );
  const run = panel.getByRole('row', { name: /^Dense 70B/ }).first();
  await expect(run).toContainText('49.3');
  await takeScreens(page, 'finance-actuals');
  await assertClean(page, 'actuals');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(panel).toContainText('Nothing has been recorded yet');
  await page.getByRole('tab', { name: 'Energy and carbon' }).click();
  await expect(panel).toContainText('Why a model card says less');
  await panel.getByRole('searchbox', { name: 'Find' }).fill('stockholm');
  await panel
    .getByRole('row', { name: /gcp-europe-north2/ })
    .getByRole('button', { name: 'Use here' })
    .click();
  await expect(panel).toContainText('1.10');
  await page.getByRole('button', { name: 'Undo' }).click();
  await panel.getByRole('searchbox', { name: 'Find' }).fill('');
  await takeScreens(page, 'finance-regions');
  // A few rows stand for a long list.
  await panel.getByRole('searchbox', { name: 'Find' }).fill('aws');
  await assertClean(page, 'regions');
});
