/** Small workbooks made by hand, so that a test can break one part at a time. */
import { strToU8, zipSync } from 'fflate';

const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

/** A workbook of one sheet whose rows and shared strings are the XML given; cell style 1 is a date. */
export function workbookOf(rows: string, shared = '', prolog = ''): Uint8Array {
  const part = (body: string): Uint8Array => strToU8(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
  return zipSync(
    {
      'xl/workbook.xml': part(
        `<workbook ${MAIN} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
      ),
      'xl/_rels/workbook.xml.rels': part(
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
      ),
      'xl/styles.xml': part(
        `<styleSheet ${MAIN}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
      ),
      'xl/sharedStrings.xml': part(`<sst ${MAIN}>${shared}</sst>`),
      'xl/worksheets/sheet1.xml': part(`${prolog}<worksheet ${MAIN}><sheetData>${rows}</sheetData></worksheet>`),
    },
    { level: 6 },
  );
}
