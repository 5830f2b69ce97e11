/** The table of deployments: what it costs to serve what was trained. */
import type { ColumnDef } from '../../sheet/column.ts';
import { LIFETIME, SERVING_COST } from './serving/cost.ts';
import { DEPLOYMENT, SPEED, TRAFFIC } from './serving/deployment.ts';

export const SERVING: readonly ColumnDef[] = [...DEPLOYMENT, ...TRAFFIC, ...SPEED, ...SERVING_COST, ...LIFETIME];
