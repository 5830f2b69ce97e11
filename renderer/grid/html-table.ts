/** Tables on the clipboard as HTML: what spreadsheets put there beside plain text, with the numbers behind what they show. */

export interface HtmlTable {
  readonly rows: string[][];
  /** Copied from Flopsheet: texts are as typed, formulas too. */
  readonly own: boolean;
}

/** A rectangle of cells for other programs: they see values; Flopsheet sees what was typed. */
export function toHtml(rows: readonly (readonly { readonly value: string; readonly text: string }[])[]): string {
  const escape = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const cell = ({ value, text }: { value: string; text: string }): string =>
    `<td data-text="${escape(text)}">${escape(value)}</td>`;
  return `<table data-flopsheet="1">${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('')}</table>`;
}

/** The first table of an HTML text; null when there is none. Cells that span several leave the others empty. */
export function fromHtml(html: string): HtmlTable | null {
  const table = new DOMParser().parseFromString(html, 'text/html').querySelector('table');
  if (!table) return null;
  const own = table.dataset['flopsheet'] !== undefined;
  const rows: string[][] = [];
  Array.from(table.rows).forEach((tr, r) => {
    const row = (rows[r] ??= []);
    let at = 0;
    for (const td of tr.cells) {
      while (row[at] !== undefined) at++;
      for (let down = 0; down < Math.max(1, td.rowSpan); down++)
        for (let right = 0; right < Math.max(1, td.colSpan); right++)
          (rows[r + down] ??= [])[at + right] = down === 0 && right === 0 ? textOf(td, own) : '';
      at += Math.max(1, td.colSpan);
    }
  });
  return { rows: rows.slice(0, table.rows.length).map((row) => Array.from(row, (text) => text ?? '')), own };
}

const DATE_LIKE = /^\s*\d{1,4}[./-]\d{1,2}[./-]\d{1,4}/;

function textOf(td: HTMLTableCellElement, own: boolean): string {
  if (own) return td.dataset['text'] ?? td.textContent;
  for (const br of td.querySelectorAll('br')) br.replaceWith('\n');
  const text = td.textContent.replace(/[^\S\n]+/g, ' ').trim();
  if (DATE_LIKE.test(text)) return text;
  // Excel and Google Sheets say which number stands behind a formatted one.
  const number = td.getAttribute('x:num') || sheetsNumber(td.dataset['sheetsValue']);
  return number && Number.isFinite(Number(number)) && /\d/.test(text) ? number : text;
}

function sheetsNumber(json: string | undefined): string | null {
  if (json === undefined) return null;
  try {
    const value = (JSON.parse(json) as Record<string, unknown>)['3'];
    return typeof value === 'number' ? String(value) : null;
  } catch {
    return null;
  }
}
