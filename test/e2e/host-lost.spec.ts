import { join } from 'node:path';
import { connectDirectly, expect, openApp, test } from './harness/app.ts';
import { startHost, temporaryFolder } from './harness/host.ts';
import { SheetPage } from './sheet-page.ts';

test('a killed host: the page says so, keeps what is typed, and saves it when the host is back', async ({
  context,
  watched,
}) => {
  watched.allow(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|401/);
  const folder = temporaryFolder();
  const storePath = join(folder.path, 'flopsheet.db');
  const first = await startHost({ storePath });
  const port = Number(new URL(first.origin).port);
  try {
    const page = await context.newPage();
    await watched.attach(page, first.origin);
    await openApp(page, first);
    const sheet = new SheetPage(page);
    await sheet.openTemplate('Llama 3.1 405B');
    await sheet.select(0, 'MFU');
    await first.stop('SIGKILL');

    await page.keyboard.type('50%');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toContainText('stopped answering');
    await expect(page.getByRole('alert')).toContainText('1 cell you typed is kept here');
    await expect(await sheet.cell(0, 'MFU')).toContainText('50%');
    await expect(page.getByRole('contentinfo')).toContainText('Host not reached');

    // Started anew it has a new token: its address, opened once in this browser, lets the old page in again.
    const second = await startHost({ storePath, port });
    try {
      await expect(page.getByRole('alert')).toContainText('Open the address it printed', { timeout: 20_000 });
      const other = await context.newPage();
      await openApp(other, second);
      await expect(page.getByRole('alert')).toHaveCount(0, { timeout: 20_000 });
      // 67.67 days at an MFU of 0.40 are 54.13 at 0.50.
      await expect(await sheet.cell(0, 'Days')).toHaveText('54.13');
      const client = await connectDirectly(await Promise.resolve(second)).catch(() => null);
      client?.close();
    } finally {
      await second.stop();
    }
  } finally {
    folder.remove();
  }
});
