/** The selected cells on the clipboard as a table with header: full precision, units, nothing a spreadsheet would run. */
import type { App } from '../app/app.svelte.ts';
import type { TextFormat } from './formats.ts';

/** Rows asked for at a time. */
const PAGE = 2_000;

/** Copies the selection of the sheet; one cell means its whole table. */
export async function copySelection(app: App, format: TextFormat): Promise<void> {
  const { plan } = app;
  if (!plan) return;
  const { sheet } = plan;
  const { top, bottom, left, right } = sheet.range;
  const place = { plan: plan.id, scenario: plan.scenario, table: plan.table };
  const whole = top === bottom && left === right;
  try {
    const columns = sheet.columns.slice(left, right + 1).map((column) => column.id);
    const rows: string[] = [];
    for (let from = top; !whole && from <= bottom; from += PAGE) {
      const count = Math.min(PAGE, bottom + 1 - from);
      const view = await plan.client.call('sheet.view', { ...sheet.area(), columns: [], from, count });
      rows.push(...view.rows.map((row) => row.key));
    }
    const { text } = await plan.client.call('report.table', { ...place, format, ...(whole ? {} : { columns, rows }) });
    await navigator.clipboard.writeText(text);
    app.say(whole ? 'The table is copied.' : `${rows.length} rows and ${columns.length} columns are copied.`);
  } catch (error) {
    app.fail(error);
  }
}
