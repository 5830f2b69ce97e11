import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

test('a person plans a run from an empty plan, by keyboard', async ({ page }) => {
  const sheet = new SheetPage(page);
  const { keyboard } = page;
  // Not a mouse in sight: the palette opens a plan, the sheet moves by arrows and Tab.
  await sheet.openTemplate('Empty plan');
  const addRow = async (): Promise<void> => {
    await keyboard.press('Control+k');
    await keyboard.type('Add a row at the end');
    await keyboard.press('Enter');
    await expect(page.locator('#cell-0-0')).toBeVisible();
  };
  // A row that is taken back while it is selected leaves no question about it behind.
  await addRow();
  await keyboard.press('Control+z');
  await expect(page.locator('#cell-0-0')).toHaveCount(0);
  await addRow();
  for (const [label, text] of [
    ['Run', 'My run'],
    ['Params', '405B'],
    ['Tokens', '15.6T'],
    ['Chip', 'h100-sxm'],
    ['Chips', '16384'],
    ['Price', '2 USD/h'],
  ]) {
    // The live region says which column one is in.
    const spoken = page.locator('.sheet-grid > [role=status]');
    for (let now = await spoken.textContent(); !now?.includes(`, ${label}: `); now = await spoken.textContent()) {
      await keyboard.press('ArrowRight');
      await expect(spoken).not.toHaveText(now ?? '');
    }
    await keyboard.type(text as string);
    await keyboard.press('Enter');
  }
  // Llama 3.1 405B: 6·405e9·15.6e12 = 3.79e25 FLOP; at 989.4 TFLOP/s and MFU 0.40 on 16,384 chips, 67.7 days.
  await expect(await sheet.cell(0, 'Training FLOP')).toHaveText('3.791×10²⁵');
  await expect(await sheet.cell(0, 'Days')).toHaveText('67.67');
  await expect(await sheet.cell(0, 'Total cost')).toHaveText('53,214,069.13');
  await expect(await sheet.total('Total cost')).toHaveText('53,214,069.13');
  await expect(page.locator('footer')).toContainText('Saved');
  // While a formula is typed its function says what it takes, with the argument one is in.
  await keyboard.type('=min(total_cost, ');
  await expect(page.locator('.bar .help')).toHaveText(/^min\(/);
  await takeScreens(page, 'signature');
  await keyboard.press('Escape');
  await keyboard.press('Control+[');
  await expect(page.getByRole('dialog', { name: 'Trace' })).toContainText('It reads');
  await takeScreens(page, 'trace');
  await keyboard.press('Escape');
});

test('500 rows from a spreadsheet: pasted, sorted, filtered, summed, found, replaced, filled, all by keyboard', async ({
  page,
}) => {
  const sheet = new SheetPage(page);
  const { keyboard } = page;
  await sheet.openTemplate('Empty plan');
  await page.getByRole('button', { name: '+ Add run' }).click();
  await expect(page.locator('#cell-0-0')).toBeVisible();
  const rows = Array.from({ length: 500 }, (_, i) => `sweep ${i + 1}\t\t${i + 1}B`);
  await sheet.paste(rows.join('\n'));
  await expect(page.locator('footer')).toContainText('Sum');
  await expect(page.getByRole('tab', { name: /Runs\s*500/ })).toBeVisible();

  // 1B to 500B: 500 · 501 / 2 = 125,250B parameters.
  await sheet.select(0, 'Params');
  await keyboard.press('Control+Space');
  await expect(page.locator('footer')).toContainText('Sum 125.3T param');
  await expect(page.locator('footer')).toContainText('Count 500');

  await keyboard.press('Control+k');
  await keyboard.type('largest first');
  await keyboard.press('Enter');
  await expect(page.locator('#cell-0-0')).toHaveText('sweep 500');
  await expect(page.locator('#cell-0-0').locator('..').locator('.number-cell')).toHaveText('500');
  await keyboard.press('Control+Home');
  await keyboard.press('Control+ArrowDown');
  await expect(page.locator('#cell-499-0')).toHaveText('sweep 1');

  await keyboard.press('Control+Shift+l');
  await page.getByLabel('Value').fill('sweep 49');
  await keyboard.press('Enter');
  await expect(page.locator('[role="grid"]')).toHaveAttribute('aria-rowcount', /^1[34]$/);
  await takeScreens(page, 'sheet-filtered');
  await keyboard.press('Control+k');
  await keyboard.type('Clear sort and filter');
  await keyboard.press('Enter');
  await expect(page.locator('#cell-0-0')).toHaveText('sweep 1');

  await keyboard.press('Control+f');
  await keyboard.type('sweep 1');
  await page.getByLabel('Whole cells').check();
  await expect(page.getByRole('search')).toContainText('1 of 1');
  await page.getByLabel('Replace with').fill('first');
  await page.getByRole('button', { name: 'Replace all' }).click();
  await expect(page.locator('#cell-0-0')).toHaveText('first');
  await keyboard.press('Escape');

  // Chips for the whole column: typed once, filled down.
  await sheet.select(0, 'Chips');
  await keyboard.type('64');
  await keyboard.press('Enter');
  await sheet.select(0, 'Chips');
  await keyboard.press('Control+Space');
  await keyboard.press('Control+d');
  await expect(async () => {
    await keyboard.press('Control+ArrowDown');
    await expect(page.locator('.cell.active')).toHaveId(/^cell-499-/, { timeout: 500 });
    await expect(page.locator('.cell.active')).toHaveText('64', { timeout: 500 });
  }).toPass();
});

test('an edit that is begun before the last one is saved is not lost', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');
  await sheet.select(0, 'MFU');
  // Every change waits: typing goes on meanwhile.
  await page.route('**/api/call/plan.change', async (route) => {
    await new Promise((done) => setTimeout(done, 300));
    await route.continue();
  });
  await page.keyboard.type('50%');
  await page.keyboard.press('Enter');
  await page.keyboard.type('60%');
  await page.waitForTimeout(450);
  const editor = page.getByRole('textbox', { name: 'Edit MFU' });
  await expect(editor).toHaveValue('60%');
  await page.keyboard.press('Enter');
  // 67.67 days at MFU 0.40 are 45.11 at 0.60.
  await expect(await sheet.cell(0, 'Days')).toHaveText('45.11');
});

