/**
 * The built-in columns of `runs`: the planner itself. One object a column, one file a group; the sheet, the command line,
 * the explain tree, the PDF and the workbook read these and nothing else. Ids are a contract.
 */
import type { ColumnDef } from '../../sheet/column.ts';
import { COMPUTE } from './runs/compute.ts';
import { COST } from './runs/cost.ts';
import { DATA } from './runs/data.ts';
import { ENERGY } from './runs/energy.ts';
import { HARDWARE } from './runs/hardware.ts';
import { MODEL } from './runs/model.ts';
import { ROW } from './runs/row.ts';
import { TIME } from './runs/time.ts';

/** Every built-in column of `runs`, in order. */
export const RUN_COLUMNS: readonly ColumnDef[] = [
  ...ROW,
  ...MODEL,
  ...DATA,
  ...COMPUTE,
  ...HARDWARE,
  ...TIME,
  ...ENERGY,
  ...COST,
];
