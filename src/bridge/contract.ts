/**
 * Every method a client may call on a host, with the schema of what it sends. Results are typed here and trusted
 * (they come from our own core); arguments are checked on arrival, whatever the transport. Arguments travel by name.
 */
import * as v from 'valibot';
import type {
  CellProblem,
  ColumnView,
  Completion,
  DistributionView,
  ExplainNode,
  FormulaCheck,
  SheetView,
} from '../core/sheet/view.ts';
import { TABLE_IDS, type TableId } from '../core/document/plan.ts';

const text = (max = 10_000) => v.pipe(v.string(), v.maxLength(max));
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const tableId = v.picklist(TABLE_IDS);
const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const cellRef = v.strictObject({ table: tableId, row: id, column: id });
const cellText = v.nullable(text(100_000));
const cells = v.record(id, text(100_000));

export const commandSchema = v.union([
  v.strictObject({ set: v.tuple([tableId, id, id]), to: cellText, from: v.optional(cellText) }),
  v.strictObject({
    row: v.tuple([tableId, id]),
    to: v.nullable(v.strictObject({ at: wholeNumber, cells })),
    from: v.optional(v.nullable(v.strictObject({ at: wholeNumber, cells }))),
  }),
  v.strictObject({
    column: v.tuple([tableId, id]),
    to: v.nullable(
      v.strictObject({
        label: v.optional(text(200)),
        unit: v.optional(text(100)),
        formula: v.optional(text()),
        note: v.optional(text()),
      }),
    ),
  }),
  v.strictObject({
    settings: v.picklist(['name', 'currency', 'seed', 'samples']),
    to: v.union([text(300), v.number()]),
  }),
]);

const planRef = v.strictObject({ plan: id });
const scenarioRef = v.strictObject({ plan: id, scenario: id });

/** Argument schema of every method; the keys are the method names on the wire. */
export const methodSchemas = {
  'app.info': v.strictObject({}),
  'plans.list': v.strictObject({}),
  'plans.templates': v.strictObject({}),
  'plans.create': v.strictObject({
    name: v.optional(text(300)),
    template: v.optional(id),
    file: v.optional(text(50_000_000)),
  }),
  'plans.open': planRef,
  'plans.rename': v.strictObject({ plan: id, name: text(300) }),
  'plans.duplicate': planRef,
  'plans.remove': planRef,
  'plans.export': planRef,
  'plan.change': v.strictObject({
    plan: id,
    scenario: id,
    /** Revision the client saw; a cell changed since then by somebody else is a conflict. */
    base: wholeNumber,
    commands: v.pipe(v.array(commandSchema), v.minLength(1), v.maxLength(100_000)),
    note: v.optional(text()),
  }),
  'plan.undo': planRef,
  'plan.redo': planRef,
  'plan.history': v.strictObject({ plan: id, limit: v.optional(wholeNumber), cell: v.optional(cellRef) }),
  'scenario.add': v.strictObject({ plan: id, name: text(300), on: id }),
  'scenario.rename': v.strictObject({ plan: id, scenario: id, name: text(300) }),
  'scenario.remove': scenarioRef,
  'scenario.compare': v.strictObject({ plan: id, a: id, b: id }),
  'sheet.view': v.strictObject({
    plan: id,
    scenario: id,
    table: tableId,
    columns: v.array(id),
    from: wholeNumber,
    count: v.pipe(wholeNumber, v.maxValue(2_000)),
  }),
  'cell.explain': v.strictObject({ plan: id, scenario: id, cell: cellRef }),
  'cell.distribution': v.strictObject({
    plan: id,
    scenario: id,
    cell: v.strictObject({ table: tableId, row: v.nullable(id), column: id }),
  }),
  'formula.check': v.strictObject({ plan: id, scenario: id, cell: cellRef, text: text(100_000) }),
  'formula.complete': v.strictObject({
    plan: id,
    scenario: id,
    cell: cellRef,
    text: text(100_000),
    position: wholeNumber,
  }),
  'solve.goal': v.strictObject({ plan: id, scenario: id, target: cellRef, value: text(200), by: cellRef }),
  'solve.table': v.strictObject({
    plan: id,
    scenario: id,
    target: cellRef,
    first: v.strictObject({ cell: cellRef, texts: v.pipe(v.array(text(200)), v.minLength(1), v.maxLength(50)) }),
    second: v.optional(
      v.strictObject({ cell: cellRef, texts: v.pipe(v.array(text(200)), v.minLength(1), v.maxLength(50)) }),
    ),
  }),
  'solve.largest': v.strictObject({
    plan: id,
    scenario: id,
    by: cellRef,
    low: text(200),
    high: text(200),
    limits: v.pipe(
      v.array(v.strictObject({ cell: cellRef, atMost: v.optional(text(200)), atLeast: v.optional(text(200)) })),
      v.minLength(1),
      v.maxLength(10),
    ),
  }),
  'catalog.list': v.strictObject({ kind: id, query: v.optional(text(200)), limit: v.optional(wholeNumber) }),
  'catalog.show': v.strictObject({ kind: id, key: id }),
  'model.import': v.strictObject({ name: v.pipe(text(300), v.minLength(1)), file: text(16_000_000) }),
  'model.anatomy': v.strictObject({
    key: id,
    seq: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000_000)),
  }),
  'report.pdf': v.strictObject({ plan: id, scenario: id }),
} as const;

export type MethodName = keyof typeof methodSchemas;
export type Params<M extends MethodName> = v.InferInput<(typeof methodSchemas)[M]>;

