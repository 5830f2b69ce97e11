/** The built-in columns of the smaller tables. */
import type { TableId } from '../../document/plan.ts';
import type { ColumnDef } from '../../sheet/column.ts';

const of = (table: TableId, group: string, columns: readonly Omit<ColumnDef, 'table' | 'group'>[]): ColumnDef[] =>
  columns.map((column) => ({ table, group, shown: true, ...column }));

const KEY: Omit<ColumnDef, 'table' | 'group'> = {
  id: 'key',
  label: 'Key',
  type: 'text',
  help: 'Immutable name of the row in formulas.',
  shown: false,
  widthPx: 120,
};
const RUN: Omit<ColumnDef, 'table' | 'group'> = {
  id: 'run',
  label: 'Run',
  type: 'reference',
  reference: 'runs',
  help: 'The run this row belongs to.',
  widthPx: 128,
};

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
    id: 'train_flop',
    label: 'Training FLOP',
    type: 'number',
    unit: 'FLOP',
    formula:
      'if(run.flop_convention = "6nd", 6 FLOP * run.params_active, train_flop_per_token(run.model, seq_len, run.flop_convention)) * tokens',
    digits: 4,
    help: 'Training FLOP of this phase.',
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

const COSTS = of('costs', 'Cost line', [
  KEY,
  { id: 'name', label: 'Line', type: 'text', help: 'What is paid for.', widthPx: 200 },
  {
    id: 'included',
    label: 'Included',
    type: 'boolean',
    default: 'yes',
    help: 'Excluded lines count in no total.',
    widthPx: 72,
  },
  {
    id: 'category',
    label: 'Category',
    type: 'choice',
    choices: ['compute', 'data', 'storage', 'network', 'staff', 'evaluation', 'post_training', 'contingency', 'other'],
    default: 'other',
    help: 'Where the line belongs in the budget.',
    widthPx: 112,
  },
  { id: 'cost_centre', label: 'Cost centre', type: 'text', help: 'Who pays.', widthPx: 112 },
  { id: 'quantity', label: 'Quantity', type: 'number', default: '1', digits: 6, help: 'How many.', widthPx: 88 },
  { id: 'unit_cost', label: 'Unit cost', type: 'number', unit: '¤', decimals: 2, help: 'Price of one.', widthPx: 112 },
  {
    id: 'amount',
    label: 'Cost line',
    type: 'number',
    unit: '¤',
    formula: 'quantity * unit_cost',
    money: true,
    total: true,
    help: 'Quantity times unit cost, rounded to the cent.',
    widthPx: 124,
  },
  { id: 'start_date', label: 'From', type: 'date', help: 'First day.', widthPx: 96 },
  { id: 'end_date', label: 'To', type: 'date', help: 'Last day.', widthPx: 96 },
]);

const CAPACITY = of('capacity', 'Capacity', [
  KEY,
  { id: 'name', label: 'Cluster', type: 'text', help: 'Name of the cluster, reservation or purchase.', widthPx: 160 },
  {
    id: 'hardware',
    label: 'Chip',
    type: 'reference',
    reference: 'hardware',
    help: 'A chip of the catalog.',
    widthPx: 120,
  },
  {
    id: 'chips',
    label: 'Chips',
    type: 'number',
    unit: 'chip',
    min: 0,
    digits: 7,
    help: 'Chips in this tranche.',
    widthPx: 88,
  },
  { id: 'start_date', label: 'From', type: 'date', help: 'Available from.', widthPx: 96 },
  { id: 'end_date', label: 'To', type: 'date', help: 'Available until.', widthPx: 96 },
]);

const SERVING = of('serving', 'Deployment', [
  KEY,
  { id: 'name', label: 'Deployment', type: 'text', help: 'Name of the deployment.', widthPx: 160 },
  { id: 'model', label: 'Model', type: 'reference', reference: 'model', help: 'A model of the catalog.', widthPx: 136 },
  {
    id: 'hardware',
    label: 'Chip',
    type: 'reference',
    reference: 'hardware',
    help: 'A chip of the catalog.',
    widthPx: 120,
  },
  {
    id: 'chips',
    label: 'Chips',
    type: 'number',
    unit: 'chip',
    min: 0,
    digits: 7,
    help: 'Chips of one replica.',
    widthPx: 88,
  },
]);

const ACTUALS = of('actuals', 'Actual', [
  KEY,
  RUN,
  { id: 'month', label: 'Month', type: 'date', help: 'The month, by any of its days.', widthPx: 96 },
  {
    id: 'chip_hours',
    label: 'Chip-hours',
    type: 'number',
    unit: 'chip·h',
    min: 0,
    digits: 6,
    total: true,
    help: 'Chip-hours billed.',
    widthPx: 112,
  },
  {
    id: 'tokens',
    label: 'Tokens',
    type: 'number',
    unit: 'token',
    min: 0,
    digits: 4,
    total: true,
    help: 'Tokens trained.',
    widthPx: 88,
  },
  {
    id: 'invoice',
    label: 'Invoice',
    type: 'number',
    unit: '¤',
    money: true,
    total: true,
    help: 'Amount invoiced.',
    widthPx: 124,
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
