/** Commands of the sheet for palette, keys and key list; `app/commands` has them among the others. */
import type { App } from '../app/app.svelte.ts';
import type { AppCommand } from '../app/commands.ts';
import { duplicateRows, insertRows, moveRow, removeRows, addRowBelow } from '../app/row-actions.ts';
import * as actions from './actions.ts';
import type { SheetState } from './sheet.svelte.ts';

type Work = (sheet: SheetState) => unknown;

function command(
  id: string,
  label: string,
  group: AppCommand['group'],
  keys: string | undefined,
  work: Work,
): AppCommand {
  return {
    id,
    label,
    group,
    ...(keys === undefined ? {} : { keys }),
    needsPlan: true,
    run: (app: App) => {
      const sheet = app.plan?.sheet;
      if (!sheet) return;
      app.go('sheet');
      void Promise.resolve(work(sheet)).catch((error: unknown) => sheet.fail(error));
    },
  };
}

const rows = (id: string, label: string, keys: string | undefined, work: Work): AppCommand =>
  command(id, label, 'Rows and columns', keys, work);
const view = (id: string, label: string, keys: string | undefined, work: Work): AppCommand =>
  command(id, label, 'View', keys, work);

export const SHEET_COMMANDS: readonly AppCommand[] = [
  command('find', 'Find and replace', 'Edit', 'Ctrl+F', (sheet) => (sheet.panel = { is: 'find' })),
  command('note', 'Note and source of the cell', 'Edit', 'Shift+F2', (sheet) => (sheet.panel = { is: 'note' })),
  rows('row-add', 'Add a row at the end', undefined, addRowBelow),
  rows('row-insert', 'Insert rows above the selected ones', 'Ctrl+I', insertRows),
  rows('row-duplicate', 'Duplicate the selected rows', 'Ctrl+Shift+D', duplicateRows),
  rows('row-remove', 'Remove the selected rows', 'Ctrl+Delete', removeRows),
  rows('row-up', 'Move the selected rows up', 'Alt+Shift+ArrowUp', (sheet) => moveRow(sheet, -1)),
  rows('row-down', 'Move the selected rows down', 'Alt+Shift+ArrowDown', (sheet) => moveRow(sheet, 1)),
  rows('column-left', 'Move the column left', 'Alt+Shift+ArrowLeft', (sheet) => actions.shiftColumn(sheet, -1)),
  rows('column-right', 'Move the column right', 'Alt+Shift+ArrowRight', (sheet) => actions.shiftColumn(sheet, 1)),
  rows('column-edit', 'Format, label and formula of the column', undefined, (sheet) => {
    if (sheet.activeColumn) sheet.panel = { is: 'column', column: sheet.activeColumn.id };
  }),
  rows('column-remove', 'Delete the column (one of your own)', undefined, (sheet) => {
    if (sheet.activeColumn?.user) sheet.panel = { is: 'remove-column', column: sheet.activeColumn.id };
    else
      sheet.fail({
        code: 'BUILT_IN',
        message: 'This column is the planner’s.',
        hint: 'Hide it instead, or choose a column of your own.',
      });
  }),
  view('column-hide', 'Hide the selected columns', undefined, actions.hideColumns),
  view('column-wider', 'Make the column wider', undefined, (sheet) => actions.widen(sheet, 16)),
  view('column-narrower', 'Make the column narrower', undefined, (sheet) => actions.widen(sheet, -16)),
  view('freeze', 'Freeze the columns up to here', undefined, actions.freezeHere),
  view('fold', 'Fold or unfold the group of the column', undefined, actions.foldGroup),
  view('sort-up', 'Sort by the column, smallest first', undefined, (sheet) => actions.sortBy(sheet, false)),
  view('sort-down', 'Sort by the column, largest first', undefined, (sheet) => actions.sortBy(sheet, true)),
  view('filter', 'Filter by the column', 'Ctrl+Shift+L', (sheet) => {
    if (sheet.activeColumn) sheet.panel = { is: 'filter', column: sheet.activeColumn.id };
  }),
  view('arrange-clear', 'Clear sort and filter', undefined, actions.clearArrangement),
  view('arrange-again', 'Sort and filter again', undefined, (sheet) => sheet.arrangeAgain()),
  view('zoom-in', 'Larger cells', undefined, (sheet) => actions.zoomBy(sheet, 1)),
  view('zoom-out', 'Smaller cells', undefined, (sheet) => actions.zoomBy(sheet, -1)),
  view('zoom-reset', 'Cells at 100 %', undefined, (sheet) => actions.zoomBy(sheet, 0)),
  command('trace-precedents', 'What this cell reads', 'Analysis', 'Ctrl+[', (sheet) => {
    sheet.panel = { is: 'trace', first: 'precedents' };
  }),
  command('trace-dependents', 'What reads this cell', 'Analysis', 'Ctrl+]', (sheet) => {
    sheet.panel = { is: 'trace', first: 'dependents' };
  }),
];
