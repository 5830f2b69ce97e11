/** What pages in the desktop window may not do: leave the app, open windows, ask for devices, attach web views. */
import type { App, Session, WebContents } from 'electron';
import { APP_HOST, APP_SCHEME } from './channels.ts';

/** True for pages of the app itself. Compares parsed parts: `flopsheet://app.evil/` is not the app. */
export function isAppUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === `${APP_SCHEME}:` && url.host === APP_HOST && url.username === '' && url.port === '';
}

/** Sites a source link may open, in the user's browser and after the user agreed. */
export function isOpenableLink(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' && url.username === '' && url.password === '' && url.hostname.includes('.');
}

/** Copying to the clipboard from a click is the one permission the app uses. */
const GRANTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, decide) =>
    decide(GRANTED.has(permission) && isAppUrl(contents.getURL())),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => GRANTED.has(permission) && isAppUrl(origin));
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event, item) => {
    // The app saves its reports and exports as blobs of its own page; nothing else may write a file.
    if (!item.getURL().startsWith(`blob:${APP_SCHEME}://${APP_HOST}/`)) event.preventDefault();
  });
  // No outgoing network at all: only the app's own scheme and what the page made itself.
  session.webRequest.onBeforeRequest((details, decide) =>
    decide({ cancel: !/^(flopsheet|blob|data|devtools):/.test(details.url) }),
  );
}

/** `openLink` is asked for https links; it confirms with the user before it opens anything. */
export function guardContents(contents: WebContents, openLink: (url: string) => void): void {
  contents.on('will-navigate', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isOpenableLink(url)) openLink(url);
    return { action: 'deny' };
  });
}

/** Guards every page the app will ever have, whoever creates it. */
export function guardApp(app: App, openLink: (url: string) => void): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents, openLink));
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, decide) => {
    event.preventDefault();
    decide(false);
  });
}
