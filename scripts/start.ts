/**
 * `npm start`: the app. Electron when its binary is here and there is a screen for it, else the web host, which serves
 * the same app. `--host web|electron` or FLOPSHEET_HOST decides; other flags are those of `flopsheet app`.
 */
import { spawn } from 'node:child_process';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Stripping types and compiling once, not with every start, halves the time to the address. The cache lies in the
// checkout: one in the shared temporary folder could be prepared by somebody else.
enableCompileCache(join(import.meta.dirname, '..', 'out', 'compile-cache'));
const { FlopsheetError } = await import('../src/core/errors.ts');
const { readAppArguments, runApp } = await import('../src/cli/app.ts');
const { electronBinary, hasScreen, tryInstallElectron } = await import('./electron.ts');

const say = (line: string) => void process.stderr.write(`${line}\n`);

function takeHost(args: string[]): 'web' | 'electron' | 'auto' {
  const at = args.findIndex((arg) => arg === '--host' || arg.startsWith('--host='));
  let host = process.env['FLOPSHEET_HOST'] ?? 'auto';
  if (at >= 0) {
    const inline = args[at]!.startsWith('--host=');
    host = inline ? args[at]!.slice('--host='.length) : (args[at + 1] ?? '');
    args.splice(at, inline ? 1 : 2);
  }
  if (host === 'web' || host === 'electron' || host === 'auto') return host;
  throw new FlopsheetError('ARG', `--host is web or electron, not "${host}".`, { where: '--host' });
}

async function chooseHost(wanted: 'web' | 'electron' | 'auto'): Promise<'web' | 'electron'> {
  if (wanted === 'web') return 'web';
  const possible = hasScreen();
  if (wanted === 'auto' && !possible) return 'web';
  if (electronBinary() === null) tryInstallElectron(say, wanted === 'electron');
  if (electronBinary() !== null && possible) return 'electron';
  if (wanted === 'auto') return 'web';
  const what = possible
    ? 'Its binary is not installed and could not be downloaded.'
    : 'There is no screen for it here.';
  throw new FlopsheetError('NO_ELECTRON', `Electron cannot start. ${what}`, {
    hint: 'Leave out --host to use the browser instead.',
  });
}

async function runElectron(args: readonly string[]): Promise<number> {
  const { storePath } = readAppArguments(args);
  const { buildDesktop } = await import('./build-electron.ts');
  await buildDesktop();
  const child = spawn(electronBinary()!, ['.', `--db=${storePath}`], { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (status) => resolve(status ?? 1)));
}

try {
  const args = process.argv.slice(2);
  const wanted = takeHost(args);
  const help = args.includes('--help') || args.includes('-h');
  if (!help) readAppArguments(args); // a wrong flag is told before anything is built or fetched
  const host = help ? 'web' : await chooseHost(wanted);
  process.exitCode = host === 'electron' ? await runElectron(args) : await runApp(args);
} catch (error) {
  if (!(error instanceof FlopsheetError)) throw error;
  say(error.hint === '' ? error.message : `${error.message} ${error.hint}`);
  process.exitCode = 2;
}
