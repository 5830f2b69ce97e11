/** Builds the desktop host (main and preload) into out/, beside the page and the files it reads. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ensurePage } from '../src/cli/page.ts';

const ROOT = join(import.meta.dirname, '..');

export async function buildDesktop(): Promise<void> {
  await ensurePage(console.error);
  const tool = join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  execFileSync(process.execPath, [tool, 'build', '-c', 'electron.config.ts', '--logLevel', 'warn'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}

if (import.meta.main) await buildDesktop();
