/** The page of the web host in a real Chromium, cold: first paint, and the moment its plans and templates can be used. */
import { chromium, type Browser } from '@playwright/test';
import { chromiumFlags, findChromium } from '../../scripts/chromium.ts';
import { startHost } from '../e2e/harness/host.ts';
import { figure, type BenchResult } from './measure.ts';

const RUNS = 7;

interface Load {
  readonly paintMs: number;
  readonly interactiveMs: number;
}

export async function pageLoad(): Promise<BenchResult[]> {
  const executablePath = findChromium();
  if (executablePath === null) {
    process.stderr.write('page_first_paint: no Chromium on this machine, left out\n');
    return [];
  }
  const host = await startHost();
  const browser = await chromium.launch({ executablePath, args: chromiumFlags() });
  try {
    // Every launch address signs in once: later loads have the session, as after a reload.
    const session = await browser.newContext();
    await (await session.newPage()).goto(host.url);
    const cookies = await session.cookies();
    const loads: Load[] = [];
    for (let run = 0; run < RUNS; run++) loads.push(await coldLoad(browser, host.origin, cookies));
    const middle = (read: (load: Load) => number): number => loads.map(read).sort((a, b) => a - b)[RUNS >> 1] ?? NaN;
    return [
      figure(
        'page_first_paint',
        middle((load) => load.paintMs),
        'ms',
        1000,
        'under 1 s',
        'less',
      ),
      figure(
        'page_interactive',
        middle((load) => load.interactiveMs),
        'ms',
        2000,
        'under 2 s',
        'less',
      ),
    ];
  } finally {
    await browser.close();
    await host.stop();
  }
}

/** One load with an empty cache; interactive is when the templates, which the host answers last, take a press. */
async function coldLoad(
  browser: Browser,
  origin: string,
  cookies: Parameters<Awaited<ReturnType<Browser['newContext']>>['addCookies']>[0],
): Promise<Load> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies(cookies);
  const page = await context.newPage();
  await page.addInitScript(() => {
    const watch = new MutationObserver(() => {
      if (!document.querySelector('.templates button')) return;
      watch.disconnect();
      // The next task after the frame that shows them: by then the page answers.
      requestAnimationFrame(() => setTimeout(() => performance.mark('interactive')));
    });
    watch.observe(document, { childList: true, subtree: true });
  });
  await page.goto(origin);
  await page.waitForFunction(() => performance.getEntriesByName('interactive').length > 0);
  const load = await page.evaluate(() => ({
    paintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    interactiveMs: performance.getEntriesByName('interactive')[0]?.startTime ?? Number.NaN,
  }));
  await context.close();
  return load;
}
