/** The store itself: what it holds, whether it is sound, its backups, and facts for whoever mends a fault. */
import * as v from 'valibot';
import { id, text } from './arguments.ts';

/** A backup is called by the name of its file: a client never names a path. */
const backupName = v.pipe(text(300), v.minLength(1));

export const storeMethods = {
  'store.info': v.strictObject({}),
  'store.check': v.strictObject({}),
  'store.backup': v.strictObject({}),
  'store.backupPreview': v.strictObject({ backup: backupName }),
  'store.bringBack': v.strictObject({ backup: backupName, plan: id }),
  'store.diagnostics': v.strictObject({}),
} as const;

export interface BackupItem {
  readonly name: string;
  /** ISO time, UTC. */
  readonly madeAt: string;
  readonly bytes: number;
}

export interface StoreInfo {
  /** Where the store is; `:memory:` for one that is gone when the host stops. */
  readonly path: string;
  readonly bytes: number;
  readonly plans: number;
  /** Newest first. */
  readonly backups: readonly BackupItem[];
}

/** What the full check looked at and found. */
export interface StoreCheck {
  readonly ok: boolean;
  readonly findings: readonly { readonly part: string; readonly where: string; readonly message: string }[];
  readonly plans: number;
  readonly journalEntries: number;
  readonly catalogRows: number;
}

/** A plan as a backup holds it. */
export interface BackedUpPlan {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  /** ISO time, UTC. */
  readonly updatedAt: string;
  /** How the plan stands in the store now. */
  readonly now: 'same' | 'changed since' | 'gone';
}

export interface BackupView {
  readonly name: string;
  readonly madeBy: string;
  readonly sound: boolean;
  /** Why it is not sound, in words; empty when it is. */
  readonly problem: string;
  readonly plans: readonly BackedUpPlan[];
}

export interface StoreResults {
  'store.info': StoreInfo;
  'store.check': StoreCheck;
  'store.backup': BackupItem;
  'store.backupPreview': BackupView;
  /** The plan as the backup has it, as a new plan beside what is there. */
  'store.bringBack': { readonly plan: string };
  /** A text to look at and to send; the page saves it as a file. */
  'store.diagnostics': { readonly name: string; readonly text: string };
}
