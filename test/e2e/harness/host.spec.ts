/** The host as a browser meets it: signing in, the policy at work, strangers, a restart. */
import { readFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { join } from 'node:path';
import { chromiumFlags, findChromium } from '../../../scripts/chromium.ts';
import { connectDirectly, expect, openApp, openSecond, test } from './app.ts';
import { startHost, temporaryFolder } from './host.ts';

test('the printed address signs in, leaves no token behind, and a reload keeps the session', async ({ page, host }) => {
  expect(page.url()).toBe(`${host.origin}/`);
  await page.reload();
  await expect(page.locator('#app')).not.toBeEmpty();
  expect(await page.evaluate(() => document.cookie)).toBe('');
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', expires: -1 });
  expect(cookie!.name).toContain(new URL(host.origin).port);
});

test('without the token the page shows no plan and the host gives none', async ({ browser, host }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(host.origin);
  const status = await page.evaluate(async () => {
    const headers = { 'Content-Type': 'application/json', 'X-Flopsheet': '1' };
    return (await fetch('/api/call/plans.list', { method: 'POST', headers, body: '{}' })).status;
  });
  expect(status).toBe(401);
  await context.close();
});

test('inline script, eval, foreign script and foreign fetch are blocked by the policy', async ({ page, watched }) => {
  watched.allow(/CSP|Content Security Policy|violates|uncaught/i);
  const ran = await page.evaluate(async () => {
    const marks: string[] = [];
    (window as unknown as { mark: (name: string) => void }).mark = (name) => marks.push(name);
    const inline = document.createElement('script');
    inline.textContent = "mark('inline')";
    document.body.append(inline);
    const foreign = document.createElement('script');
    foreign.src = 'https://example.com/x.js';
    document.body.append(foreign);
    const image = document.createElement('div');
    image.innerHTML = `<img src="data:," onerror="mark('handler')"><a id="js" href="javascript:mark('link')">x</a>`;
    document.body.append(image);
    document.getElementById('js')!.click();
    // Later, because code the test itself evaluates may evaluate more.
    setTimeout(() => {
      const compile = Function;
      compile("mark('function')")();
    }, 0);
    await fetch('https://example.com/').then(
      () => marks.push('fetch'),
      () => {},
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    return marks;
  });
  expect(ran).toEqual([]);
  const directives = ['script-src', 'connect-src'];
  for (const directive of directives) expect(watched.faults.join('\n')).toContain(`CSP: ${directive}`);
  expect(watched.faults.filter((fault) => fault.startsWith('request to'))).toEqual([]);
});

test('a name that an attacker points at 127.0.0.1 reads nothing', async ({ host }) => {
  const port = new URL(host.origin).port;
  const executablePath = findChromium();
  const rebound = await chromium.launch({
    ...(executablePath === null ? {} : { executablePath }),
    args: [...chromiumFlags(), '--host-resolver-rules=MAP rebind.test 127.0.0.1'],
  });
  try {
    const page = await rebound.newPage();
    const answer = await page.goto(`http://rebind.test:${port}/`);
    expect(answer!.status()).toBe(421);
    const texts = await page.evaluate(async () =>
      Promise.all(
        ['/', '/api/call/plans.list'].map((path) =>
          fetch(path).then(
            (reply) => reply.text(),
            () => '',
          ),
        ),
      ),
    );
    for (const text of texts) expect(text).not.toMatch(/<script|"ok":true/);
  } finally {
    await rebound.close();
  }
});

test('a page on another port of this machine reads nothing, cookie or not', async ({ page, host, context }) => {
  const other = await startHost();
  const second = await context.newPage();
  await openApp(second, other);
  const read = await second.evaluate(async (origin) => {
    const headers = { 'Content-Type': 'application/json', 'X-Flopsheet': '1' };
    const call = () =>
      fetch(`${origin}/api/call/plans.list`, { method: 'POST', headers, body: '{}', credentials: 'include' });
    return call().then(
      (answer) => answer.text(),
      () => 'refused',
    );
  }, host.origin);
  expect(read).toBe('refused');
  await other.stop();
  await expect(page.locator('#app')).not.toBeEmpty();
});

test('two windows are open at once', async ({ page, host, context, watched }) => {
  const second = await openSecond(context, host, watched);
  await expect(second.locator('#app')).not.toBeEmpty();
  await expect(page.locator('#app')).not.toBeEmpty();
});

test('what was saved is there after the host was killed', async () => {
  const folder = temporaryFolder();
  const storePath = join(folder.path, 'flopsheet.db');
  try {
    const first = await startHost({ storePath });
    const before = await connectDirectly(first);
    const { plan } = await before.call('plans.create', { name: 'Kept' });
    await first.stop('SIGKILL');
    const second = await startHost({ storePath });
    const plans = await (await connectDirectly(second)).call('plans.list', {});
    expect(plans).toContainEqual(expect.objectContaining({ id: plan, name: 'Kept' }));
    await second.stop();
  } finally {
    folder.remove();
  }
});

test('told to stop in the middle of edits, the host ends in order and every edit it confirmed is there', async () => {
  const folder = temporaryFolder();
  const storePath = join(folder.path, 'flopsheet.db');
  try {
    const host = await startHost({ storePath });
    const client = await connectDirectly(host);
    const { plan } = await client.call('plans.create', { template: '04-gpt-3-175b' });
    let confirmed = 0;
    const editing = (async () => {
      for (;;) {
        const commands = [{ set: ['runs', 'r1', 'note'] as ['runs', string, string], to: `edit ${confirmed}` }];
        ({ revision: confirmed } = await client.call('plan.change', {
          plan,
          scenario: 'base',
          base: confirmed,
          commands,
        }));
        if (confirmed === 30) host.signal('SIGTERM');
      }
    })();
    await expect(editing).rejects.toMatchObject({ code: 'HOST_LOST' });
    client.close();
    expect(await host.ended).toBe(0);
    const second = await startHost({ storePath });
    const info = await (await connectDirectly(second)).call('plans.open', { plan });
    expect(info.revision).toBeGreaterThanOrEqual(confirmed);
    expect(confirmed).toBeGreaterThanOrEqual(30);
    await second.stop();
  } finally {
    folder.remove();
  }
});

test('a fault nobody caught is logged and said, the host leaves in order, and what was saved is there', async () => {
  const folder = temporaryFolder();
  const storePath = join(folder.path, 'flopsheet.db');
  const faulty = "process.once('SIGUSR2', () => { throw new TypeError('injected'); });";
  try {
    const host = await startHost({ storePath, preload: `data:text/javascript,${encodeURIComponent(faulty)}` });
    const client = await connectDirectly(host);
    const { plan } = await client.call('plans.create', { name: 'Kept' });
    host.signal('SIGUSR2');
    expect(await host.ended).toBe(3);
    expect(host.messages()).toContain('fault of its own');
    expect(readFileSync(join(folder.path, 'logs', 'flopsheet.log'), 'utf8')).toContain('TypeError');
    const second = await startHost({ storePath });
    const plans = await (await connectDirectly(second)).call('plans.list', {});
    expect(plans).toContainEqual(expect.objectContaining({ id: plan }));
    await second.stop();
  } finally {
    folder.remove();
  }
});

test('a second start on the same store reads and says so; a port in use is said in one line', async ({ host }) => {
  const second = await startHost({ storePath: host.storePath });
  const info = await (await connectDirectly(second)).call('app.info', {});
  expect(info.readOnly).toBe(true);
  expect(info.storeNotice).toMatch(/read-only/);
  await second.stop();
  const port = Number(new URL(host.origin).port);
  const failure = await startHost({ port }).then(
    () => 'started',
    (error: Error) => error.message,
  );
  expect(failure).toContain(`Port ${port} on 127.0.0.1 is already in use.`);
  expect(failure).not.toMatch(/\bat .*\.ts:\d+/);
});
