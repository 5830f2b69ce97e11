/** The page of the web host, built into out/renderer when it is missing or older than its sources. */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FlopsheetError } from '../core/errors.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Folder of the built page. */
export const PAGE_FOLDER = join(ROOT, 'out', 'renderer');
const SOURCES = ['renderer', 'src/core', 'src/bridge', 'assets/fonts', 'assets/icons', 'package-lock.json'];

function newest(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), found.mtimeMs);
}

export function pageIsFresh(): boolean {
  const built = statSync(join(PAGE_FOLDER, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return built > 0 && SOURCES.every((source) => newest(join(ROOT, source)) <= built);
}

/** Builds beside the old page and swaps, so that nobody reads a half-written one. */
export async function buildPage(): Promise<void> {
  const { build } = await import('vite');
  const fresh = `${PAGE_FOLDER}.${process.pid}`;
  try {
    await build({
      configFile: join(ROOT, 'renderer', 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: fresh, emptyOutDir: true },
    });
    rmSync(PAGE_FOLDER, { recursive: true, force: true });
    renameSync(fresh, PAGE_FOLDER);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * Builds if needed. A copy without the sources or the build tool uses the page it came with. Throws PAGE_BUILD when there
 * is none and none can be made.
 */
export async function ensurePage(say: (line: string) => void): Promise<void> {
  if (pageIsFresh() || !existsSync(join(ROOT, 'renderer'))) return;
  say('Building the page …');
  try {
    await buildPage();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n', 1)[0]! : String(cause);
    if (!existsSync(join(PAGE_FOLDER, 'index.html'))) {
      const hint = 'Run "npm ci" and try again; "npm run build:renderer" says more.';
      throw new FlopsheetError('PAGE_BUILD', `The page could not be built: ${reason}.`, { hint, cause });
    }
    say(`The page could not be built anew (${reason}); the one from last time is served.`);
  }
}
