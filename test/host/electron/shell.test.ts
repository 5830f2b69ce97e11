/** The desktop host with a stand-in for the electron module: what it asks of Electron, and in which order. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { IpcBridge } from '../../../src/bridge/ipc-client.ts';
import { loadAssets } from '../../../src/host/assets.ts';
import { contentSecurityPolicy } from '../../../src/host/csp.ts';
import { answerAsset, APP_SCHEME_PRIVILEGES } from '../../../src/host/electron/protocol.ts';
import { windowOptions } from '../../../src/host/electron/window.ts';
import { createFakeElectron, type FakeElectron } from './fake-electron.ts';

let folder: string;
let electron: FakeElectron;
let argv: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flopsheet-shell-'));
  mkdirSync(join(folder, 'out', 'renderer'), { recursive: true });
  writeFileSync(join(folder, 'out', 'renderer', 'index.html'), '<meta nonce="__CSP_NONCE__">');
  argv = process.argv;
  process.argv = ['electron', '.', '--db=:memory:'];
});

afterEach(() => {
  electron?.quit();
  process.argv = argv;
  process.removeAllListeners('uncaughtException');
  process.removeAllListeners('unhandledRejection');
  vi.doUnmock('electron');
  rmSync(folder, { recursive: true });
});

async function startMain(options: { readonly first?: boolean } = {}): Promise<FakeElectron> {
  vi.resetModules();
  electron = createFakeElectron(folder, options.first ?? true);
  vi.doMock('electron', () => electron.module);
  await import('../../../src/host/electron/main.ts');
  await electron.settled();
  return electron;
}

describe('starting', () => {
  test('sandboxes everything and registers its scheme before it is ready; then guards, page, bridge, window', async () => {
    const { calls } = await startMain();
    const order = [
      'enableSandbox',
      'registerSchemesAsPrivileged',
      'requestSingleInstanceLock',
      'ready',
      'permissions',
      'protocol flopsheet',
      'ipc flopsheet:call',
      'window',
    ];
    expect(calls.filter((call) => order.includes(call))).toEqual(order);
    expect(electron.loaded).toEqual(['flopsheet://app/index.html']);
  });

  test('answers the page through the preload’s channel', async () => {
    const { invoke } = await startMain();
    const reply = JSON.parse(await invoke('app.info', '{}')) as { result: { host: string; version: string } };
    expect(reply.result).toMatchObject({ host: 'electron', version: '9.9.9' });
  });

  test('a second start hands over to the first and leaves', async () => {
    const { calls } = await startMain({ first: false });
    expect(calls).toContain('quit');
    expect(calls).not.toContain('window');
  });

  test('being started again shows the window that is open', async () => {
    const { emit, calls } = await startMain();
    emit('second-instance', ['electron', '.'], folder);
    expect(calls.slice(-1)).toEqual(['focus']);
  });

  test('a plan file named at the start, or by a second start, is brought in and shown; another file is refused', async () => {
    const file = join(folder, 'shared.flopsheet');
    writeFileSync(file, '{"format":"flopsheet-plan","version":1,"name":"Shared"}');
    process.argv = ['flopsheet', '--db=:memory:', file];
    const { emit, invoke, dialogs } = await startMain();
    const shown = async (n: number): Promise<void> =>
      void (await vi.waitFor(() => expect(electron.loaded).toHaveLength(n)));
    await shown(2);
    const [plan] = (JSON.parse(await invoke('plans.list', '{}')) as { result: { id: string; name: string }[] }).result;
    expect(plan?.name).toBe('Shared');
    expect(electron.loaded[1]).toBe(`flopsheet://app/index.html?plan=${plan?.id}`);
    emit('second-instance', ['flopsheet', 'shared.flopsheet'], folder);
    await shown(3);
    writeFileSync(file, 'no plan');
    emit('second-instance', ['flopsheet', 'shared.flopsheet'], folder);
    await vi.waitFor(() => expect(dialogs[0]).toMatch(/This file is no plan/));
  });

  test('a missing page is said in a dialog, with a status', async () => {
    rmSync(join(folder, 'out'), { recursive: true });
    const { dialogs, calls } = await startMain();
    expect(dialogs[0]).toMatch(/The built page is not in/);
    expect(calls).toContain('exit 2');
  });

  test('a page that crashes is loaded again, and given up after the fourth time in a minute', async () => {
    const { crash, dialogs } = await startMain();
    for (let i = 0; i < 3; i += 1) crash('crashed');
    expect(electron.loaded).toHaveLength(4);
    crash('oom');
    expect(electron.loaded).toHaveLength(4);
    expect(dialogs[0]).toMatch(/keeps crashing/);
  });
});

test('the window gives the page no Node and no way around the sandbox', () => {
  expect(windowOptions('/preload.cjs', false).webPreferences).toEqual({
    preload: '/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: false,
  });
});

test('the preload shows two functions and no Electron object', async () => {
  const exposed: Record<string, Record<string, unknown>> = {};
  const sent: unknown[] = [];
  let deliver: ((event: unknown, text: string) => void) | undefined;
  vi.resetModules();
  vi.doMock('electron', () => ({
    contextBridge: { exposeInMainWorld: (name: string, value: Record<string, unknown>) => (exposed[name] = value) },
    ipcRenderer: {
      invoke: async (...values: unknown[]) => sent.push(values) && 'reply',
      on: (_channel: string, listener: typeof deliver) => (deliver = listener),
      off: () => (deliver = undefined),
    },
  }));
  await import('../../../src/host/electron/preload.ts');
  expect(Object.keys(exposed)).toEqual(['flopsheet']);
  expect(Object.keys(exposed['flopsheet']!).sort()).toEqual(['invoke', 'listen']);
  const { invoke, listen } = exposed['flopsheet'] as unknown as IpcBridge;
  expect(await invoke('plans.list', '{}')).toBe('reply');
  expect(sent).toEqual([['flopsheet:call', 'plans.list', '{}']]);
  const heard: unknown[][] = [];
  const stop = listen((...values) => heard.push(values));
  deliver!({ sender: 'ipc' }, '{"event":"x"}');
  expect(heard).toEqual([['{"event":"x"}']]);
  stop();
  expect(deliver).toBeUndefined();
});

describe('the scheme', () => {
  test('may not do more than a page needs', () => {
    expect(APP_SCHEME_PRIVILEGES).toEqual({
      scheme: 'flopsheet',
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    });
  });

  test('serves the page with the policy of both hosts', async () => {
    const assets = loadAssets(join(folder, 'out', 'renderer'));
    const answer = answerAsset(assets, { url: 'flopsheet://app/index.html', method: 'GET' });
    const policy = answer.headers.get('content-security-policy')!;
    const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
    expect(policy).toBe(contentSecurityPolicy(nonce));
    expect(await answer.text()).toBe(`<meta nonce="${nonce}">`);
    expect(answerAsset(assets, { url: 'flopsheet://app', method: 'GET' }).status).toBe(200);
  });

  test.each([
    ['flopsheet://app/../../etc/passwd', 404],
    ['flopsheet://app/%2e%2e/%2e%2e/etc/passwd', 404],
    ['flopsheet://app//etc/passwd', 404],
    ['flopsheet://app/..\\secret', 404],
    ['flopsheet://app/', 200],
    ['flopsheet://other/index.html', 403],
    ['file:///etc/passwd', 403],
  ])('%s gets %i', (url, status) => {
    const assets = loadAssets(join(folder, 'out', 'renderer'));
    expect(answerAsset(assets, { url, method: 'GET' }).status).toBe(status);
    expect(answerAsset(assets, { url, method: 'POST' }).status).not.toBe(200);
  });
});
