/** Draws the app's icons from renderer/ui/icon.svg into assets/icons: PNG for Linux, ICO for Windows, ICNS for macOS. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'assets', 'icons');
const LINUX = [16, 32, 48, 64, 128, 256, 512];
const WINDOWS = [16, 24, 32, 48, 64, 128, 256];
/** Type of an ICNS entry and its pixels (Apple's names; PNG inside). */
const MAC: readonly (readonly [type: string, size: number])[] = [
  ['icp4', 16], ['icp5', 32], ['icp6', 64], ['ic07', 128], ['ic08', 256], ['ic09', 512], ['ic10', 1024],
  ['ic11', 32], ['ic12', 64], ['ic13', 256], ['ic14', 512],
]; // prettier-ignore

async function png(svg: string, size: number): Promise<Buffer> {
  // Sized in the file: an SVG without size is drawn at its view box and blown up.
  const sized = Buffer.from(svg.replace('<svg ', `<svg width="${size}" height="${size}" `));
  const canvas = createCanvas(size, size);
  canvas.getContext('2d').drawImage(await loadImage(sized), 0, 0, size, size);
  return canvas.toBuffer('image/png');
}

/** PNGs as one ICO: a directory of 16 bytes an image, then the images. */
function ico(images: readonly { readonly size: number; readonly bytes: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let at = head.length;
  images.forEach(({ size, bytes }, i) => {
    const entry = 6 + 16 * i;
    head.writeUInt8(size % 256, entry);
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(bytes.length, entry + 8);
    head.writeUInt32LE(at, entry + 12);
    at += bytes.length;
  });
  return Buffer.concat([head, ...images.map(({ bytes }) => bytes)]);
}

/** PNGs as one ICNS: type and length before each. */
function icns(images: readonly { readonly type: string; readonly bytes: Buffer }[]): Buffer {
  const block = (type: string, content: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32BE(content.length + 8, 4);
    return Buffer.concat([head, content]);
  };
  return block('icns', Buffer.concat(images.map(({ type, bytes }) => block(type, bytes))));
}

const svg = readFileSync(join(ROOT, 'renderer', 'ui', 'icon.svg'), 'utf8');
mkdirSync(join(FOLDER, 'linux'), { recursive: true });
for (const size of LINUX) writeFileSync(join(FOLDER, 'linux', `${size}x${size}.png`), await png(svg, size));
const windows = await Promise.all(WINDOWS.map(async (size) => ({ size, bytes: await png(svg, size) })));
writeFileSync(join(FOLDER, 'icon.ico'), ico(windows));
const mac = await Promise.all(MAC.map(async ([type, size]) => ({ type, bytes: await png(svg, size) })));
writeFileSync(join(FOLDER, 'icon.icns'), icns(mac));
