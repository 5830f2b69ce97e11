/** LibreOffice as a judge of workbooks: opens a file without a screen, recalculates everything and gives every sheet back. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';

/** False, with a line saying so, where LibreOffice is not installed (Debian: libreoffice-calc, 300 MB). */
export const HAS_LIBREOFFICE = spawnSync('soffice', ['--version']).error === undefined;
if (!HAS_LIBREOFFICE)
  console.warn('LibreOffice (soffice) is not installed: workbooks are recalculated by the tests’ own calculator only');

const XCU = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>`;

/** Every sheet by name, as rows of fields: numbers in full precision. Throws when LibreOffice does not open the file. */
export function recalculated(bytes: Uint8Array): Map<string, string[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'flopsheet-soffice-'));
  try {
    const profile = join(folder, 'profile');
    mkdirSync(join(profile, 'user'), { recursive: true });
    writeFileSync(join(profile, 'user', 'registrymodifications.xcu'), XCU);
    writeFileSync(join(folder, 'book.xlsx'), bytes);
    const out = join(folder, 'out');
    // Tokens: comma, quote, UTF-8, first line, no formats, language, quote all, detect, not as shown, no formulas, …, all sheets.
    execFileSync(
      'soffice',
      [
        `-env:UserInstallation=${pathToFileURL(profile).href}`,
        '--headless',
        '--convert-to',
        'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,false,false,-1',
        '--outdir',
        out,
        join(folder, 'book.xlsx'),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 },
    );
    return new Map(
      readdirSync(out).map((file) => [
        file.replace(/^book-/, '').replace(/\.csv$/, ''),
        fields(readFileSync(join(out, file), 'utf8')),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fields(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const match of text.matchAll(/"((?:[^"]|"")*)"|([^",\n]+)|(,)|(\n)/g)) {
    const row = rows.at(-1) as string[];
    if (match[4]) rows.push([]);
    else if (match[3]) row.push('');
    else {
      if (row.length === 0) row.push('');
      row[row.length - 1] = match[1]?.replaceAll('""', '"') ?? match[2] ?? '';
    }
  }
  return rows;
}

/** The file with other numbers in cells that hold a number, as somebody would type them. `part` is the sheet's number. */
export function typedInto(bytes: Uint8Array, part: number, cells: ReadonlyMap<string, number>): Uint8Array {
  const path = `xl/worksheets/sheet${part}.xml`;
  const files = unzipSync(bytes);
  let xml = strFromU8(files[path] as Uint8Array);
  for (const [at, value] of cells) {
    const cell = new RegExp(`(<c r="${at}"[^>]*>)(?:<f>[^<]*</f>)?<v>[^<]*</v>`);
    if (!cell.test(xml)) throw new Error(`no number in ${at}`);
    xml = xml.replace(cell, `$1<v>${value}</v>`);
  }
  return zipSync({ ...files, [path]: strToU8(xml) });
}
