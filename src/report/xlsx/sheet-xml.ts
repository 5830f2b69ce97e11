/** One worksheet's XML. */
import type { WorkbookCell, Worksheet } from './model.ts';
import type { Styles } from './styles.ts';
import { columnName, escapeText, escapeXml } from './xml.ts';

const LONGEST_TEXT = 32_767;

export function sheetXml(sheet: Worksheet, styles: Styles, first: boolean): string {
  const parts: string[] = [
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">',
    `<sheetViews><sheetView showGridLines="0"${first ? ' tabSelected="1"' : ''} workbookViewId="0">${pane(sheet)}</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>`,
  ];
  if (sheet.widths.length > 0)
    parts.push(
      '<cols>',
      ...sheet.widths.map((width, i) => `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`),
      '</cols>',
    );
  parts.push('<sheetData>');
  const columns: string[] = [];
  sheet.rows.forEach((row, r) => {
    parts.push(`<row r="${r + 1}">`);
    for (let c = 0; c < row.length; c++) {
      const cell = row[c];
      if (cell) parts.push(cellXml(cell, `${(columns[c] ??= columnName(c))}${r + 1}`, styles.id(cell.style)));
    }
    parts.push('</row>');
  });
  parts.push(
    '</sheetData><pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/><pageSetup orientation="landscape" fitToHeight="0"/>',
  );
  if (notesOf(sheet).length > 0) parts.push('<legacyDrawing r:id="rId1"/>');
  parts.push('</worksheet>');
  return parts.join('');
}

function pane(sheet: Worksheet): string {
  const { rows = 0, columns = 0 } = sheet.frozen ?? {};
  if (rows === 0 && columns === 0) return '';
  const where = rows > 0 && columns > 0 ? 'bottomRight' : rows > 0 ? 'bottomLeft' : 'topRight';
  return `<pane${columns > 0 ? ` xSplit="${columns}"` : ''}${rows > 0 ? ` ySplit="${rows}"` : ''} topLeftCell="${columnName(columns)}${rows + 1}" activePane="${where}" state="frozen"/><selection pane="${where}"/>`;
}

function cellXml(cell: WorkbookCell, at: string, style: number): string {
  const { value, formula } = cell;
  const open = `<c r="${at}"${style > 0 ? ` s="${style}"` : ''}`;
  if (formula !== undefined) {
    const text = `<f>${escapeXml(formula)}</f>`;
    if (typeof value === 'number' && Number.isFinite(value)) return `${open}>${text}<v>${value}</v></c>`;
    if (typeof value === 'boolean') return `${open} t="b">${text}<v>${value ? 1 : 0}</v></c>`;
    if (typeof value === 'string')
      return `${open} t="str">${text}<v>${escapeText(value.slice(0, LONGEST_TEXT))}</v></c>`;
    return `${open} t="e">${text}<v>#N/A</v></c>`;
  }
  if (typeof value === 'number' && Number.isFinite(value)) return `${open}><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `${open} t="b"><v>${value ? 1 : 0}</v></c>`;
  if (typeof value === 'string' && value !== '')
    return `${open} t="inlineStr"><is><t xml:space="preserve">${escapeText(value.slice(0, LONGEST_TEXT))}</t></is></c>`;
  return style > 0 ? `${open}/>` : '';
}

export interface Note {
  readonly row: number;
  readonly column: number;
  readonly text: string;
}

export function notesOf(sheet: Worksheet): Note[] {
  return sheet.rows.flatMap((row, r) =>
    row.flatMap((cell, c): Note[] => (cell?.note ? [{ row: r, column: c, text: cell.note }] : [])),
  );
}

export function commentsXml(notes: readonly Note[]): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author>Flopsheet</author></authors><commentList>${notes
    .map(
      (note) =>
        `<comment ref="${columnName(note.column)}${note.row + 1}" authorId="0"><text><r><t xml:space="preserve">${escapeText(note.text.slice(0, 2000))}</t></r></text></comment>`,
    )
    .join('')}</commentList></comments>`;
}

/** Where notes pop up: spreadsheets still read this from VML. */
export function vmlXml(notes: readonly Note[]): string {
  return `<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>${notes
    .map(
      (note, i) =>
        `<v:shape id="_x0000_s${1025 + i}" type="#_x0000_t202" style="position:absolute;width:240pt;height:80pt;z-index:${i + 1};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>${note.column + 1}, 15, ${note.row}, 2, ${note.column + 5}, 15, ${note.row + 5}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>${note.row}</x:Row><x:Column>${note.column}</x:Column></x:ClientData></v:shape>`,
    )
    .join('')}</xml>`;
}
