/** A team's prices and plans beside one's own: what is new, what changed, what changed on both sides, and taking it. */
import { planDifference } from '../core/document/difference.ts';
import type { Command, Plan } from '../core/document/plan.ts';
import { parsePlanFile } from '../core/document/plan-file.ts';
import { FlopsheetError } from '../core/errors.ts';
import { changedCells } from '../core/sheet/compare.ts';
import { fetchTeamFile, isAddress, readTeamFolder, type TeamFile } from '../import/team/read-team.ts';
import { canonicalJson, sha256 } from '../store/canonical.ts';
import { listCatalog, putUserRow, type CatalogRow, type UserRow } from '../store/catalog.ts';
import type { ReadableDb, WritableDb } from '../store/database.ts';
import { planHash } from '../store/plan-hash.ts';
import { listPlans, loadPlan } from '../store/plans.ts';
import { putTaken, takenItems, type TakenItem, type TeamSource } from '../store/team.ts';
import type { TeamItem, TeamReview, TeamState, TeamTaken } from './contract/team.ts';
import { readPrices } from './prices.ts';

/** One thing a team shares, with what is here of it. */
interface Shared {
  readonly item: TeamItem;
  readonly name: string;
  readonly hash: string;
  /** Key and revision of what is here; empty and 0 when nothing is. */
  readonly localKey: string;
  readonly localRevision: number;
  /** What is here says the same as the team's. */
  readonly equal: boolean;
  readonly content: { readonly row: UserRow } | { readonly plan: Plan };
}

interface Compared extends TeamReview {
  readonly shared: readonly Shared[];
}

/** No revision: what is here was kept against the team, so that whatever they change next is a conflict again. */
const KEPT = -1;

/** How plans come into the store: the app does it through its open sessions, the command line directly. */
export interface PlanDoor {
  create(plan: Plan): string;
  /** Returns the revision after the change. */
  change(id: string, commands: readonly Command[], note: string): number;
}

/** The files of a place. Throws `TEAM`, also for an address the user has not allowed. */
export async function readTeam({ place, mayFetch }: TeamSource, get: typeof fetch): Promise<TeamFile[]> {
  if (!isAddress(place)) return readTeamFolder(place);
  if (!mayFetch)
    throw new FlopsheetError('TEAM', `${place} is not fetched: you have not allowed it`, {
      where: place,
      hint: 'allow this address first; nothing else is ever fetched',
    });
  return [await fetchTeamFile(place, get)];
}

function priceContent({ fields, asOf, source }: { fields: object; asOf?: string; source?: string }): string {
  return sha256(canonicalJson({ ...fields, asOf: asOf ?? '', source: source ?? '' }));
}

function priceText({ fields, asOf }: { fields: CatalogRow['fields'] | UserRow['fields']; asOf?: string }): string {
  return `${String(fields['usd_per_chip_hour'])} USD per chip-hour, ${asOf ?? ''}`;
}

/** State of an item: what the team has now against what was taken, and what is here against what it became then. */
function stateOf(theirs: string, mine: string | null, localRevision: number, taken: TakenItem | undefined): TeamState {
  if (mine === null) return taken?.hash === theirs ? 'same' : 'new';
  if (mine === theirs || taken?.hash === theirs) return 'same';
  return taken && taken.localRevision === localRevision ? 'update' : 'conflict';
}

function sharedPrice(row: UserRow, here: CatalogRow | undefined, taken: TakenItem | undefined): Shared {
  const key = row.key as string;
  const hash = priceContent(row);
  const state = stateOf(hash, here ? priceContent(here) : null, here?.revision ?? 0, taken);
  return {
    item: {
      id: `price/${key}`,
      kind: 'price',
      label: row.name,
      state,
      theirs: priceText(row),
      yours: here ? priceText(here) : '',
    },
    name: key,
    hash,
    localKey: here ? key : '',
    localRevision: here?.revision ?? 0,
    equal: here !== undefined && priceContent(here) === hash,
    content: { row },
  };
}

