/** Builds the page into out/renderer when it is missing or older than its sources; always with --force. */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'out', 'renderer');
const SOURCES = ['renderer', 'src/core', 'src/bridge', 'assets/fonts', 'assets/icons', 'package-lock.json'];

function newest(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), found.mtimeMs);
}

export function pageIsFresh(): boolean {
  const built = statSync(join(PAGE, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return built > 0 && SOURCES.every((source) => newest(join(ROOT, source)) <= built);
}

/** Builds beside the old page and swaps, so that nobody reads a half-written one. */
export async function buildPage(): Promise<void> {
  const { build } = await import('vite');
  const fresh = `${PAGE}.${process.pid}`;
  try {
    await build({
      configFile: join(ROOT, 'renderer', 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: fresh, emptyOutDir: true },
    });
    rmSync(PAGE, { recursive: true, force: true });
    renameSync(fresh, PAGE);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Builds if needed. Where the sources are not there to build from (a packaged copy), the built page is used as it is. */
export async function ensurePage(say: (line: string) => void): Promise<void> {
  if (pageIsFresh() || !existsSync(join(ROOT, 'renderer'))) return;
  say('Building the page …');
  await buildPage();
}

if (import.meta.main) {
  if (process.argv.includes('--force') || !pageIsFresh()) await buildPage();
}