test('undo and redo survive a reload, and the plan is in the list', async ({ page, host }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('Llama 3.1 405B');
  await sheet.type(0, 'MFU', '50%');
  await expect(await sheet.cell(0, 'Days')).toHaveText('54.13');
  await page.keyboard.press('Control+z');
  await expect(await sheet.cell(0, 'Days')).toHaveText('67.67');
  await page.goto(host.origin);
  await page
    .getByRole('complementary')
    .getByRole('button', { name: /Llama 3\.1 405B/ })
    .first()
    .click();
  await expect(await sheet.cell(0, 'Days')).toHaveText('67.67');
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect(await sheet.cell(0, 'Days')).toHaveText('54.13');
});

test('a derivation opens to its inputs, and an override is marked and restored with one key', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('7B on 1T tokens on rented H100s');
  await sheet.select(0, 'Total cost');
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector).toContainText('compute_cost');
  await expect(inspector).toContainText('= chip_hours * chip_hour_price');
  await expect(inspector.getByRole('img', { name: /Histogram: P10/ })).toBeVisible();
  await takeScreens(page, 'sheet');

  const flop = await sheet.select(0, 'Training FLOP');
  const before = await flop.textContent();
  await page.keyboard.type('5e22');
  await page.keyboard.press('Enter');
  await expect(flop).toHaveClass(/override/);
  await flop.click();
  // The inspector tells the cell's history; its switch goes to the formula and back to what was typed.
  await expect(inspector.getByText('5e22', { exact: true })).toBeVisible();
  const own = inspector.getByRole('switch', { name: 'Own value instead of the formula' });
  await own.click();
  await expect(flop).toHaveText(before ?? '');
  await expect(inspector).toContainText('cleared, was 5e22');
  await own.click();
  await expect(flop).toHaveText('5×10²²');
  await flop.click();
  await page.keyboard.press('Delete');
  await expect(flop).not.toHaveClass(/override/);
  await expect(flop).toHaveText(before ?? '');
});

test('a range makes a total uncertain; a scenario changes only itself; the difference is paired', async ({ page }) => {
  const sheet = new SheetPage(page);
  await sheet.openTemplate('7B on 1T tokens on rented H100s');
  await expect(await sheet.total('Total cost')).toContainText('±');
  const base = await (await sheet.total('Total cost')).textContent();
  await page.getByRole('tab', { name: /Spot/ }).click();
  await expect(await sheet.total('Total cost')).not.toHaveText(base ?? '');
  await page.getByRole('tab', { name: /Base/ }).click();
  await expect(await sheet.total('Total cost')).toHaveText(base ?? '');
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Compare scenarios' }).click();
  await expect(page.getByRole('img', { name: 'Cost bridge from Base to Spot' })).toBeVisible();
  await expect(page.locator('tr.total')).toContainText('−');
  await takeScreens(page, 'compare');
});

test('every screen opens, in light and dark', async ({ page }) => {
  await takeScreens(page, 'start');
  const sheet = new SheetPage(page);
  await sheet.openTemplate('DeepSeek-V3');
  const rail = page.getByRole('navigation', { name: 'Screens' });
  await rail.getByRole('button', { name: 'Charts' }).click();
  await expect(page.getByRole('heading', { name: /^Cost split/ })).toBeVisible();
  await expect(page.locator('canvas').first()).toBeVisible();
  await takeScreens(page, 'charts');
  await page.keyboard.press('t');
  await expect(page.getByRole('cell', { name: 'DeepSeek-V3' }).first()).toBeVisible();
  await rail.getByRole('button', { name: 'Catalog' }).click();
  await page.getByRole('button', { name: 'H100 SXM5 80GB', exact: true }).click();
  await expect(page.getByRole('complementary')).toContainText('989.4');
  await takeScreens(page, 'catalog');
  await rail.getByRole('button', { name: 'History' }).click();
  await expect(page.getByRole('heading', { name: 'History' })).toBeVisible();
  await rail.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Data attribution' })).toBeVisible();
  await takeScreens(page, 'settings');
  // DeepSeek-V3: 2.788M chip-hours at 2 USD (its paper, table 1), with the separator chosen here.
  await page.getByLabel('Thousands').selectOption('apostrophe');
  await rail.getByRole('button', { name: 'Sheet' }).click();
  await expect(await sheet.cell(0, 'Total cost')).toContainText('’');
  await page.evaluate(() => localStorage.removeItem('flopsheet:thousands'));
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Find a cell or run a command' })).toBeFocused();
  await takeScreens(page, 'palette');
  await page.keyboard.press('Escape');
});
