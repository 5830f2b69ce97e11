/** Copy, cut and paste of the selection: TSV and HTML, to and from Excel, Google Sheets and Flopsheet itself. */
import type { CellTexts } from '../../src/core/sheet/selection.ts';
import { clearing } from './edits.ts';
import { fromHtml, toHtml } from './html-table.ts';
import { applyPaste, examine, isClear } from './pasted.ts';
import { heldCells, readCells, Stopped } from './read-cells.ts';
import type { SheetState } from './sheet.svelte.ts';
import { fromTsv, toTsv } from './tsv.ts';

/** What other programs get of a cell: the number itself, so that they can count with it, or the text. */
function valueOf(row: CellTexts, c: number): string {
  const value = row.values[c];
  if (typeof value === 'number') return String(value);
  return row.shown[c] || row.texts[c] || '';
}

function formats(rows: readonly CellTexts[]): { readonly text: string; readonly html: string } {
  const cells = rows.map((row) =>
    row.texts.map((text, c) => ({ value: valueOf(row, c), text: text || valueOf(row, c) })),
  );
  return { text: toTsv(cells.map((row) => row.map((cell) => cell.value))), html: toHtml(cells) };
}

/** Copies the selection; `cut` then empties it. Selections that are not on screen are read first. */
export async function copyCells(sheet: SheetState, event: ClipboardEvent, cut: boolean): Promise<void> {
  event.preventDefault();
  const { range } = sheet;
  const held = heldCells(sheet, range);
  try {
    const rows = held ?? (await readCells(sheet, range, 'Copying'));
    const { text, html } = formats(rows);
    if (held) {
      event.clipboardData?.setData('text/plain', text);
      event.clipboardData?.setData('text/html', html);
    } else
      await navigator.clipboard.write([
        new ClipboardItem({
          'text/plain': new Blob([text], { type: 'text/plain' }),
          'text/html': new Blob([html], { type: 'text/html' }),
        }),
      ]);
    if (cut) await sheet.send(clearing(sheet, range, rows), 'cut');
  } catch (error) {
    if (!(error instanceof Stopped)) sheet.fail(error);
  }
}

/** Pastes what is on the clipboard. With `valuesOnly` formulas copied here come as the values they had. */
export async function pasteCells(sheet: SheetState, event: ClipboardEvent, valuesOnly: boolean): Promise<void> {
  const text = event.clipboardData?.getData('text/plain') ?? '';
  const html = event.clipboardData?.getData('text/html') ?? '';
  const table = html === '' ? null : fromHtml(html);
  if (text === '' && !table) return;
  event.preventDefault();
  // Plain text is what the user saw; HTML knows formulas of our own and the numbers behind formatted ones.
  const rows = table && !(table.own && valuesOnly) ? table.rows : fromTsv(text);
  const pasted = examine(rows, sheet.columns, sheet.range.left, table?.own ?? false);
  if (pasted.width === 0) return;
  if (!isClear(pasted)) {
    sheet.panel = { is: 'paste', pasted };
    return;
  }
  try {
    await applyPaste(sheet, pasted, { missing: 'keep', reading: null });
  } catch (error) {
    if (!(error instanceof Stopped)) sheet.fail(error);
  }
}
