/** On which chips. */
import { PRECISIONS } from '../../functions/hardware.ts';
import { runColumns } from './run-columns.ts';

export const HARDWARE = runColumns('Hardware', [
  {
    id: 'hardware',
    label: 'Chip',
    type: 'reference',
    reference: 'hardware',
    help: 'A chip of the catalog.',
    shown: true,
    widthPx: 112,
  },
  {
    id: 'precision',
    label: 'Precision',
    type: 'choice',
    choices: PRECISIONS,
    default: 'bf16',
    help: 'Number format of the matrix products; decides which dense peak counts.',
    widthPx: 80,
  },
  {
    id: 'chips',
    label: 'Chips',
    type: 'number',
    unit: 'chip',
    min: 1,
    digits: 7,
    help: 'Chips that work on one run at the same time.',
    shown: true,
    widthPx: 72,
  },
  {
    id: 'peak_flop_per_s',
    label: 'Peak',
    type: 'number',
    unit: 'FLOP/s/chip',
    formula: 'dense_peak(hardware, precision)',
    min: 1,
    digits: 4,
    help: 'Dense peak of one chip at this precision, without structured sparsity.',
    source: 'vendor data sheet',
    usual: [1e12, 2e16],
    widthPx: 84,
  },
  {
    id: 'recompute',
    label: 'Recompute',
    type: 'choice',
    choices: ['none', 'selective', 'full'],
    default: 'none',
    help: 'Activations computed again in the backward pass to save memory.',
    widthPx: 92,
  },
]);
