/** What the help shows: remembered while the app runs, so that commands and cells can open it at their subject. */
import type { TableId } from '../../src/core/document/plan.ts';

export const HELP_TABS = [
  ['columns', 'Columns'],
  ['glossary', 'Glossary'],
  ['keys', 'Keys'],
  ['start', 'First steps'],
] as const;
export type HelpTab = (typeof HELP_TABS)[number][0];

export const helpAt = $state<{ tab: HelpTab; table: TableId; column: string | null }>({
  tab: 'columns',
  table: 'runs',
  column: null,
});