export interface AppInfo {
  readonly version: string;
  readonly host: 'web' | 'electron' | 'memory';
  readonly readOnly: boolean;
  /** Why the store is read-only or not durable, in words; empty when all is well. */
  readonly storeNotice: string;
  readonly catalogAsOf: string;
}

export interface PlanSummary {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly updatedAt: string;
  readonly runs: number;
}

export interface TableInfo {
  readonly id: TableId;
  readonly label: string;
  readonly columns: readonly ColumnView[];
  readonly rowCount: number;
}

export interface PlanInfo {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly currency: string;
  readonly seed: number;
  readonly samples: number;
  readonly tables: readonly TableInfo[];
  /** The base plan first, with key `base`. */
  readonly scenarios: readonly {
    readonly key: string;
    readonly name: string;
    readonly on: string;
    readonly totalCost: number | null;
    readonly problems: number;
  }[];
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly notes: readonly string[];
}

export interface ChangeResult {
  readonly revision: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

export interface HistoryItem {
  readonly revision: number;
  readonly at: string;
  readonly author: string;
  readonly note: string;
  readonly kind: 'edit' | 'undo' | 'redo';
  readonly summary: string;
}

export interface CompareRow {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly a: number | null;
  readonly b: number | null;
  readonly delta: number | null;
  readonly deltaP10: number | null;
  readonly deltaP50: number | null;
  readonly deltaP90: number | null;
}

export interface Comparison {
  readonly rows: readonly CompareRow[];
  readonly bridge: readonly { readonly label: string; readonly amount: number }[];
  readonly changes: readonly { readonly cell: string; readonly a: string; readonly b: string }[];
}

export interface CatalogItem {
  readonly kind: string;
  readonly key: string;
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly asOf: string;
  readonly confidence: string;
  readonly origin: 'seed' | 'user';
}

export interface CatalogEntry extends CatalogItem {
  readonly revision: number;
  readonly licence: string;
  readonly sourceUrl: string;
  readonly fields: readonly { readonly name: string; readonly value: string | number | null; readonly unit: string }[];
}

/** A model by part, and every matrix in it: the anatomy sheet. Counts are exact integers. */
export interface ModelAnatomy {
  readonly key: string;
  readonly name: string;
  readonly approximate: boolean;
  readonly notes: readonly string[];
  readonly seq: number;
  readonly paramsTotal: number;
  readonly paramsActive: number;
  readonly kvBytesPerToken: number;
  /** Training FLOP per token under each convention. */
  readonly trainFlop: {
    readonly sixN: number;
    readonly exactCausal: number;
    readonly exactFull: number;
    readonly fullRecompute: number;
  };
  readonly parts: readonly {
    readonly part: string;
    readonly params: number;
    readonly active: number;
    readonly forwardFlop: number;
  }[];
  /** One line per kind of matrix and block: `layers` blocks hold `copies` of it, `used` of them per token. */
  readonly matrices: readonly {
    readonly part: string;
    readonly name: string;
    readonly layers: number;
    readonly inputs: number;
    readonly outputs: number;
    readonly copies: number;
    readonly used: number;
    readonly params: number;
  }[];
}

export interface FileResult {
  readonly name: string;
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

/** Result of every method. A method without an entry here is a type error in client and server. */
export interface Results {
  'app.info': AppInfo;
  'plans.list': readonly PlanSummary[];
  'plans.templates': readonly { readonly id: string; readonly name: string; readonly summary: string }[];
  'plans.create': { readonly plan: string; readonly notes: readonly string[] };
  'plans.open': PlanInfo;
  'plans.rename': ChangeResult;
  'plans.duplicate': { readonly plan: string };
  'plans.remove': { readonly removed: true };
  'plans.export': { readonly name: string; readonly text: string };
  'plan.change': ChangeResult;
  'plan.undo': ChangeResult;
  'plan.redo': ChangeResult;
  'plan.history': readonly HistoryItem[];
  'scenario.add': { readonly scenario: string; readonly revision: number };
  'scenario.rename': ChangeResult;
  'scenario.remove': ChangeResult;
  'scenario.compare': Comparison;
  'sheet.view': SheetView;
  'cell.explain': ExplainNode;
  'cell.distribution': DistributionView;
  'formula.check': FormulaCheck;
  'formula.complete': readonly Completion[];
  'solve.goal': { readonly text: string; readonly display: string; readonly iterations: number };
  /** Values of the target as displayed, one row per text of the first input. */
  'solve.table': { readonly values: readonly (readonly string[])[] };
  'solve.largest': { readonly text: string; readonly display: string; readonly stoppedBy: string };
  'catalog.list': readonly CatalogItem[];
  'catalog.show': CatalogEntry;
  'model.import': {
    readonly key: string;
    readonly paramsTotal: number;
    readonly approximate: boolean;
    readonly notes: readonly string[];
  };
  'model.anatomy': ModelAnatomy;
  'report.pdf': FileResult;
}

type AssertNever<T extends never> = T;
export type EveryMethodHasAResult = AssertNever<
  Exclude<MethodName, keyof Results> | Exclude<keyof Results, MethodName>
>;

/** What a host pushes to its clients without being asked. */
export interface Events {
  /** A plan has a newer revision, whoever changed it. */
  'plan.changed': { readonly plan: string; readonly revision: number };
  /** Long work: fraction in 0..1. */
  progress: { readonly task: string; readonly label: string; readonly fraction: number };
  'store.notice': { readonly message: string };
}
export type EventName = keyof Events;

/** Handlers of one host: one function per method, all of them. */
export type Handlers = {
  readonly [M in MethodName]: (params: v.InferOutput<(typeof methodSchemas)[M]>) => Promise<Results[M]> | Results[M];
};

export type { CellProblem };
