/** Workbooks as .xlsx bytes: OOXML parts zipped by fflate. The same workbook gives the same bytes. */
import { strToU8, zipSync, type Zippable } from 'fflate';
import { FlopsheetError } from '../../core/errors.ts';
import type { Workbook } from './model.ts';
import { commentsXml, notesOf, sheetXml, vmlXml } from './sheet-xml.ts';
import { Styles } from './styles.ts';
import { escapeXml, sheetNames } from './xml.ts';

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const TYPES = 'http://schemas.openxmlformats.org/package/2006/content-types';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const MOST_ROWS = 1_048_576;
const MOST_COLUMNS = 16_384;

/** XML parts by path, for tests and golden files. Throws FlopsheetError `XLSX_SIZE` beyond what a worksheet can hold. */
export function workbookParts(workbook: Workbook): Record<string, string> {
  const styles = new Styles();
  const names = sheetNames(workbook.sheets.map((sheet) => sheet.name));
  const parts: Record<string, string> = {};
  const types: string[] = [];
  workbook.sheets.forEach((sheet, i) => {
    if (sheet.rows.length > MOST_ROWS || sheet.rows.some((row) => row.length > MOST_COLUMNS))
      throw new FlopsheetError('XLSX_SIZE', `the sheet "${sheet.name}" is larger than a worksheet can be`, {
        where: sheet.name,
        hint: 'write it as CSV instead',
      });
    const number = i + 1;
    parts[`xl/worksheets/sheet${number}.xml`] = sheetXml(sheet, styles, i === 0);
    types.push(`<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${MAIN}.worksheet+xml"/>`);
    const notes = notesOf(sheet);
    if (notes.length === 0) return;
    parts[`xl/comments${number}.xml`] = commentsXml(notes);
    parts[`xl/drawings/vmlDrawing${number}.vml`] = vmlXml(notes);
    parts[`xl/worksheets/_rels/sheet${number}.xml.rels`] = relations([
      ['rId1', `${OFFICE}/vmlDrawing`, `../drawings/vmlDrawing${number}.vml`],
      ['rId2', `${OFFICE}/comments`, `../comments${number}.xml`],
    ]);
    types.push(`<Override PartName="/xl/comments${number}.xml" ContentType="${MAIN}.comments+xml"/>`);
  });
  const defined = [...workbook.names]
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
    .map(({ name, reference }) => `<definedName name="${escapeXml(name)}">${escapeXml(reference)}</definedName>`);
  const sheets = names.map((name, i) => `<sheet name="${escapeXml(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`);
  parts['xl/workbook.xml'] =
    `${HEAD}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${OFFICE}"><bookViews><workbookView activeTab="0"/></bookViews><sheets>${sheets.join('')}</sheets>${defined.length > 0 ? `<definedNames>${defined.join('')}</definedNames>` : ''}<calcPr calcId="191029" fullCalcOnLoad="1"/></workbook>`;
  parts['xl/_rels/workbook.xml.rels'] = relations([
    ...names.map((_, i): Relation => [`rId${i + 1}`, `${OFFICE}/worksheet`, `worksheets/sheet${i + 1}.xml`]),
    [`rId${names.length + 1}`, `${OFFICE}/styles`, 'styles.xml'],
  ]);
  parts['xl/styles.xml'] = styles.xml();
  parts['_rels/.rels'] = relations([
    ['rId1', `${OFFICE}/officeDocument`, 'xl/workbook.xml'],
    [
      'rId2',
      'http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties',
      'docProps/core.xml',
    ],
  ]);
  parts['docProps/core.xml'] =
    `${HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${escapeXml(workbook.title)}</dc:title><dc:creator>Flopsheet</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">${workbook.date}T00:00:00Z</dcterms:created></cp:coreProperties>`;
  parts['[Content_Types].xml'] =
    `${HEAD}<Types xmlns="${TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/><Override PartName="/xl/workbook.xml" ContentType="${MAIN}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${MAIN}.styles+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>${types.join('')}</Types>`;
  return parts;
}

/** The bytes of the file. */
export function writeWorkbook(workbook: Workbook): Uint8Array {
  const parts = workbookParts(workbook);
  // Readers expect the content types first. Local noon, so that the zip's local time is the same day everywhere.
  const [year = 1980, month = 1, day = 1] = workbook.date.split('-').map(Number);
  const mtime = new Date(year, month - 1, day, 12);
  const order = [
    '[Content_Types].xml',
    '_rels/.rels',
    ...Object.keys(parts).filter((path) => path !== '[Content_Types].xml' && path !== '_rels/.rels'),
  ];
  const files: Zippable = {};
  for (const path of order) files[path] = [strToU8(parts[path] as string), { level: 6, mtime }];
  return zipSync(files);
}

type Relation = readonly [id: string, type: string, target: string];

function relations(list: readonly Relation[]): string {
  return `${HEAD}<Relationships xmlns="${RELATIONS}">${list.map(([id, type, target]) => `<Relationship Id="${id}" Type="${type}" Target="${target}"/>`).join('')}</Relationships>`;
}
