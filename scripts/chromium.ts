/** Finds a Chromium for the end-to-end tests, or gets one. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
];

/** Browsers Playwright has downloaded, newest first. */
function playwrightOwn(): string[] {
  const root = process.env['PLAYWRIGHT_BROWSERS_PATH'] ?? join(homedir(), '.cache', 'ms-playwright');
  if (!existsSync(root)) return [];
  const builds = readdirSync(root).filter((name) => /^chromium-\d+$/.test(name));
  builds.sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)));
  return builds.flatMap((build) =>
    ['chrome-linux/chrome', 'chrome-linux64/chrome', 'chrome-mac/Chromium.app/Contents/MacOS/Chromium'].map((path) =>
      join(root, build, path),
    ),
  );
}

/** CHROMIUM_PATH, then the PATH, then the usual install places, then Playwright's own; null when there is none. */
export function findChromium(): string | null {
  const chosen = process.env['CHROMIUM_PATH'];
  if (chosen) return existsSync(chosen) ? chosen : null;
  const folders = (process.env['PATH'] ?? '').split(':').concat('/usr/bin', '/usr/local/bin');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...PLACES, ...playwrightOwn()].find((path) => existsSync(path)) ?? null;
}

function run(command: string, args: readonly string[]): boolean {
  console.log(`$ ${command} ${args.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { stdio: 'inherit', env, timeout: 10 * 60_000 }).status === 0;
}

/** Finds Chromium or installs it: from the system when that is allowed, else Playwright's own. Throws one sentence. */
export function ensureChromium(): string {
  const found = findChromium();
  if (found !== null) return found;
  if (process.env['CHROMIUM_PATH']) {
    throw new Error(`CHROMIUM_PATH names ${process.env['CHROMIUM_PATH']}, which is not there: correct or unset it.`);
  }
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const install = ['install', '-y', '--no-install-recommends', 'chromium'];
    if (!run('apt-get', install) && run('apt-get', ['update'])) run('apt-get', install);
  }
  if (findChromium() === null) run(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium']);
  const installed = findChromium();
  if (installed !== null) return installed;
  throw new Error(
    'The end-to-end tests need Chromium, and it could not be installed: install it (Debian: "apt-get install chromium") or set CHROMIUM_PATH to a browser binary.',
  );
}

/** Root, and containers that allow no user namespaces, have no sandbox to offer; the tests open only their own page. */
function hasSandbox(): boolean {
  if (process.platform !== 'linux') return true;
  if (process.getuid?.() === 0) return false;
  return existsSync('/usr/lib/chromium/chrome-sandbox') || spawnSync('unshare', ['--user', 'true']).status === 0;
}

/** Flags for a quiet browser that talks to nobody but the app. */
export function chromiumFlags(): string[] {
  return [
    ...(hasSandbox() ? [] : ['--no-sandbox']),
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    ...(existsSync('/dev/shm') ? [] : ['--disable-dev-shm-usage']),
  ];
}
