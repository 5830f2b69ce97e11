/** The app's window: no Node in the page, no way out of it, back on its feet after a crash. */
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { APP_ORIGIN } from './channels.ts';

const CRASHES_PER_MINUTE = 3;

export function windowOptions(preload: string, devTools: boolean): BrowserWindowConstructorOptions {
  return {
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Flopsheet',
    autoHideMenuBar: true,
    webPreferences: {
      preload,
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
      devTools,
    },
  };
}

export interface WindowHelp {
  readonly now: () => number;
  /** The page crashed and was loaded again. */
  readonly onCrash: (reason: string) => void;
  /** The page crashed too often to load it again. */
  readonly onGiveUp: () => void;
}

/** Loads the page into a window and keeps it there: every edit is in the host already, so loading again loses none. */
export function fillWindow(window: BrowserWindow, { now, onCrash, onGiveUp }: WindowHelp): Promise<void> {
  let crashes: number[] = [];
  const load = () => window.loadURL(`${APP_ORIGIN}/index.html`);
  window.once('ready-to-show', () => window.show());
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    onCrash(reason);
    crashes = [...crashes.filter((at) => now() - at < 60_000), now()];
    if (crashes.length > CRASHES_PER_MINUTE) onGiveUp();
    else void load();
  });
  return load();
}
