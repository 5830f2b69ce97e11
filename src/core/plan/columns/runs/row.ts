/** Who the row is. */
import { runColumns } from './run-columns.ts';

export const ROW = runColumns('Run', [
  { id: 'key', label: 'Key', type: 'text', help: 'Immutable name of the row in formulas.', widthPx: 96 },
  { id: 'name', label: 'Run', type: 'text', help: 'What people call this run.', shown: true, widthPx: 168 },
  {
    id: 'included',
    label: 'Included',
    type: 'boolean',
    default: 'yes',
    help: 'Excluded runs stay in the plan but count in no total.',
    widthPx: 72,
  },
  {
    id: 'status',
    label: 'Status',
    type: 'choice',
    choices: ['draft', 'proposed', 'approved', 'running', 'done'],
    default: 'draft',
    help: 'Where the run stands.',
    widthPx: 88,
  },
  {
    id: 'count',
    label: 'Count',
    type: 'number',
    default: '1',
    min: 0,
    digits: 6,
    help: 'How many runs like this: a sweep of 24 is one row with count 24.',
    widthPx: 64,
  },
]);
