/** The desktop host: one instance, one window, the bridge over IPC, the page over its own scheme. */
import { app, BrowserWindow, dialog, ipcMain, Menu, protocol, session, shell } from 'electron';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createServer } from '../../bridge/server.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { defaultStorePath } from '../../store/location.ts';
import { loadAssets } from '../assets.ts';
import { openBackend } from '../backend.ts';
import { createLog, logFile } from '../log.ts';
import { guardApp, guardSession } from './guard.ts';
import { registerIpc, type IpcMain } from './ipc.ts';
import { pageOfPlanFile, planFileIn } from './open-file.ts';
import { APP_SCHEME_PRIVILEGES, servePage } from './protocol.ts';
import { fillWindow, windowOptions } from './window.ts';

const storePath =
  process.argv.find((arg) => arg.startsWith('--db='))?.slice('--db='.length) ??
  defaultStorePath(process.platform, process.env, homedir());
const log = createLog(logFile(storePath === ':memory:' ? join(app.getPath('logs'), 'store.db') : storePath));

function stopWith(title: string, error: unknown): void {
  log.error('(main)', error);
  const text = error instanceof FlopsheetError ? `${error.message}\n\n${error.hint}` : 'The log file says more.';
  dialog.showErrorBox(title, text);
  app.exit(error instanceof FlopsheetError ? 2 : 3);
}

async function openLink(url: string): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: 'Open this page in your browser?',
    detail: url,
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  });
  if (response === 0) await shell.openExternal(url);
}

/** Shows a plan file in the window that is open, or says why it cannot. */
let showFile: (path: string) => void = () => {};
/** On macOS a file may be asked for before the app is ready. */
let waiting = planFileIn(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd());

async function openWindow(): Promise<void> {
  const preload = join(app.getAppPath(), 'out', 'preload', 'preload.cjs');
  const window = new BrowserWindow(windowOptions(preload, !app.isPackaged));
  await fillWindow(window, {
    now: Date.now,
    onCrash: (reason) => log.error('(page)', new Error(reason)),
    onGiveUp: () =>
      stopWith(
        'Flopsheet',
        new FlopsheetError('PAGE_CRASH', 'The page keeps crashing.', {
          hint: 'All edits are saved. Start Flopsheet again.',
        }),
      ),
  });
}

async function start(): Promise<void> {
  guardSession(session.defaultSession);
  servePage(protocol, loadAssets(join(app.getAppPath(), 'out', 'renderer')));
  const backend = openBackend({
    storePath,
    host: 'electron',
    version: app.getVersion(),
    onInternal: log.error,
    logLines: () => log.tail(200),
  });
  const stopIpc = registerIpc({
    ipcMain: ipcMain as unknown as IpcMain,
    server: createServer(backend.handlers, log.error),
    events: backend.events,
    windows: () => BrowserWindow.getAllWindows(),
  });
  app.on('will-quit', () => {
    stopIpc();
    backend.close();
  });
  if (process.platform !== 'darwin') Menu.setApplicationMenu(null);
  await openWindow();
  showFile = (path) =>
    void pageOfPlanFile(path, backend.handlers)
      .then((page) => BrowserWindow.getAllWindows()[0]?.loadURL(page))
      .catch((error: unknown) => {
        log.error('(open file)', error);
        const text = error instanceof FlopsheetError ? `${error.message}\n\n${error.hint}` : 'The log file says more.';
        dialog.showErrorBox('This file is no plan', text);
      });
  if (waiting !== null) showFile(waiting);
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) void openWindow();
  });
}

app.enableSandbox();
protocol.registerSchemesAsPrivileged([APP_SCHEME_PRIVILEGES]);
process.on('uncaughtException', (error) => stopWith('Flopsheet has to stop', error));
process.on('unhandledRejection', (error) => stopWith('Flopsheet has to stop', error));

if (app.requestSingleInstanceLock()) {
  guardApp(app, (url) => void openLink(url));
  app.on('second-instance', (_event, words, folder) => {
    const [window] = BrowserWindow.getAllWindows();
    if (window?.isMinimized()) window.restore();
    window?.focus();
    const file = planFileIn(words.slice(1), folder);
    if (file !== null) showFile(file);
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    waiting = path;
    showFile(path);
  });
  app.on('window-all-closed', () => app.quit());
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => stopWith('Flopsheet could not start', error));
} else {
  app.quit();
}
