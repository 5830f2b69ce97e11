/**
 * The real sheet, with engine, store and host, in a real Chromium at 100,000 rows by 60 columns: scrolling beside RevoGrid
 * in the same run, rows that stay blank, and an edit until its result is painted.
 */
import { chromium, type CDPSession, type Page } from '@playwright/test';
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { ensurePage } from '../../src/cli/page.ts';
import { BUILT_IN_COLUMNS } from '../../src/core/plan/planner.ts';
import { chromiumFlags, findChromium } from '../../scripts/chromium.ts';
import { connectDirectly, openApp } from '../e2e/harness/app.ts';
import { startHost, type RunningHost } from '../e2e/harness/host.ts';
import { dice, figure, type BenchResult } from './measure.ts';

const ROWS = 100_000;
const COLUMNS = 60;
const EDITS = 25;
/** A long drag of the wheel: px, and px a second. */
const SCROLL = { distance: 40_000, speed: 6_000 };
const REVOGRID = join(import.meta.dirname, 'node_modules', '@revolist', 'revogrid', 'dist', 'revo-grid');

export async function gridFigures(): Promise<BenchResult[]> {
  const executablePath = findChromium();
  if (executablePath === null) {
    process.stderr.write('grid_scroll_p95: no Chromium on this machine, left out\n');
    return [];
  }
  await ensurePage((line) => process.stderr.write(`${line}\n`));
  const host = await startHost();
  const browser = await chromium.launch({ executablePath, args: chromiumFlags() });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await openSheet(page, host);
    const ours = await scrollFrames(page, '[role="grid"]');
    const blank = await blankRows(page);
    const edit = await editToPaint(page);
    await page.close();
    const peer = existsSync(REVOGRID)
      ? await revoGridFrames(await browser.newPage({ viewport: { width: 1440, height: 900 } }))
      : null;
    if (peer === null)
      process.stderr.write('RevoGrid is not installed: run "npm install" in test/bench to compare with it\n');
    return [
      {
        name: 'grid_scroll_p95',
        value: ours,
        unit: 'ms/frame',
        baseline: 'RevoGrid',
        baseline_value: peer,
        ratio: peer === null ? null : peer / ours,
        target: 'not above RevoGrid',
        ok: peer === null ? null : ours <= peer,
      },
      {
        name: 'grid_blank_rows',
        value: blank,
        unit: 'rows',
        baseline: '',
        baseline_value: null,
        ratio: null,
        target: 'none',
        ok: blank === 0,
      },
      figure('grid_edit_to_paint', edit, 'ms', 50, 'under 50 ms at the median', 'less'),
    ];
  } finally {
    await browser.close();
    await host.stop();
  }
}

/** A plan of 100,000 runs, laid out with 60 columns, on screen. */
async function openSheet(page: Page, host: RunningHost): Promise<void> {
  const next = dice(3);
  const runs = Array.from({ length: ROWS }, (_, row) => ({
    key: `r${row}`,
    name: `Run ${row}`,
    params_total: `${1 + Math.floor(next() * 400)}B`,
    tokens: `${1 + Math.floor(next() * 15)}T`,
    hardware: next() < 0.5 ? 'h100-sxm' : 'a100-80gb-sxm',
    chips: String(8 * (1 + Math.floor(next() * 2000))),
    chip_hour_price: '2 USD/h',
  }));
  const file = JSON.stringify({
    format: 'flopsheet-plan',
    version: 1,
    name: 'Bench',
    currency: 'USD',
    seed: 1,
    samples: 1024,
    runs,
  });
  const client = await connectDirectly(host);
  const { plan } = await client.call('plans.create', { file });
  const shown = BUILT_IN_COLUMNS.filter((def) => def.table === 'runs' && def.id !== 'key')
    .map((def) => def.id)
    .sort((a, b) => Number(b === 'total_cost') - Number(a === 'total_cost'))
    .slice(0, COLUMNS);
  const hidden = BUILT_IN_COLUMNS.filter((def) => def.table === 'runs' && !shown.includes(def.id)).map((def) => def.id);
  const first = ['name', 'tokens', 'train_flop', 'total_cost'];
  const order = [...first, ...shown.filter((id) => !first.includes(id))];
  await client.call('layout.write', { plan, table: 'runs', layout: { shown, hidden, order } });
  await openApp(page, host, `?plan=${plan}`);
  await page.locator('#cell-20-3').waitFor({ timeout: 120_000 });
  const columns = await page.locator('[role="grid"]').getAttribute('aria-colcount');
  const rows = await page.locator('[role="grid"]').getAttribute('aria-rowcount');
  if (Number(columns) !== COLUMNS || Number(rows) < ROWS)
    throw new Error(`the sheet shows ${rows} rows, ${columns} columns`);
}

