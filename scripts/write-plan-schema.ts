/** Writes assets/plan.schema.json from the columns of the planner. */
import { writeFileSync } from 'node:fs';
import { planSchema } from '../src/core/plan/plan-schema.ts';

writeFileSync(new URL('../assets/plan.schema.json', import.meta.url), `${JSON.stringify(planSchema(), null, 2)}\n`);
