/** `npm run test:e2e [-- FILES…]`: builds the page if it is stale, finds Chromium, runs Playwright. */
import { spawnSync } from 'node:child_process';
import { ensurePage } from '../src/cli/page.ts';
import { ensureChromium } from './chromium.ts';

try {
  await ensurePage(console.log);
  ensureChromium();
  const args = ['node_modules/@playwright/test/cli.js', 'test', ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
