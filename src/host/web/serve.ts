/** The whole app on the web host: store, page, address, browser; until somebody stops it. */
import { spawn } from 'node:child_process';
import { openBackend } from '../backend.ts';
import { createLog, logFile } from '../log.ts';
import { startWebHost } from './server.ts';

export interface ServeOptions {
  readonly storePath: string;
  readonly version: string;
  /** Folder of the built page. */
  readonly assetsDir: string;
  readonly port: number;
  readonly openBrowser: boolean;
  /** The one line with the address. */
  readonly announce: (line: string) => void;
  /** Anything else the user should know. */
  readonly warn: (line: string) => void;
}

export interface Serving {
  readonly url: string;
  /** Puts a fault that nobody caught into the log. */
  fault(error: unknown): void;
  close(): Promise<void>;
}

/** Starts serving. Throws what the store or the port says (store_newer, PORT_IN_USE, …) with nothing left open. */
export async function serveApp(options: ServeOptions): Promise<Serving> {
  const inMemory = options.storePath === ':memory:';
  const log = inMemory ? null : createLog(logFile(options.storePath));
  const onInternal = (where: string, error: unknown) => {
    if (log === null) options.warn(`${where}: ${String(error)}`);
    else log.error(where, error);
  };
  const backend = openBackend({
    storePath: options.storePath,
    host: 'web',
    version: options.version,
    onInternal,
    logLines: () => log?.tail(200) ?? [],
  });
  try {
    const host = await startWebHost({
      handlers: backend.handlers,
      events: backend.events,
      assetsDir: options.assetsDir,
      port: options.port,
      onInternal,
    });
    for (const notice of backend.notices) options.warn(notice);
    options.announce(`Flopsheet is at ${host.url}`);
    if (options.openBrowser) openBrowser(host.onceUrl());
    return {
      url: host.url,
      fault: (error) => onInternal('(process)', error),
      async close() {
        await host.close();
        backend.close();
      },
    };
  } catch (error) {
    backend.close();
    throw error;
  }
}

/** Command that opens an address in the user's browser, or null where no screen is to be seen. */
export function browserCommand(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly [command: string, ...args: string[]] | null {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : null;
}

function openBrowser(url: string): void {
  const command = browserCommand(process.platform, process.env);
  if (command === null) return;
  const [name, ...args] = command;
  const child = spawn(name, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // no browser: the printed address is enough
  child.unref();
}
