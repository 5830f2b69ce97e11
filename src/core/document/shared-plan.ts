/**
 * A plan as one file that stands alone: beside the plan itself the catalog rows it uses, and where it comes from. Opened
 * elsewhere, rows that are missing there come with it, and a plan that is known there is recognised.
 */
import { FlopsheetError } from '../errors.ts';
import { planToJson, readPlan, type ParsedPlan } from './plan-file.ts';
import type { Plan } from './plan.ts';

/** A row of the catalog as files carry it. */
export interface SharedRow {
  readonly kind: string;
  readonly key: string;
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly source: string;
  readonly source_url: string;
  readonly as_of: string;
  readonly confidence: string;
  readonly licence: string;
}

export interface PlanOrigin {
  /** Id of the plan where it was written. */
  readonly plan: string;
  readonly revision: number;
  /** Content hash, as `flopsheet verify` compares it. */
  readonly hash: string;
}

export interface SharedPlan extends ParsedPlan {
  readonly origin: PlanOrigin | null;
  readonly catalog: readonly SharedRow[];
}

const MOST_ROWS = 5_000;
const TEXTS = ['kind', 'key', 'name', 'source', 'source_url', 'as_of', 'confidence', 'licence'] as const;

/** The text of the file, ending in a newline. */
export function writeSharedPlan(plan: Plan, origin: PlanOrigin, catalog: readonly SharedRow[]): string {
  return `${JSON.stringify({ ...planToJson(plan), origin, ...(catalog.length > 0 ? { catalog } : {}) }, null, 2)}\n`;
}

/** Reads a plan file, shared or plain. Throws FlopsheetError `PLAN_FILE` or `PLAN_VERSION` naming the place. */
export function readSharedPlan(text: string): SharedPlan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FlopsheetError('PLAN_FILE', `this is not JSON: ${(error as Error).message}`, {
      where: 'plan file',
      hint: 'a plan file is written by Flopsheet’s export',
    });
  }
  const parsed = readPlan(json);
  const { origin, catalog } = json as Record<string, unknown>;
  return { ...parsed, origin: readOrigin(origin), catalog: readRows(catalog) };
}

function readOrigin(value: unknown): PlanOrigin | null {
  if (typeof value !== 'object' || value === null) return null;
  const { plan, revision, hash } = value as Record<string, unknown>;
  return typeof plan === 'string' &&
    /^[\w-]{1,64}$/.test(plan) &&
    typeof revision === 'number' &&
    typeof hash === 'string'
    ? { plan, revision, hash }
    : null;
}

function readRows(value: unknown): SharedRow[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MOST_ROWS)
    throw new FlopsheetError('PLAN_FILE', `"catalog" must be a list of at most ${MOST_ROWS} rows`, {
      where: 'catalog',
    });
  return value.map((item: unknown, at): SharedRow => {
    const row = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
    const wrong = TEXTS.find((key) => typeof row[key] !== 'string');
    const { fields } = row;
    if (wrong || typeof fields !== 'object' || fields === null || Array.isArray(fields))
      throw new FlopsheetError('PLAN_FILE', `a catalog row lacks "${wrong ?? 'fields'}"`, { where: `catalog[${at}]` });
    return { ...(row as unknown as SharedRow), fields: { ...fields } };
  });
}
