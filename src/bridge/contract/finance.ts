/** What finance looks at and signs: cash, capacity, actuals, regions, prices, approvals, comments. */
import * as v from 'valibot';
import type { ActualsReview } from '../../core/plan/programme/actuals.ts';
import type { CapacityCalendar } from '../../core/plan/programme/capacity.ts';
import type { CashTable } from '../../core/plan/programme/cash.ts';
import type { SharedClusters } from '../../core/plan/programme/shared.ts';
import type { RegionComparison } from '../../core/plan/programme/regions.ts';
import type { SettingProblem } from '../../core/plan/programme/settings.ts';
import type { Budget, Spending } from '../../core/plan/programme/spending.ts';
import type { PriceConcern, PriceUse } from '../../core/plan/price-use.ts';
import type { PriceLine } from '../../core/plan/price-view.ts';
import type { ExplainNode } from '../../core/sheet/view.ts';
import type { RowProblem } from '../../core/finance/price-rows.ts';
import { cellRef, id, planRef, scenarioRef, text } from './arguments.ts';

const month = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}$/));
const name = v.pipe(text(300), v.trim(), v.minLength(1));

export const financeMethods = {
  'finance.cash': scenarioRef,
  'finance.explain': v.strictObject({
    plan: id,
    scenario: id,
    view: v.picklist(['cost', 'cash']),
    from: month,
    to: month,
    category: v.optional(id),
  }),
  'finance.capacity': scenarioRef,
  'finance.actuals': scenarioRef,
  'finance.importActuals': v.strictObject({ plan: id, scenario: id, text: text(16_000_000) }),
  'finance.regions': v.strictObject({ plan: id, scenario: id, run: v.optional(id) }),
  'prices.book': v.strictObject({ plan: v.optional(id), scenario: v.optional(id) }),
  'prices.add': v.strictObject({
    chip: id,
    usdPerChipHour: v.number(),
    provider: name,
    providerClass: id,
    commitment: id,
    asOf: text(10),
    source: v.optional(text(1000)),
    /** Left out of copies that are made without confidential prices. */
    confidential: v.optional(v.boolean()),
  }),
  'prices.import': v.strictObject({ name: text(300), text: text(16_000_000) }),
  'approval.list': planRef,
  'approval.check': scenarioRef,
  'approval.add': v.strictObject({ plan: id, scenario: id, name, note: text() }),
  'comment.list': planRef,
  'comment.add': v.strictObject({
    plan: id,
    cell: cellRef,
    body: v.pipe(text(), v.trim(), v.minLength(1)),
    assignedTo: v.optional(text(200)),
    replyTo: v.optional(id),
  }),
  'comment.assign': v.strictObject({ plan: id, comment: id, assignedTo: text(200) }),
  'comment.resolve': v.strictObject({ plan: id, comment: id, resolved: v.boolean() }),
} as const;

/** An assumption finance sets, as typed; empty when not set. */
export interface FinanceSetting {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly text: string;
  /** The assumption is a row of the plan. */
  readonly exists: boolean;
}

/** Amounts in cents of the plan's currency. */
export interface CashView {
  readonly currency: string;
  readonly table: CashTable;
  readonly spending: Spending | null;
  readonly budget: Budget | null;
  readonly undated: readonly { readonly address: string; readonly cents: number }[];
  readonly unknown: readonly string[];
  /** Settings that cannot be used. */
  readonly problems: readonly SettingProblem[];
  /** Fiscal years with their caps on cash. */
  readonly years: readonly {
    readonly label: string;
    readonly cap: number | null;
    readonly headroom: number | null;
    readonly setting: FinanceSetting;
  }[];
  readonly settings: readonly FinanceSetting[];
}

export interface CapacityView {
  readonly currency: string;
  readonly calendar: CapacityCalendar;
  /** What sharing all clusters among all runs would change; null without clusters and runs. */
  readonly shared: SharedClusters | null;
  /** One per cluster, in the order of the calendar; amounts in currency units, unknown as null. */
  readonly costs: readonly {
    readonly key: string;
    readonly paid: string;
    readonly capacityChipHours: number | null;
    readonly usedChipHours: number | null;
    readonly use: number | null;
    readonly standing: number | null;
    readonly idle: number | null;
    readonly perChipHour: number | null;
    readonly rent: number | null;
    readonly breakEvenUse: number | null;
    readonly financingMonth: number | null;
  }[];
}

export interface PriceBookView {
  readonly today: string;
  readonly lines: readonly PriceLine[];
  /** Of the open plan; empty without one. */
  readonly uses: readonly PriceUse[];
  readonly concerns: readonly PriceConcern[];
  readonly currency: string;
}

export interface ApprovalItem {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly at: string;
  readonly scenario: string;
  readonly scenarioName: string;
  readonly revision: number;
  readonly hash: string;
  /** As stored on the day; null when unknown then. */
  readonly cost: number | null;
  readonly p90: number | null;
  readonly cap: number | null;
  readonly pins: number;
}

/** What happened since an approval; costs in currency units. */
export interface ApprovalDrift {
  readonly approval: ApprovalItem;
  readonly unchanged: boolean;
  readonly currentCost: number | null;
  /** What the approved plan costs with today's catalog and app: the rest of the drift is edits. */
  readonly approvedToday: number | null;
  readonly changes: readonly { readonly cell: string; readonly a: string; readonly b: string }[];
  /** Who changed what, when and why, newest first. */
  readonly entries: readonly {
    readonly revision: number;
    readonly at: string;
    readonly author: string;
    readonly note: string;
    readonly summary: string;
  }[];
  readonly bridge: readonly { readonly label: string; readonly amount: number }[];
  readonly catalog: readonly { readonly ref: string; readonly approved: number; readonly now: number | null }[];
  readonly versions: readonly { readonly name: string; readonly approved: string; readonly now: string }[];
}

export interface ApprovalsView {
  readonly currency: string;
  readonly hash: string;
  readonly approvals: readonly ApprovalItem[];
  /** Against the newest approval; null when there is none. */
  readonly drift: ApprovalDrift | null;
}

export interface ApprovalCheck {
  readonly currency: string;
  readonly cost: number | null;
  readonly p50: number | null;
  readonly p80: number | null;
  readonly p90: number | null;
  readonly cap: number | null;
  readonly hash: string;
  /** Must be mended first. */
  readonly blocking: readonly { readonly message: string; readonly where: string }[];
  /** To be looked at: stale prices, open comments, amounts without dates. */
  readonly warnings: readonly string[];
}

export interface CommentItem {
  readonly id: string;
  readonly cell: { readonly table: string; readonly row: string; readonly column: string };
  readonly replyTo: string | null;
  readonly author: string;
  readonly body: string;
  readonly assignedTo: string;
  readonly at: string;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string;
}

export interface FinanceResults {
  'finance.cash': CashView;
  'finance.explain': ExplainNode;
  'finance.capacity': CapacityView;
  'finance.actuals': { readonly currency: string; readonly review: ActualsReview };
  'finance.importActuals': {
    readonly added: number;
    readonly problems: readonly RowProblem[];
    readonly revision: number;
  };
  'finance.regions': RegionComparison;
  'prices.book': PriceBookView;
  'prices.add': { readonly key: string };
  'prices.import': { readonly added: number; readonly problems: readonly RowProblem[] };
  'approval.list': ApprovalsView;
  'approval.check': ApprovalCheck;
  'approval.add': ApprovalItem;
  'comment.list': readonly CommentItem[];
  'comment.add': { readonly id: string };
  'comment.assign': { readonly done: true };
  'comment.resolve': { readonly done: true };
}
