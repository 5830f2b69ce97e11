/**
 * What the app can do, host by host the same: the methods of the contract over the store and the engine, one file a
 * subject in handlers/. Hosts only add transports.
 */
import type { Handlers } from './contract.ts';
import { calibrateHandlers } from './handlers/calibrate.ts';
import { catalogHandlers } from './handlers/catalog.ts';
import { clusterHandlers } from './handlers/cluster.ts';
import { exchangeHandlers } from './handlers/exchange.ts';
import { financeHandlers } from './handlers/finance.ts';
import { HandlerContext, type HandlerOptions } from './handlers/context.ts';
import { measurementHandlers } from './handlers/measurements.ts';
import { planHandlers } from './handlers/plans.ts';
import { reportHandlers } from './handlers/report.ts';
import { scalingHandlers } from './handlers/scaling.ts';
import { servingHandlers } from './handlers/serving.ts';
import { sheetHandlers } from './handlers/sheet.ts';
import { storeHandlers } from './handlers/store.ts';
import { teamHandlers } from './handlers/team.ts';

export type { HandlerOptions };

/** The handlers of one host over one store. */
export function createHandlers(options: HandlerOptions): Handlers {
  const context = new HandlerContext(options);
  return {
    ...planHandlers(context),
    ...sheetHandlers(context),
    ...catalogHandlers(context),
    ...reportHandlers(context),
    ...exchangeHandlers(context),
    ...financeHandlers(context),
    ...servingHandlers(context),
    ...clusterHandlers(context),
    ...scalingHandlers(context),
    ...calibrateHandlers(context),
    ...measurementHandlers(context),
    ...storeHandlers(context),
    ...teamHandlers(context),
  };
}
