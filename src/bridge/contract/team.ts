/** Prices and plans a team shares in a folder or at an address. */
import * as v from 'valibot';
import { text } from './arguments.ts';

const place = v.pipe(v.string(), v.minLength(1), v.maxLength(2_000));

export const teamMethods = {
  'team.sources': v.strictObject({}),
  /** `mayFetch`: the user allows this address to be asked. */
  'team.add': v.strictObject({ place, mayFetch: v.boolean() }),
  'team.remove': v.strictObject({ place }),
  'team.review': v.strictObject({ place }),
  'team.take': v.strictObject({
    place,
    /** SHA-256 by file of what was reviewed: something else is not taken. */
    hashes: v.record(text(1_000), text(64)),
    /** Conflicts to be decided, by `kind/item`; the others stay as they are. */
    theirs: v.pipe(v.array(text(1_000)), v.maxLength(20_000)),
    mine: v.pipe(v.array(text(1_000)), v.maxLength(20_000)),
  }),
} as const;

export interface TeamSourceView {
  readonly place: string;
  readonly isAddress: boolean;
  readonly mayFetch: boolean;
}

/** `same`: nothing new. `new`, `update`: taken without asking. `conflict`: changed on both sides since it was taken. */
export type TeamState = 'same' | 'new' | 'update' | 'conflict';

export interface TeamItem {
  /** `price/KEY` or `plan/FILE`. */
  readonly id: string;
  readonly kind: 'price' | 'plan';
  readonly label: string;
  readonly state: TeamState;
  readonly theirs: string;
  /** Empty when it is not here. */
  readonly yours: string;
}

export interface TeamReview {
  readonly place: string;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly bytes: number }[];
  readonly items: readonly TeamItem[];
  /** What cannot be used, with its place and how to mend it. */
  readonly problems: readonly { readonly where: string; readonly message: string; readonly hint: string }[];
}

export interface TeamTaken {
  readonly taken: number;
  readonly conflicts: number;
}

export interface TeamResults {
  'team.sources': readonly TeamSourceView[];
  'team.add': { readonly added: true };
  'team.remove': { readonly removed: true };
  'team.review': TeamReview;
  'team.take': TeamTaken;
}
