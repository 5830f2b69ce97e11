/** What the serving lab asks of the store. */
import type { HandlersOf } from '../contract.ts';
import type { servingMethods, ServingResults } from '../contract/serving.ts';
import { servingSubjects } from '../serving-subjects.ts';
import type { HandlerContext } from './context.ts';

export function servingHandlers(context: HandlerContext): HandlersOf<typeof servingMethods, ServingResults> {
  return { 'serving.subjects': () => servingSubjects(context.host.catalog) };
}