/** p95 of the time between frames while the wheel drags on, in ms. */
async function scrollFrames(page: Page, selector: string): Promise<number> {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not on screen`);
  const cdp: CDPSession = await page.context().newCDPSession(page);
  const drag = async (xDistance: number, yDistance: number): Promise<number[]> => {
    await page.evaluate(() => {
      const frames: number[] = [];
      const own = window as unknown as { frames: number[]; last: number };
      own.frames = frames;
      own.last = performance.now();
      const step = (): void => {
        const now = performance.now();
        frames.push(now - own.last);
        own.last = now;
        if (own.frames === frames) requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
    await cdp.send('Input.synthesizeScrollGesture', {
      x: Math.round(box.x + box.width / 2),
      y: Math.round(box.y + box.height / 2),
      xDistance,
      yDistance,
      speed: SCROLL.speed,
      gestureSourceType: 'mouse',
    });
    return page.evaluate(() => {
      const own = window as unknown as { frames: number[] };
      const { frames } = own;
      own.frames = [];
      return frames;
    });
  };
  const frames = [
    ...(await drag(0, -SCROLL.distance)),
    ...(await drag(-4_000, 0)),
    ...(await drag(4_000, 0)),
    ...(await drag(0, SCROLL.distance)),
  ].sort((a, b) => a - b);
  if (frames.length < 100) throw new Error(`only ${frames.length} frames were painted`);
  return frames[Math.floor(frames.length * 0.95)] as number;
}

/** The most rows without content in any frame after 30 jumps to anywhere in the table. */
async function blankRows(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const grid = document.querySelector('[role="grid"]') as HTMLElement;
    const room = (grid.querySelector('.window') as HTMLElement).getBoundingClientRect();
    let most = 0;
    for (let jump = 0; jump < 30; jump++) {
      grid.scrollTop = ((jump * 7919) % 1000) * (grid.scrollHeight / 1000);
      for (let frame = 0; frame < 12; frame++) {
        await new Promise((done) => requestAnimationFrame(done));
        let blank = 0;
        let covered = 0;
        for (const row of grid.querySelectorAll('.window .row')) {
          const box = row.getBoundingClientRect();
          if (box.bottom <= room.top || box.top >= room.bottom) continue;
          covered += Math.min(box.bottom, room.bottom) - Math.max(box.top, room.top);
          if ((row.querySelector('.cell')?.textContent ?? '').trim() === '') blank++;
        }
        blank += Math.round((room.height - covered) / 28);
        most = Math.max(most, blank);
      }
    }
    grid.scrollTop = 0;
    await new Promise((done) => setTimeout(done, 500));
    return most;
  });
}

/** Median ms from Enter to the frame that shows the recomputed cost. */
async function editToPaint(page: Page): Promise<number> {
  const at = async (id: string): Promise<number> =>
    Number(await page.locator(`.title[data-column="${id}"]`).getAttribute('aria-colindex')) - 1;
  const [tokens, cost] = [await at('tokens'), await at('total_cost')];
  const times: number[] = [];
  for (let i = 0; i < EDITS; i++) {
    const row = i % 15;
    await page.locator(`.title[data-column="tokens"]`).scrollIntoViewIfNeeded();
    await page.locator(`#cell-${row}-${tokens}`).click();
    await page.locator(`#cell-${row}-${cost}`).waitFor();
    await page.keyboard.type(`${20 + i}T`);
    await page.evaluate(
      ([r, c]) => {
        const own = window as unknown as { painted: Promise<number> };
        own.painted = new Promise((done) => {
          let start = 0;
          addEventListener('keydown', (event) => event.key === 'Enter' && (start = performance.now()), {
            capture: true,
            once: true,
          });
          const cell = document.getElementById(`cell-${r}-${c}`) as HTMLElement;
          const before = cell.textContent;
          const watch = new MutationObserver(() => {
            if (cell.textContent === before) return;
            watch.disconnect();
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
          });
          watch.observe(cell, { childList: true, subtree: true, characterData: true });
        });
      },
      [row, cost] as const,
    );
    await page.keyboard.press('Enter');
    times.push(await page.evaluate(() => (window as unknown as { painted: Promise<number> }).painted));
  }
  return times.sort((a, b) => a - b)[times.length >> 1] as number;
}

/** RevoGrid with as many plain values, in the room our sheet has. */
async function revoGridFrames(page: Page): Promise<number> {
  const server = await serveRevoGrid();
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(
      () => document.querySelectorAll('revogr-data [data-rgrow], .rgCell').length > 50,
      undefined,
      {
        timeout: 60_000,
      },
    );
    return await scrollFrames(page, 'revo-grid');
  } finally {
    server.close();
  }
}

const PAGE = `<!doctype html><meta charset="utf-8"><style>body{margin:0}revo-grid{display:block;width:1072px;height:706px}</style>
<revo-grid></revo-grid>
<script type="module">
import './revo-grid/revo-grid.esm.js';
const columns = Array.from({ length: ${COLUMNS} }, (_, c) => ({ prop: 'c' + c, name: 'Column ' + c, size: 96 }));
const source = Array.from({ length: ${ROWS} }, (_, r) =>
  Object.fromEntries(columns.map((column, c) => [column.prop, c === 0 ? 'Run ' + r : ((r * 31 + c * 17) % 9973) / 7])));
const grid = document.querySelector('revo-grid');
grid.rowSize = 28;
grid.columns = columns;
grid.source = source;
</script>`;

async function serveRevoGrid(): Promise<Server> {
  const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://x').pathname);
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html').end(PAGE);
      return;
    }
    const file = join(REVOGRID, path.replace(/^\/revo-grid/, ''));
    if (!file.startsWith(REVOGRID) || !existsSync(file)) {
      response.statusCode = 404;
      response.end();
      return;
    }
    response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}