function sharedPlan(db: ReadableDb, file: TeamFile, known: ReadonlySet<string>, taken: TakenItem | undefined): Shared {
  const { plan } = parsePlanFile(file.text);
  const here = taken && known.has(taken.localKey) ? loadPlan(db, taken.localKey) : null;
  const hash = planHash(plan);
  const state = stateOf(hash, here ? planHash(here.plan) : null, here?.revision ?? 0, taken);
  const changes = here && state !== 'same' ? changedCells(here.plan, plan) : [];
  const told = (side: 'a' | 'b'): string =>
    changes
      .slice(0, 8)
      .map((change) => `${change.cell}: ${change[side] || 'empty'}`)
      .concat(changes.length > 8 ? [`and ${changes.length - 8} more`] : [])
      .join('; ');
  return {
    item: {
      id: `plan/${file.name}`,
      kind: 'plan',
      label: plan.settings.name,
      state,
      theirs: here && state !== 'same' ? told('b') : `${plan.tables.runs.length} runs`,
      yours: here && state !== 'same' ? told('a') : '',
    },
    name: file.name,
    hash,
    localKey: here && taken ? taken.localKey : '',
    localRevision: here?.revision ?? 0,
    equal: here !== null && planHash(here.plan) === hash,
    content: { plan },
  };
}

/** What the files hold beside what is here. A file that cannot be used is a problem; the others stand. */
export function compareTeam(db: ReadableDb, place: string, files: readonly TeamFile[]): Compared {
  const taken = new Map(takenItems(db, place).map((item) => [`${item.kind}/${item.item}`, item]));
  const prices = new Map(listCatalog(db, 'price').map((row) => [row.key, row]));
  const plans = new Set(listPlans(db).map((plan) => plan.id));
  const shared: Shared[] = [];
  const problems: { where: string; message: string; hint: string }[] = [];
  for (const file of files)
    try {
      if (/\.json$/i.test(file.name)) {
        shared.push(sharedPlan(db, file, plans, taken.get(`plan/${file.name}`)));
        continue;
      }
      const read = readPrices(db, file.name, file.text);
      for (const { row, message, hint } of read.problems)
        problems.push({ where: `${file.name}, row ${row}`, message, hint });
      for (const row of read.ready)
        shared.push(sharedPrice(row, prices.get(row.key ?? ''), taken.get(`price/${row.key}`)));
    } catch (error) {
      if (!(error instanceof FlopsheetError)) throw error;
      problems.push({ where: `${file.name} ${error.where}`.trim(), message: error.message, hint: error.hint });
    }
  return {
    place,
    files: files.map(({ name, sha256: hash, bytes }) => ({ name, sha256: hash, bytes })),
    items: shared.map(({ item }) => item),
    problems,
    shared,
  };
}

/** The choice between two sides of what conflicts, by id of the item. */
export interface Decisions {
  readonly theirs: readonly string[];
  readonly mine: readonly string[];
}

/** Takes what is new or newer, and what was decided; conflicts nobody decided stay as they are. */
export function takeTeam(
  db: WritableDb,
  { place, shared }: Compared,
  { theirs, mine }: Decisions,
  door: PlanDoor,
  now: number,
): TeamTaken {
  let count = 0;
  let conflicts = 0;
  for (const one of shared) {
    const { id, state, kind } = one.item;
    const remember = (localKey: string, localRevision: number): void =>
      putTaken(db, place, { kind, item: one.name, hash: one.hash, localKey, localRevision }, now);
    if (state === 'same') {
      if (one.equal) remember(one.localKey, one.localRevision);
    } else if (state === 'conflict' && mine.includes(id)) remember(one.localKey, KEPT);
    else if (state === 'conflict' && !theirs.includes(id)) conflicts++;
    else {
      const [localKey, localRevision] = take(db, place, one, door, now);
      remember(localKey, localRevision);
      count++;
    }
  }
  return { taken: count, conflicts };
}

function take(db: WritableDb, place: string, one: Shared, door: PlanDoor, now: number): [string, number] {
  const { content } = one;
  if ('row' in content) {
    const put = putUserRow(db, content.row, now);
    return [put.key, put.revision];
  }
  if (one.localKey === '') return [door.create(content.plan), 0];
  const commands = planDifference(loadPlan(db, one.localKey).plan, content.plan);
  return [one.localKey, door.change(one.localKey, commands, `taken from ${place}`)];
}
