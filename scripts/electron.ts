/** Whether the desktop shell can run here. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const PACKAGE = join(ROOT, 'node_modules', 'electron');
const INSTALL_LIMIT_MS = 60_000;

/** Path of the Electron binary, or null when only its npm package is here. */
export function electronBinary(): string | null {
  const note = join(PACKAGE, 'path.txt');
  if (!existsSync(note)) return null;
  const binary = join(PACKAGE, 'dist', readFileSync(note, 'utf8').trim());
  return existsSync(binary) ? binary : null;
}

/** A desktop to open a window on. Chromium's sandbox does not start for root, and the app does not run without it. */
export function hasScreen(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']) && process.getuid?.() !== 0;
}

/** Downloads the binary with Electron's own installer, once per checkout unless asked again; quiet when it fails. */
export function tryInstallElectron(say: (line: string) => void, again: boolean): void {
  const tried = join(ROOT, 'out', 'electron-install-tried');
  if (!again && existsSync(tried)) return;
  mkdirSync(dirname(tried), { recursive: true });
  writeFileSync(tried, 'Remove this file, or use --host electron, to try the download of Electron again.\n');
  say('Fetching Electron (at most a minute) …');
  const { status } = spawnSync(process.execPath, [join(PACKAGE, 'install.js')], {
    stdio: 'ignore',
    timeout: INSTALL_LIMIT_MS,
  });
  if (status !== 0) say('Electron could not be fetched; the app opens in the browser instead.');
}
