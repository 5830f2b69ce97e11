/**
 * The pictures of docs/tour.md and the README, taken from the real app: `node scripts/tour.ts`, by hand after the look of a
 * screen has changed. It walks as a stranger would: plan a run, change its price, compare two scenarios, export the PDF.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { chromium, type Page } from '@playwright/test';
import { ensurePage } from '../src/cli/page.ts';
import { startHost, temporaryFolder } from '../test/e2e/harness/host.ts';
import { SheetPage } from '../test/e2e/sheet-page.ts';
import { chromiumFlags, ensureChromium } from './chromium.ts';

const FOLDER = join(import.meta.dirname, '..', 'docs', 'img');
const QUALITY = 82;

async function save(name: string, png: Uint8Array, height?: number): Promise<void> {
  const picture = await loadImage(Buffer.from(png));
  const canvas = createCanvas(picture.width, height ?? picture.height);
  canvas.getContext('2d').drawImage(picture, 0, 0);
  writeFileSync(join(FOLDER, `${name}.webp`), await canvas.encode('webp', QUALITY));
}

async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.waitForTimeout(600);
  await save(name, await page.screenshot({ animations: 'disabled', caret: 'hide' }));
}

/** A page of the PDF as a picture; needs pdftoppm (poppler-utils). */
async function takeReport(pdf: string, name: string, folder: string): Promise<void> {
  const out = join(folder, 'page');
  const { status } = spawnSync('pdftoppm', ['-png', '-r', '80', '-f', '1', '-l', '1', '-singlefile', pdf, out]);
  if (status !== 0) throw new Error('pdftoppm is not here: install poppler-utils');
  await save(name, readFileSync(`${out}.png`));
}

async function walk(page: Page, folder: string): Promise<void> {
  const sheet = new SheetPage(page);
  const rail = page.getByRole('navigation', { name: 'Screens' });
  await page.getByRole('button', { name: 'Empty plan' }).first().waitFor();
  await take(page, 'start');

  await sheet.openTemplate('Empty plan');
  await page.getByRole('button', { name: '+ Add run' }).click();
  for (const [column, text] of [
    ['Run', 'Base model'],
    ['Params', '70B'],
    ['Tokens', '6T'],
    ['Chip', 'h100-sxm'],
    ['Chips', '2048'],
    ['MFU', '0.36 to 0.44'],
  ] as const)
    await sheet.type(0, column, text);
  await sheet.select(0, 'Total cost');
  await take(page, 'run');

  await sheet.type(0, 'Price', '1.90 to 2.40 USD/h');
  await sheet.select(0, 'Total cost');
  await take(page, 'price');

  await page.getByRole('button', { name: 'Add scenario' }).click();
  await page.getByLabel('Name', { exact: true }).fill('More chips, spot');
  await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('tab', { name: /More chips/ }).click();
  await sheet.type(0, 'Chips', '4096');
  await sheet.type(0, 'Price', '1.40 to 1.80 USD/h');
  await rail.getByRole('button', { name: 'Compare scenarios' }).click();
  await page.getByRole('img', { name: /Cost bridge/ }).waitFor();
  await take(page, 'compare');

  await rail.getByRole('button', { name: 'Sheet' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 60_000 }),
    page.getByRole('button', { name: 'Export PDF' }).click(),
  ]);
  await takeReport(await download.path(), 'report', folder);

  for (const [button, name] of [
    ['Scaling laws', 'scaling'],
    ['Layout', 'layout'],
    ['Serving', 'serving'],
  ] as const) {
    await rail.getByRole('button', { name: new RegExp(button) }).click();
    await page.waitForTimeout(4000);
    await take(page, name);
  }
}

await ensurePage(console.error);
const executablePath = ensureChromium();
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const folder = temporaryFolder();
const host = await startHost({ storePath: join(folder.path, 'tour.db') });
const browser = await chromium.launch({ executablePath, args: chromiumFlags() });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', locale: 'en-GB' });
  await page.goto(host.url);
  await walk(page, folder.path);
} finally {
  await browser.close();
  await host.stop();
  folder.remove();
}
