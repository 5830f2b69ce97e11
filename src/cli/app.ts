/** `flopsheet app`: the app in the browser, from 127.0.0.1, until Ctrl+C. */
import { homedir } from 'node:os';
import { parseArgs } from 'node:util';
import { FlopsheetError } from '../core/errors.ts';
import { serveApp, type Serving } from '../host/web/serve.ts';
import { appVersion } from '../host/version.ts';
import { defaultStorePath } from '../store/location.ts';
import { ensurePage, PAGE_FOLDER } from './page.ts';

export const APP_HELP = `flopsheet app [--port P] [--no-open] [--db PATH]

Serves the app on 127.0.0.1 and prints one line with its address.

  --port P     the port; any free one when left out
  --no-open    do not open a browser
  --db PATH    the store; the user's data folder when left out, :memory: for none
`;

export interface AppArguments {
  readonly port: number;
  readonly open: boolean;
  readonly storePath: string;
}

/** Reads the flags. Throws FlopsheetError `ARG` naming the flag. */
export function readAppArguments(args: readonly string[]): AppArguments {
  const { values } = parseFlags(args);
  const port = values.port === undefined ? 0 : Number(values.port);
  if (values.port === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new FlopsheetError('ARG', `--port is a whole number from 0 to 65535, not "${values.port}".`, {
      hint: 'Leave it out to use any free port.',
      where: '--port',
    });
  }
  const storePath = values.db ?? defaultStorePath(process.platform, process.env, homedir());
  return { port, open: values['no-open'] !== true, storePath };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { port: { type: 'string' }, 'no-open': { type: 'boolean' }, db: { type: 'string' } },
      strict: true,
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split('. ')[0]! : String(cause);
    throw new FlopsheetError('ARG', `${message.replace(/\.$/, '')}.`, { hint: 'See flopsheet app --help.', cause });
  }
}

/** Serves until SIGINT or SIGTERM; gives the exit status. Throws FlopsheetError when it cannot start. */
export async function runApp(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(APP_HELP);
    return 0;
  }
  const { port, open, storePath } = readAppArguments(args);
  const warn = (line: string) => void process.stderr.write(`${line}\n`);
  await ensurePage(warn);
  let status = 0;
  let serving: Serving | null = null;
  const stop = new Promise<void>((resolve) => {
    // A fault nobody caught: what is saved is safe, what runs may not be. Leave in order and say so.
    for (const fault of ['uncaughtException', 'unhandledRejection'] as const)
      process.once(fault, (error: unknown) => {
        status = 3;
        serving?.fault(error);
        warn('Flopsheet stops because of a fault of its own. All edits are saved; the log says more. Start it again.');
        resolve();
      });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  serving = await serveApp({
    storePath,
    version: appVersion(),
    assetsDir: PAGE_FOLDER,
    port,
    openBrowser: open,
    announce: (line) => process.stdout.write(`${line}\n`),
    warn,
  });
  await stop;
  await serving.close();
  return status;
}
