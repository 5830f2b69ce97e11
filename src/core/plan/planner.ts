/** The built-in planner: its columns and its functions, ready for a sheet. */
import { GENERAL_FUNCTIONS } from '../formula/functions.ts';
import { createRegistry } from '../formula/function.ts';
import type { ColumnDef } from '../sheet/column.ts';
import { RUN_COLUMNS } from './columns/runs.ts';
import { OTHER_COLUMNS } from './columns/tables.ts';
import { CLUSTER_FUNCTIONS } from './functions/cluster.ts';
import { FINANCE_FUNCTIONS } from './functions/finance.ts';
import { HARDWARE_FUNCTIONS } from './functions/hardware.ts';
import { MODEL_FUNCTIONS } from './functions/model.ts';
import { TRAINING_FUNCTIONS } from './functions/training.ts';
import { PRICE_FUNCTIONS } from './functions/price.ts';
import { SCALING_FUNCTIONS } from './functions/scaling.ts';
import { SERVING_FUNCTIONS } from './functions/serving.ts';

export const BUILT_IN_COLUMNS: readonly ColumnDef[] = [...RUN_COLUMNS, ...OTHER_COLUMNS];

export const REGISTRY = createRegistry(
  GENERAL_FUNCTIONS,
  MODEL_FUNCTIONS,
  TRAINING_FUNCTIONS,
  HARDWARE_FUNCTIONS,
  PRICE_FUNCTIONS,
  FINANCE_FUNCTIONS,
  SCALING_FUNCTIONS,
  SERVING_FUNCTIONS,
  CLUSTER_FUNCTIONS,
);
