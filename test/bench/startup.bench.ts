/** What a person waits for before anything is computed: the command line, the app, a large store. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumFlags, findChromium } from '../../scripts/chromium.ts';
import { openStore, type WritableStore } from '../../src/store/open.ts';
import { quotes } from '../../src/store/prices.ts';
import { seedCatalog } from '../../src/store/seed.ts';
import { startHost } from '../e2e/harness/host.ts';
import { figure, type BenchResult } from './measure.ts';

const CLI = 'src/cli/flopsheet.js';

function wall(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - start;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}

/** `eval` beyond Node's own start, alternating so that a busy machine slows both. */
export function cliEval(): BenchResult[] {
  const formula = '6 FLOP * 70e9 * 15e12 / (1024 chip * 989.4 TFLOP/s/chip * (0.35 to 0.45)) in day';
  wall([CLI, 'eval', formula]);
  const pairs = Array.from({ length: 9 }, () => wall([CLI, 'eval', formula]) - wall(['-e', '0']));
  return [figure('cli_eval', median(pairs), 'ms', 150, 'under 150 ms beyond Node’s own start', 'less')];
}

/** From the command to the first screen in a real browser that is open already. Nothing where no Chromium is. */
export async function appStart(): Promise<BenchResult[]> {
  const executablePath = findChromium();
  if (executablePath === null) return [];
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath, args: chromiumFlags() });
  try {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      const start = performance.now();
      const host = await startHost();
      const page = await browser.newPage();
      await page.goto(host.url);
      await page.getByRole('button', { name: 'Empty plan' }).first().waitFor();
      if (i > 0) times.push(performance.now() - start);
      await page.close();
      await host.stop();
    }
    return [
      figure('app_interactive', Math.min(...times) / 1000, 's', 2, 'command to first screen in under 2 s', 'less'),
    ];
  } finally {
    await browser.close();
  }
}

/** A store with that many prices of one's own, written as they would be kept. */
function storeOfPrices(path: string, count: number): void {
  const store = openStore(path, { now: 0, version: '0', app: 'bench' }) as WritableStore;
  seedCatalog(store.db, 0);
  const insert = store.db.prepare(
    `INSERT INTO catalog_row (kind, key, revision, origin, name, fields, as_of, confidence, created_at_ms)
      VALUES ('price', ?, 1, 'user', 'A price', ?, ?, 'user', 0)`,
  );
  const classes = ['hyperscaler', 'neocloud', 'marketplace'];
  const commitments = ['on_demand', 'spot', 'reserved_1y', 'contract'];
  store.db
    .transaction(() => {
      for (let i = 0; i < count; i++) {
        const fields = `{"provider":"p${i % 997}","chip_key":"chip-${i % 211}","provider_class":"${classes[i % 3]}","commitment":"${commitments[i % 4]}","usd_per_chip_hour":${1 + (i % 400) / 100}}`;
        insert.run(`own-${i}`, fields, `20${20 + (i % 7)}-${String(1 + (i % 12)).padStart(2, '0')}-01`);
      }
    })
    .immediate();
  store.close();
}

/** Opening a store and finding the quotes of a chip, over 1e4 to 1e6 prices. */
export function pricesOf1m(): BenchResult[] {
  const folder = mkdtempSync(join(tmpdir(), 'flopsheet-bench-'));
  try {
    const points = [1e4, 1e5, 1e6].map((n) => {
      const path = join(folder, `${n}.db`);
      storeOfPrices(path, n);
      const times = Array.from({ length: 5 }, () => {
        const start = performance.now();
        const store = openStore(path, { now: 0, version: '0', app: 'bench' });
        const found = quotes(store.db, {
          chip: 'chip-7',
          providerClass: 'neocloud',
          commitment: 'on_demand',
          on: '2026-06-30',
        });
        const ms = performance.now() - start;
        if (found.length === 0) throw new Error('no quote was found');
        store.close();
        return ms;
      });
      return { n, ms: median(times) };
    });
    const largest = points.at(-1) as { ms: number };
    return [
      {
        ...figure('store_1m_prices', largest.ms, 'ms', 200, 'opens and finds a quote in under 200 ms', 'less'),
        points,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
