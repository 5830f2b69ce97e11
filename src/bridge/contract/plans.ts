/** Plans as documents: list, open, change, undo, scenarios. */
import * as v from 'valibot';
import type { ScenarioConflict } from '../../core/document/scenario-conflicts.ts';
import type { TableId } from '../../core/document/plan.ts';
import type { ColumnView } from '../../core/sheet/view.ts';
import { cellRef, commandSchema, id, planRef, scenarioRef, text, wholeNumber } from './arguments.ts';

export const planMethods = {
  'app.info': v.strictObject({}),
  'plans.list': v.strictObject({}),
  'plans.templates': v.strictObject({}),
  'plans.create': v.strictObject({
    name: v.optional(text(300)),
    template: v.optional(id),
    file: v.optional(text(50_000_000)),
  }),
  /** What a plan file holds, before it is opened. */
  'plans.inspect': v.strictObject({ file: text(50_000_000) }),
  /** Makes a plan say what a file says, in one step. */
  'plans.replace': v.strictObject({ plan: id, file: text(50_000_000) }),
  'plans.open': planRef,
  'plans.rename': v.strictObject({ plan: id, name: text(300) }),
  'plans.duplicate': planRef,
  'plans.remove': planRef,
  'plans.export': v.strictObject({ plan: id, redact: v.optional(v.boolean()) }),
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
} as const;

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
    /** Where the plan below has changed under the scenario; the first hundred. */
    readonly conflicts: readonly ScenarioConflict[];
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
  /** The first cell it set, as `runs.r1.mfu`; empty when it set none. */
  readonly cell: string;
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

export interface PlanFileView {
  readonly name: string;
  /** Catalog rows of the file that are not here. */
  readonly newRows: number;
  readonly notes: readonly string[];
  /** The plan the file was written from, when it is here. */
  readonly known: {
    readonly plan: string;
    readonly name: string;
    readonly revision: number;
    /** Revision at which the file was written. */
    readonly writtenAt: number;
    readonly same: boolean;
    readonly currency: string;
    readonly costHere: number | null;
    readonly costFile: number | null;
    readonly changes: readonly { readonly cell: string; readonly a: string; readonly b: string }[];
    readonly changeCount: number;
  } | null;
}

export interface PlanResults {
  'app.info': AppInfo;
  'plans.list': readonly PlanSummary[];
  'plans.templates': readonly { readonly id: string; readonly name: string; readonly summary: string }[];
  'plans.create': { readonly plan: string; readonly notes: readonly string[] };
  'plans.inspect': PlanFileView;
  'plans.replace': ChangeResult;
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
}
