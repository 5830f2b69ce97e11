/**
 * Every method a client may call on a host, with the schema of what it sends; one file a subject in contract/. Results are
 * typed and trusted (they come from our own core); arguments are checked on arrival, whatever the transport. Arguments
 * travel by name.
 */
import type * as v from 'valibot';
import { calibrateMethods, type CalibrateResults } from './contract/calibrate.ts';
import { catalogMethods, type CatalogResults } from './contract/catalog.ts';
import { clusterMethods, type ClusterResults } from './contract/cluster.ts';
import { exchangeMethods, type ExchangeResults } from './contract/exchange.ts';
import { financeMethods, type FinanceResults } from './contract/finance.ts';
import { measurementMethods, type MeasurementResults } from './contract/measurements.ts';
import { planMethods, type PlanResults } from './contract/plans.ts';
import { reportMethods, type ReportResults } from './contract/report.ts';
import { scalingMethods, type ScalingResults } from './contract/scaling.ts';
import { servingMethods, type ServingResults } from './contract/serving.ts';
import { sheetMethods, type SheetResults } from './contract/sheet.ts';
import { storeMethods, type StoreResults } from './contract/store.ts';
import { teamMethods, type TeamResults } from './contract/team.ts';

export type * from './contract/calibrate.ts';
export type * from './contract/catalog.ts';
export type * from './contract/cluster.ts';
export type * from './contract/exchange.ts';
export type * from './contract/finance.ts';
export type * from './contract/plans.ts';
export type * from './contract/measurements.ts';
export type * from './contract/report.ts';
export type * from './contract/scaling.ts';
export type * from './contract/serving.ts';
export type * from './contract/sheet.ts';
export type * from './contract/store.ts';
export type * from './contract/team.ts';

/** Argument schema of every method; the keys are the method names on the wire. */
export const methodSchemas = {
  ...planMethods,
  ...sheetMethods,
  ...catalogMethods,
  ...reportMethods,
  ...exchangeMethods,
  ...financeMethods,
  ...servingMethods,
  ...clusterMethods,
  ...scalingMethods,
  ...calibrateMethods,
  ...measurementMethods,
  ...storeMethods,
  ...teamMethods,
} as const;

export type MethodName = keyof typeof methodSchemas;
export type Params<M extends MethodName> = v.InferInput<(typeof methodSchemas)[M]>;

/** Result of every method. A method without a result is a type error in client and server. */
export interface Results
  extends
    PlanResults,
    SheetResults,
    CatalogResults,
    ReportResults,
    ExchangeResults,
    FinanceResults,
    ServingResults,
    ClusterResults,
    ScalingResults,
    CalibrateResults,
    MeasurementResults,
    StoreResults,
    TeamResults {}

type AssertNever<T extends never> = T;
export type EveryMethodHasAResult = AssertNever<
  Exclude<MethodName, keyof Results> | Exclude<keyof Results, MethodName>
>;

/** What a host pushes to its clients without being asked. */
export interface Events {
  /** A plan has a newer revision, whoever changed it. */
  'plan.changed': { readonly plan: string; readonly revision: number };
  /** Values or spreads of that revision that were still being computed are there now. */
  'sheet.ready': { readonly plan: string; readonly revision: number };
  /** Long work: fraction in 0..1. */
  progress: { readonly task: string; readonly label: string; readonly fraction: number };
  'store.notice': { readonly message: string };
}
export type EventName = keyof Events;

/** Handlers of some methods: one function per method, all of them. */
export type HandlersOf<S, R extends Record<keyof S, unknown>> = {
  readonly [M in keyof S]: (params: S[M] extends v.GenericSchema ? v.InferOutput<S[M]> : never) => Promise<R[M]> | R[M];
};

/** Handlers of one host. */
export type Handlers = HandlersOf<typeof methodSchemas, Results>;

export type { CellProblem } from '../core/sheet/view.ts';
