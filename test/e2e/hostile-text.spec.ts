/** Text that would be code elsewhere, in every field a plan has, on every screen: it is shown as typed and runs nowhere. */
import { expect, openApp, test } from './harness/app.ts';

const HOSTILE = [
  '<img src=x onerror="window.ran=1">',
  '<script>window.ran=1</script>',
  '"><svg onload=window.ran=1>',
  'javascript:window.ran=1',
  '{{constructor.constructor("window.ran=1")()}}',
  '${window.ran=1}',
  '</title></textarea><iframe srcdoc="<script>parent.ran=1</script>">',
  '\u202Etxt.exe\u200B',
  '=HYPERLINK("http://example.invalid","x")',
];

test('hostile text in every field is shown as text on every screen', async ({ page, host, client }) => {
  const { plan } = await client.call('plans.create', { template: '20-rent-or-buy', name: HOSTILE[0] });
  const info = await client.call('plans.open', { plan });
  let revision = info.revision;
  const say = (n: number): string => HOSTILE[n % HOSTILE.length] ?? '';
  const runs = await client.call('sheet.view', { plan, scenario: 'base', table: 'runs', columns: ['name'], from: 0, count: 5 }); // prettier-ignore
  const [run = ''] = runs.rows.map((row) => row.key);
  const change = async (...commands: unknown[]): Promise<void> => {
    const base = revision;
    const made = await client.call('plan.change', { plan, scenario: 'base', base, commands: commands as never, note: say(1) }); // prettier-ignore
    revision = made.revision;
  };
  await change(
    { set: ['runs', run, 'name'], to: say(0) },
    { set: ['runs', run, 'note'], to: say(2) },
    { set: ['runs', run, 'tokens'], to: say(3) },
    { column: ['runs', 'z_hostile'], to: { label: say(4), unit: 'USD', note: say(5) } },
    {
      row: ['assumptions', 'hostile'],
      to: { at: 0, cells: { value: '1', source: say(6), owner: say(7), note: say(8) } },
    },
    { row: ['costs', 'hostile'], to: { at: 0, cells: { name: say(1), category: say(0), amount: '5 USD' } } },
  );
  await client.call('scenario.add', { plan, name: say(2), on: 'base' });
  await client.call('comment.add', { plan, cell: { table: 'runs', row: run, column: 'name' }, body: say(0), assignedTo: say(1) }); // prettier-ignore
  await openApp(page, host, `?plan=${plan}`);
  const ran = (): Promise<unknown> => page.evaluate(() => (window as unknown as { ran?: number }).ran);
  const rail = page.getByRole('navigation', { name: 'Screens' });
  await expect(page.getByRole('grid')).toContainText(say(0));
  await page.locator('#cell-0-0').click();
  const screens = await rail.getByRole('button').evaluateAll((buttons) => buttons.map((one) => one.ariaLabel ?? ''));
  expect(screens.length).toBeGreaterThan(8);
  for (const name of screens) {
    await rail.getByRole('button', { name, exact: true }).click();
    await page.waitForTimeout(400);
    expect(await ran(), name).toBeUndefined();
  }
  await page.keyboard.press('Control+k');
  await page.keyboard.type('<img');
  expect(await ran()).toBeUndefined();
});
