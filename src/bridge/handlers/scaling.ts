/** What the scaling lab asks of the store. */
import type { HandlersOf } from '../contract.ts';
import type { scalingMethods, ScalingResults } from '../contract/scaling.ts';
import { scalingSubjects } from '../scaling-subjects.ts';
import type { HandlerContext } from './context.ts';

export function scalingHandlers(context: HandlerContext): HandlersOf<typeof scalingMethods, ScalingResults> {
  return {
    'scaling.subjects': () => scalingSubjects(context.host.catalog),
  };
}
