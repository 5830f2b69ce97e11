/** Enough of the electron module to start the desktop host in Node. Everything it is asked lands in `calls`. */
import { EventEmitter } from 'node:events';
import type { IpcEvent } from '../../../src/host/electron/ipc.ts';

export interface FakeElectron {
  readonly module: Record<string, unknown>;
  readonly calls: string[];
  readonly loaded: string[];
  readonly dialogs: string[];
  invoke(method: string, params: string): Promise<string>;
  emit(event: string, ...values: unknown[]): void;
  crash(reason: string): void;
  settled(): Promise<void>;
  quit(): void;
}

export function createFakeElectron(appPath: string, first: boolean): FakeElectron {
  const calls: string[] = [];
  const loaded: string[] = [];
  const dialogs: string[] = [];
  const windows: FakeWindow[] = [];
  const handlers = new Map<string, (event: IpcEvent, ...values: unknown[]) => Promise<string>>();
  const note =
    (name: string) =>
    (...values: unknown[]) =>
      void calls.push([name, ...values.filter((value) => typeof value !== 'function')].join(' '));

  class FakeWindow extends EventEmitter {
    static getAllWindows = () => windows;
    readonly webContents = Object.assign(new EventEmitter(), { isDestroyed: () => false, send: () => {} });
    constructor() {
      super();
      calls.push('window');
      windows.push(this);
    }
    loadURL = async (url: string) => void loaded.push(url);
    show = () => {};
    isMinimized = () => false;
    focus = note('focus');
  }

  const app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    enableSandbox: note('enableSandbox'),
    requestSingleInstanceLock: () => (calls.push('requestSingleInstanceLock'), first),
    whenReady: async () => void calls.push('ready'),
    getPath: () => appPath,
    getAppPath: () => appPath,
    getVersion: () => '9.9.9',
    quit: note('quit'),
    exit: note('exit'),
  });

  const module = {
    app,
    BrowserWindow: FakeWindow,
    Menu: { setApplicationMenu: note('menu') },
    dialog: { showErrorBox: (title: string, text: string) => void dialogs.push(`${title}: ${text}`) },
    shell: { openExternal: note('openExternal') },
    protocol: {
      registerSchemesAsPrivileged: () => void calls.push('registerSchemesAsPrivileged'),
      handle: note('protocol'),
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: note('permissions'),
        setPermissionCheckHandler: () => {},
        setDevicePermissionHandler: () => {},
        webRequest: { onBeforeRequest: () => {} },
        on: () => {},
      },
    },
    ipcMain: {
      handle(channel: string, handler: (event: IpcEvent, ...values: unknown[]) => Promise<string>) {
        calls.push(`ipc ${channel}`);
        handlers.set(channel, handler);
      },
      removeHandler: (channel: string) => void handlers.delete(channel),
    },
  };

  return {
    module,
    calls,
    loaded,
    dialogs,
    invoke: (method, params) =>
      handlers.get('flopsheet:call')!(
        { senderFrame: { url: 'flopsheet://app/index.html', parent: null }, sender: windows[0]!.webContents },
        method,
        params,
      ),
    emit: (event, ...values) => void app.emit(event, {}, ...values),
    crash: (reason) => void windows[0]!.webContents.emit('render-process-gone', {}, { reason }),
    async settled() {
      for (
        let i = 0;
        i < 100 && !calls.includes('window') && !calls.some((call) => /^(exit|quit)/.test(call));
        i += 1
      ) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    quit: () => void app.emit('will-quit'),
  };
}
