/** The real app, started as a user starts it, on a store of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CALLED_OUT } from './called-out.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const START_LIMIT_MS = 60_000;

export interface RunningHost {
  /** Address with the token: opening it signs in. */
  readonly url: string;
  readonly origin: string;
  readonly storePath: string;
  /** What the host said besides its address. */
  readonly messages: () => string;
  /** Ends the process; `SIGKILL` for what a crash leaves. The store stays. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit status when it ends by itself. */
  readonly ended: Promise<number | null>;
}

export interface HostOptions {
  /** Keep using a store from an earlier host. */
  readonly storePath?: string;
  readonly port?: number;
  /** A module loaded before the host, to make it fail. */
  readonly preload?: string;
}

/** A folder for stores that `remove` takes away again. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'flopsheet-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export async function startHost({ storePath = ':memory:', port = 0, preload }: HostOptions = {}): Promise<RunningHost> {
  const ban = new URL('./no-outgoing.ts', import.meta.url).href;
  const loaded = [ban, ...(preload === undefined ? [] : [preload])].flatMap((module) => ['--import', module]);
  const args = [...loaded, 'scripts/start.ts', '--host', 'web', '--no-open', '--port', String(port), '--db', storePath];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let messages = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (messages += text));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await addressOf(child, () => messages);
  return {
    url,
    origin: new URL(url).origin,
    storePath,
    messages: () => messages,
    signal: (signal) => void child.kill(signal),
    ended,
    async stop(signal = 'SIGTERM') {
      await stop(child, signal);
      if (messages.includes(CALLED_OUT)) throw new Error(`The host called out:\n${messages}`);
    },
  };
}

function addressOf(child: ChildProcess, messages: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (reason: string) => reject(new Error(`The host did not start: ${reason}\n${output}${messages()}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('no address in time');
    }, START_LIMIT_MS);
    child.once('exit', (status) => {
      clearTimeout(timer);
      fail(`status ${status}`);
    });
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const url = /^Flopsheet is at (http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+)$/m.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

function stop(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(hard);
      resolve();
    });
    child.kill(signal);
  });
}
