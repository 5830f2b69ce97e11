/** The built-in columns of the smaller tables. */
import type { TableId } from '../../document/plan.ts';
import type { ColumnDef } from '../../sheet/column.ts';
import { PRECISIONS } from '../functions/hardware.ts';
import { SERVING } from './serving.ts';
import { ACTUALS } from './finance/actuals.ts';
import { CAPACITY } from './finance/capacity.ts';
import { COSTS } from './finance/costs.ts';
import { flopPerToken, recomputedPerToken } from './runs/run-arguments.ts';
import { KEY, RUN, tableColumns as of } from './table-columns.ts';

const ASSUMPTIONS = of('assumptions', 'Assumption', [
  { ...KEY, shown: true, label: 'Name', help: 'Name of the assumption in formulas.' },
  {
    id: 'value',
    label: 'Value',
    type: 'number',
    help: 'A number, a range such as 0.36 to 0.44, or a formula.',
    digits: 6,
    widthPx: 140,
  },
  { id: 'unit', label: 'Unit', type: 'text', help: 'Unit of the value; empty for plain numbers.', widthPx: 96 },
  { id: 'source', label: 'Source', type: 'text', help: 'Where the value comes from.', widthPx: 220 },
  { id: 'as_of', label: 'As of', type: 'date', help: 'Date of the source.', widthPx: 96 },
  { id: 'owner', label: 'Owner', type: 'text', help: 'Who answers for it.', widthPx: 110 },
  { id: 'note', label: 'Note', type: 'text', help: 'Anything a reader should know.', widthPx: 260 },
]);

const PHASES = of('phases', 'Phase', [
  KEY,
  RUN,
  { id: 'name', label: 'Phase', type: 'text', help: 'For example "context extension".', widthPx: 140 },
  {
    id: 'tokens',
    label: 'Tokens',
    type: 'number',
    unit: 'token',
    min: 0,
    digits: 4,
    help: 'Tokens of this phase.',
    widthPx: 88,
  },
  {
    id: 'seq_len',
    label: 'Sequence',
    type: 'number',
    unit: 'token',
    formula: 'run.seq_len',
    min: 1,
    digits: 7,
    help: 'Tokens per sequence in this phase.',
    widthPx: 88,
  },
  {
    id: 'batch_tokens',
    label: 'Batch',
    type: 'number',
    unit: 'token',
    formula: 'run.batch_tokens',
    min: 1,
    digits: 4,
    help: 'Tokens per optimizer step in this phase.',
    widthPx: 80,
  },
  {
    id: 'precision',
    label: 'Precision',
    type: 'choice',
    choices: PRECISIONS,
    formula: 'run.precision',
    help: 'Number format of this phase: it decides the peak of the chips.',
    widthPx: 88,
  },
  {
    id: 'mfu',
    label: 'MFU',
    type: 'number',
    formula: 'run.mfu',
    min: 0,
    max: 1,
    digits: 3,
    help: 'Model FLOP utilisation in this phase; long sequences may reach another one.',
    widthPx: 72,
  },
  {
    id: 'steps',
    label: 'Steps',
    type: 'number',
    formula: 'tokens / batch_tokens',
    digits: 6,
    help: 'Optimizer steps of this phase.',
    widthPx: 80,
  },
  {
    id: 'train_flop',
    label: 'Training FLOP',
    type: 'number',
    unit: 'FLOP',
    formula: `${flopPerToken('run.')} * tokens`,
    digits: 4,
    help: 'Training FLOP of this phase.',
    widthPx: 112,
  },
  {
    id: 'hardware_flop',
    label: 'Hardware FLOP',
    type: 'number',
    unit: 'FLOP',
    formula: `if(run.flop_convention = "6nd", train_flop * recompute_factor(run.recompute), train_flop + ${recomputedPerToken('run.')} * tokens)`,
    digits: 4,
    help: 'FLOP the chips do in this phase, recomputation included.',
    shown: false,
    widthPx: 112,
  },
  {
    id: 'ideal_chip_hours',
    label: 'Ideal chip-hours',
    type: 'number',
    unit: 'chip·h',
    formula: 'train_flop / (dense_peak(run.hardware, precision) * mfu)',
    digits: 4,
    help: 'Chip-hours of this phase without any lost time.',
    widthPx: 112,
  },
]);

const MIXTURE = of('mixture', 'Mixture', [
  KEY,
  RUN,
  {
    id: 'dataset',
    label: 'Dataset',
    type: 'reference',
    reference: 'dataset',
    help: 'A data set of the catalog.',
    widthPx: 160,
  },
  {
    id: 'weight',
    label: 'Weight',
    type: 'number',
    min: 0,
    max: 1,
    digits: 3,
    help: 'Share of the tokens seen.',
    widthPx: 80,
  },
  {
    id: 'unique_tokens',
    label: 'Unique tokens',
    type: 'number',
    unit: 'token',
    formula: 'dataset.tokens_billion',
    min: 0,
    digits: 4,
    help: 'Tokens the data set holds.',
    widthPx: 104,
  },
  {
    id: 'epochs',
    label: 'Epochs',
    type: 'number',
    formula: 'weight * run.tokens_seen / unique_tokens',
    digits: 3,
    help: 'How often each token is seen.',
    usual: [0, 4],
    widthPx: 80,
  },
]);

export const OTHER_COLUMNS: readonly ColumnDef[] = [
  ...ASSUMPTIONS,
  ...PHASES,
  ...MIXTURE,
  ...COSTS,
  ...CAPACITY,
  ...SERVING,
  ...ACTUALS,
];

/** What people call the tables. */
export const TABLE_LABELS: Readonly<Record<TableId, string>> = {
  assumptions: 'Assumptions',
  runs: 'Runs',
  phases: 'Phases',
  mixture: 'Mixture',
  costs: 'Other costs',
  capacity: 'Capacity',
  serving: 'Serving',
  actuals: 'Actuals',
};
