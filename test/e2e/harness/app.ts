/**
 * `test` for end-to-end specs: `page` is the app, signed in, and the test fails when it reports a policy violation, a
 * console error, an uncaught error, or asks anybody but its own host. Specs share a host and its store: make your own plan
 * with `client`, or start a host of your own with `startHost`.
 */
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import { createClient, type Client } from '../../../src/bridge/client.ts';
import { createHttpTransport } from '../../../src/bridge/http-client.ts';
import { startHost, temporaryFolder, type RunningHost } from './host.ts';
import { createWatch, type Watched } from './watch.ts';
import { join } from 'node:path';

interface PerTest {
  /** The faults collected so far; use `watched.allow(/…/)` for one a test causes on purpose. */
  readonly watched: Watched;
  /** Calls the host directly, beside the page: to prepare plans, or to be the second window. */
  readonly client: Client;
}
interface PerWorker {
  readonly host: RunningHost;
}

export const test = base.extend<PerTest, PerWorker>({
  host: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const folder = temporaryFolder();
      const host = await startHost({ storePath: join(folder.path, 'flopsheet.db') });
      await use(host);
      await host.stop();
      folder.remove();
    },
    { scope: 'worker' },
  ],
  // eslint-disable-next-line no-empty-pattern
  watched: async ({}, use) => use(createWatch()),
  page: async ({ page, host, watched }, use) => {
    await watched.attach(page, host.origin);
    await openApp(page, host);
    await use(page);
    watched.assertQuiet();
  },
  client: async ({ host }, use) => {
    const client = await connectDirectly(host);
    await use(client);
    client.close();
  },
});

export { expect };

/** Opens the app in a page and waits until it is signed in and shows something. */
export async function openApp(page: Page, host: RunningHost, path = ''): Promise<void> {
  await page.goto(path === '' ? host.url : host.url.replace('/#', `/${path}#`));
  await page.waitForFunction(
    () => location.hash === '' && (document.getElementById('app')?.childElementCount ?? 0) > 0,
  );
}

/** A second window of the app, watched like the first. */
export async function openSecond(context: BrowserContext, host: RunningHost, watched: Watched): Promise<Page> {
  const page = await context.newPage();
  await watched.attach(page, host.origin);
  await openApp(page, host);
  return page;
}

/** A client without a page. Events need EventSource, which Node has not: calls only. */
export async function connectDirectly(host: RunningHost): Promise<Client> {
  let cookie = '';
  const transport = createHttpTransport({
    origin: host.origin,
    fetch: async (url, init) => {
      const response = await fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), cookie } });
      cookie = response.headers.get('set-cookie')?.split(';', 1)[0] ?? cookie;
      return response;
    },
  });
  await transport.signIn(new URL(host.url).hash.slice('#token='.length));
  return createClient(transport);
}
