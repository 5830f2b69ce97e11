/** Every command of the app, once: the palette lists them, keys run them, help shows them. */
import type { App } from './app.svelte.ts';
import { FINANCE_TABS, where } from '../finance/where.svelte.ts';
import { copySelection } from '../report/copy-selection.ts';
import { pickTable } from '../report/pick-table.ts';
import { TEXT_FORMATS } from '../report/formats.ts';
import { SCREEN_LIST } from './screens.ts';
import { goToRegion } from '../shell/regions.ts';
import { SHEET_COMMANDS } from '../grid/commands.ts';
import { theme } from '../lib/theme.svelte.ts';

export interface AppCommand {
  readonly id: string;
  readonly label: string;
  readonly group: 'Plan' | 'Edit' | 'Rows and columns' | 'View' | 'Analysis' | 'Screen' | 'Help';
  /** As shown, for example `Ctrl+Shift+E`; Ctrl is Cmd on a Mac. */
  readonly keys?: string;
  readonly needsPlan?: boolean;
  run(app: App): void;
}

const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);

export const COMMANDS: readonly AppCommand[] = [
  {
    id: 'palette',
    label: 'Find a cell or run a command',
    group: 'Help',
    keys: 'Ctrl+K',
    run: (app) => (app.dialog = 'palette'),
  },
  {
    id: 'undo',
    label: 'Undo',
    group: 'Edit',
    keys: 'Ctrl+Z',
    needsPlan: true,
    run: (app) => quietly(app.plan?.undo() ?? Promise.resolve()),
  },
  {
    id: 'redo',
    label: 'Redo',
    group: 'Edit',
    keys: 'Ctrl+Shift+Z',
    needsPlan: true,
    run: (app) => quietly(app.plan?.redo() ?? Promise.resolve()),
  },
  {
    id: 'redo-y',
    label: 'Redo (as in Excel)',
    group: 'Edit',
    keys: 'Ctrl+Y',
    needsPlan: true,
    run: (app) => quietly(app.plan?.redo() ?? Promise.resolve()),
  },
  {
    id: 'why',
    label: 'Say why: a note for the next change',
    group: 'Edit',
    needsPlan: true,
    run: (app) => (app.dialog = 'why'),
  },
  ...SHEET_COMMANDS,
  {
    id: 'column-add',
    label: 'Add a column',
    group: 'Rows and columns',
    needsPlan: true,
    run: (app) => (app.dialog = 'column'),
  },
  {
    id: 'columns',
    label: 'Show and hide columns',
    group: 'Rows and columns',
    needsPlan: true,
    run: (app) => (app.dialog = 'columns'),
  },
  {
    id: 'inspector',
    label: 'Explain this cell (inspector)',
    group: 'Analysis',
    keys: 'Ctrl+Shift+E',
    needsPlan: true,
    run: (app) => app.toggleInspector(),
  },
  {
    id: 'goal',
    label: 'Goal seek for this cell',
    group: 'Analysis',
    keys: 'Ctrl+G',
    needsPlan: true,
    run: (app) => (app.dialog = 'goal'),
  },
  {
    id: 'data-table',
    label: 'Data table for this cell (one or two inputs)',
    group: 'Analysis',
    needsPlan: true,
    run: (app) => (app.dialog = 'data-table'),
  },
  {
    id: 'largest',
    label: 'Largest input within limits (budget, deadline)',
    group: 'Analysis',
    needsPlan: true,
    run: (app) => (app.dialog = 'largest'),
  },
  {
    id: 'correlations',
    label: 'Correlations between uncertain inputs',
    group: 'Analysis',
    needsPlan: true,
    run: (app) => (app.dialog = 'correlations'),
  },
  {
    id: 'scenario-add',
    label: 'Add a scenario',
    group: 'Analysis',
    needsPlan: true,
    run: (app) => (app.dialog = 'new-scenario'),
  },
  {
    id: 'scenario-next',
    label: 'Next scenario',
    group: 'Analysis',
    keys: 'Alt+ArrowDown',
    needsPlan: true,
    run: (app) => app.plan?.stepScenario(1),
  },
  {
    id: 'scenario-previous',
    label: 'Previous scenario',
    group: 'Analysis',
    keys: 'Alt+ArrowUp',
    needsPlan: true,
    run: (app) => app.plan?.stepScenario(-1),
  },
  {
    id: 'problem',
    label: 'Go to the first problem',
    group: 'Analysis',
    needsPlan: true,
    run: (app) => app.plan?.sheet.goToProblem(),
  },
  {
    id: 'pdf',
    label: 'Export PDF report',
    group: 'Plan',
    keys: 'Ctrl+P',
    needsPlan: true,
    run: (app) => quietly(app.exportReport('report.pdf')),
  },
  {
    id: 'workbook',
    label: 'Export a workbook with live formulas (XLSX)',
    group: 'Plan',
    needsPlan: true,
    run: (app) => quietly(app.exportReport('report.xlsx')),
  },
  ...TEXT_FORMATS.map(({ id, label }): AppCommand => ({
    id: `copy-${id}`,
    label: `Copy selection as ${label}`,
    group: 'Edit',
    needsPlan: true,
    run: (app) => quietly(copySelection(app, id)),
  })),
  {
    id: 'import',
    label: 'Import a table of runs, prices or measurements (CSV, XLSX)',
    group: 'Plan',
    needsPlan: true,
    run: pickTable,
  },
  {
    id: 'file',
    label: 'Save as a plan file',
    group: 'Plan',
    keys: 'Ctrl+S',
    needsPlan: true,
    run: (app) => quietly(app.exportFile()),
  },
  ...SCREEN_LIST.map(([id, screen]): AppCommand => ({
    id,
    label: screen.about === undefined ? screen.label : `${screen.label}: ${screen.about}`,
    group: 'Screen',
    needsPlan: screen.needsPlan,
    run: (app) => app.go(id),
  })),
  ...FINANCE_TABS.map(([tab, label]): AppCommand => ({
    id: `finance-${tab}`,
    label: `Finance: ${label}`,
    group: 'Screen',
    needsPlan: true,
    run: (app) => {
      where.tab = tab;
      app.go('finance');
    },
  })),
  { id: 'theme', label: 'Switch between light and dark', group: 'Screen', run: () => theme.toggle() },
  {
    id: 'region-next',
    label: 'Next part of the window (title, screens, content, inspector, status)',
    group: 'Screen',
    keys: 'F6',
    run: () => goToRegion(1),
  },
  {
    id: 'region-previous',
    label: 'Previous part of the window',
    group: 'Screen',
    keys: 'Shift+F6',
    run: () => goToRegion(-1),
  },
  { id: 'keys', label: 'Key list', group: 'Help', keys: '?', run: (app) => (app.dialog = 'keys') },
  {
    id: 'help-column',
    label: 'Help on the column under the cursor',
    group: 'Help',
    keys: 'F1',
    run: (app) => app.help(),
  },
  {
    id: 'glossary',
    label: 'Glossary: FLOP, MAC, MFU, HFU, dense and sparse …',
    group: 'Help',
    run: (app) => app.help('glossary'),
  },
  { id: 'first-steps', label: 'First steps', group: 'Help', run: (app) => app.help('start') },
];

/** Name of a key press as commands write it. */
function pressed(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  return [
    event.ctrlKey || event.metaKey ? 'Ctrl' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey && (event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) ? 'Shift' : '',
    key,
  ]
    .filter(Boolean)
    .join('+');
}

/** Runs the command of a key press. Plain keys are left to whoever has the caret. */
export function handleShortcut(app: App, event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  const typing =
    target.isContentEditable ||
    target.tagName === 'INPUT' ||
    target.tagName === 'TEXTAREA' ||
    target.tagName === 'SELECT';
  const name = pressed(event);
  const command = COMMANDS.find((own) => own.keys === name);
  if (!command) return;
  const editing = typing || (app.plan?.sheet.editing ?? null) !== null;
  const types = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (types && (editing || target.closest('[role="grid"]'))) return;
  // Whoever types has keys of the sheet to himself.
  if (typing && ['Edit', 'Rows and columns', 'View'].includes(command.group)) return;
  if (command.needsPlan && !app.plan) return;
  event.preventDefault();
  command.run(app);
}
