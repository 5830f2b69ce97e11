import { describe, expect, test } from 'vitest';
import type { App, Session, WebContents } from 'electron';
import { guardApp, guardContents, guardSession, isAppUrl, isOpenableLink } from '../../../src/host/electron/guard.ts';

describe('the app’s own pages', () => {
  test.each(['flopsheet://app', 'flopsheet://app/', 'flopsheet://app/index.html?plan=1#x'])('%s is one', (url) =>
    expect(isAppUrl(url)).toBe(true),
  );
  test.each([
    'flopsheet://app.evil.com/',
    'flopsheet://evil/app',
    'flopsheet://user@app/',
    'flopsheet://app:80/',
    'flopsheetx://app/',
    'https://app/',
    'file:///app/index.html',
    'data:text/html,x',
    'blob:flopsheet://app/1',
    'javascript:alert(1)',
    'about:blank',
    '',
    'app',
  ])('%s is none', (url) => expect(isAppUrl(url)).toBe(false));
});

describe('links that may open in the browser', () => {
  test('https to a named site', () => expect(isOpenableLink('https://arxiv.org/abs/2203.15556')).toBe(true));
  test.each([
    'http://arxiv.org/',
    'file:///etc/passwd',
    'smb://host/share',
    'ms-settings:',
    'javascript:alert(1)',
    'https://user:pw@evil.com/',
    'https://localhost/',
    'vbscript:x',
    '\\\\host\\share',
    '',
  ])('not %s', (url) => expect(isOpenableLink(url)).toBe(false));
});

/** An object whose methods record what they were given, by name. */
function recorder() {
  const handlers = new Map<string, (...values: never[]) => unknown>();
  const take = (name: string) => (handler: (...values: never[]) => unknown) => void handlers.set(name, handler);
  const on = (name: string, handler: (...values: never[]) => unknown) => void handlers.set(name, handler);
  const call = (name: string, ...values: unknown[]) => handlers.get(name)!(...(values as never[]));
  return { handlers, take, on, call };
}

const PERMISSIONS = [
  'media',
  'geolocation',
  'notifications',
  'midi',
  'pointerLock',
  'fullscreen',
  'openExternal',
  'clipboard-read',
  'display-capture',
  'idle-detection',
  'usb',
  'hid',
  'serial',
  'fileSystem',
  'unknown',
];

describe('the session', () => {
  const { take, on, call } = recorder();
  guardSession({
    setPermissionRequestHandler: take('request'),
    setPermissionCheckHandler: take('check'),
    setDevicePermissionHandler: take('device'),
    webRequest: { onBeforeRequest: take('network') },
    on,
  } as unknown as Session);

  test.each(PERMISSIONS)('denies %s', (permission) => {
    let granted: boolean | undefined;
    call('request', { getURL: () => 'flopsheet://app/' }, permission, (answer: boolean) => (granted = answer));
    expect(granted).toBe(false);
    expect(call('check', null, permission, 'flopsheet://app')).toBe(false);
  });

  test('lets the app, and only the app, copy to the clipboard', () => {
    const ask = (url: string) => {
      let granted: boolean | undefined;
      call('request', { getURL: () => url }, 'clipboard-sanitized-write', (answer: boolean) => (granted = answer));
      return granted;
    };
    expect(ask('flopsheet://app/index.html')).toBe(true);
    expect(ask('https://evil.com/')).toBe(false);
  });

  test('denies devices', () => expect(call('device', {})).toBe(false));

  test.each(['https://example.com/', 'http://127.0.0.1:80/', 'ws://x/', 'file:///etc/passwd', 'ftp://x/'])(
    'sends nothing to %s',
    (url) => {
      let cancel: boolean | undefined;
      call('network', { url }, (answer: { cancel: boolean }) => (cancel = answer.cancel));
      expect(cancel).toBe(true);
    },
  );

  test.each(['flopsheet://app/index.html', 'blob:flopsheet://app/1', 'data:image/png;base64,'])('loads %s', (url) => {
    let cancel: boolean | undefined;
    call('network', { url }, (answer: { cancel: boolean }) => (cancel = answer.cancel));
    expect(cancel).toBe(false);
  });

  test('saves what the app made and nothing from elsewhere', () => {
    const download = (url: string) => {
      let prevented = false;
      call('will-download', { preventDefault: () => (prevented = true) }, { getURL: () => url });
      return !prevented;
    };
    expect(download('blob:flopsheet://app/1')).toBe(true);
    expect(download('blob:flopsheet://app.evil/1')).toBe(false);
    expect(download('https://evil.com/x.exe')).toBe(false);
  });
});

describe('a page', () => {
  const opened: string[] = [];
  const { take, on, call } = recorder();
  guardContents({ setWindowOpenHandler: take('open'), on } as unknown as WebContents, (url) => opened.push(url));
  const stays = (event: string, url: string) => {
    let prevented = false;
    call(event, { url, preventDefault: () => (prevented = true) });
    return prevented;
  };

  test.each(['https://evil.com/', 'file:///etc/passwd', 'data:text/html,x', 'blob:flopsheet://app/1', 'javascript:1'])(
    'does not go to %s',
    (url) => {
      expect(stays('will-navigate', url)).toBe(true);
      expect(stays('will-frame-navigate', url)).toBe(true);
      expect(stays('will-redirect', url)).toBe(true);
    },
  );
  test('may reload itself', () => expect(stays('will-navigate', 'flopsheet://app/index.html')).toBe(false));
  test('takes no web view', () => expect(stays('will-attach-webview', '')).toBe(true));
  test('opens no window; https links are handed on, others dropped', () => {
    for (const url of ['https://arxiv.org/abs/1', 'file:///etc/passwd', 'javascript:1', 'flopsheet://app/']) {
      expect(call('open', { url })).toEqual({ action: 'deny' });
    }
    expect(opened).toEqual(['https://arxiv.org/abs/1']);
  });
});

test('every page the app ever makes is guarded, and no bad certificate is taken', () => {
  const { on, call, handlers } = recorder();
  guardApp({ on } as unknown as App, () => {});
  const page = recorder();
  call('web-contents-created', {}, { on: page.on, setWindowOpenHandler: page.take('open') });
  expect([...page.handlers.keys()].sort()).toEqual([
    'open',
    'will-attach-webview',
    'will-frame-navigate',
    'will-navigate',
    'will-redirect',
  ]);
  let trusted: boolean | undefined;
  call('certificate-error', { preventDefault: () => {} }, {}, '', '', {}, (answer: boolean) => (trusted = answer));
  expect(trusted).toBe(false);
  expect(handlers.size).toBe(2);
});
