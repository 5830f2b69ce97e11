/** Rows a user gives the catalog on the command line: single rows, prices, models from their config.json, tables. */
import { existsSync, readFileSync } from 'node:fs';
import { FlopsheetError } from '../core/errors.ts';
import { nearest } from '../core/quantity/nearest.ts';
import { parseDate } from '../core/finance/calendar.ts';
import { countParameters } from '../core/model/parameters.ts';
import { listCatalog, putUserRow, type CatalogKind, type CatalogRow, type UserRow } from '../store/catalog.ts';
import type { WritableDb } from '../store/database.ts';
import { priceRow } from '../store/prices.ts';
import { parseCsv } from '../import/model/csv.ts';
import { listFlag, textFlag, type Invocation } from './command.ts';
import { assertFile, readModelArgument } from './models.ts';

const LARGEST_TABLE = 16_000_000;
const MOST_ROWS = 20_000;

/** Columns of a table that say what a row is and where it comes from; the others are its fields. */
const ABOUT: Readonly<Record<string, keyof UserRow>> = {
  key: 'key',
  name: 'name',
  source: 'source',
  source_url: 'sourceUrl',
  as_of: 'asOf',
  confidence: 'confidence',
  licence: 'licence',
};

type Draft = Omit<UserRow, 'fields'> & { readonly fields: Readonly<Record<string, string | number>> };

/** The row of `catalog add KIND NAME …`. Throws FlopsheetError naming the flag. */
export async function rowFromFlags(
  invocation: Invocation,
  db: WritableDb,
  kind: CatalogKind,
  [subject = '', amount]: readonly string[],
): Promise<UserRow> {
  const about = {
    kind,
    source: textFlag(invocation, 'source') ?? 'added on the command line',
    sourceUrl: textFlag(invocation, 'source-url') ?? '',
    asOf: textFlag(invocation, 'date') ?? '',
    confidence: 'user',
    ...(textFlag(invocation, 'key') ? { key: textFlag(invocation, 'key') as string } : {}),
  };
  const fields = fieldsOf(db, kind, listFlag(invocation, 'field'));
  if (subject === '')
    throw new FlopsheetError('ARG', 'catalog add needs the name of the row', {
      hint: 'catalog add hardware "My chip" --field tdp_w=700 --source "data sheet"',
    });
  if (kind === 'price') {
    const provider = textFlag(invocation, 'provider') ?? '';
    const price = {
      provider,
      provider_class: textFlag(invocation, 'class') ?? 'neocloud',
      chip: subject,
      commitment: textFlag(invocation, 'commitment') ?? 'on_demand',
      usd_per_chip_hour: Number(amount),
      ...fields,
    };
    return finished(db, { ...about, name: '', fields: price }, '');
  }
  if (kind === 'model' && existsSync(subject)) {
    const model = await readModelArgument(subject, invocation);
    for (const note of model.notes) invocation.warn(note);
    if (!model.architecture) throw new FlopsheetError('FILE', `${subject} describes no model`, { where: subject });
    const count = countParameters(model.architecture);
    const architecture = JSON.stringify(model.architecture);
    const counts = { architecture, calc_total: count.total, calc_active_incl_embed: count.active };
    const name = textFlag(invocation, 'name') ?? model.name;
    return finished(db, { ...about, name, fields: { ...counts, ...fields } }, subject);
  }
  if (Object.keys(fields).length === 0)
    throw new FlopsheetError('ARG', 'a row needs at least one field', {
      where: '--field',
      hint: `as in --field name=value; "catalog show ${kind} …" prints the fields of a row`,
    });
  return finished(db, { ...about, name: subject, fields }, '');
}

/** Rows of a CSV table; every row is checked before the first is written. Throws FlopsheetError naming the line. */
export function rowsFromTable(db: WritableDb, kind: CatalogKind, file: string): UserRow[] {
  assertFile(file, LARGEST_TABLE, 'give a table as CSV');
  const { header, rows } = parseCsv(readFileSync(file, 'utf8'), MOST_ROWS);
  const known = knownFields(db, kind);
  for (const column of header)
    if (!Object.hasOwn(ABOUT, column) && !known.has(column)) throw unknownField(kind, column, known, `${file}: line 1`);
  return rows.map((cells, at) => {
    const where = `${file}: line ${at + 2}`;
    const about: Record<string, string> = { source: file.replace(/^.*[/\\]/, ''), confidence: 'user' };
    const fields: Record<string, string | number> = {};
    for (const [column, cell] of Object.entries(cells)) {
      const text = cell.trim();
      if (text === '') continue;
      const own = ABOUT[column];
      if (own) about[own] = text;
      else fields[column] = valueOf(text);
    }
    return finished(db, { name: '', ...about, kind, fields }, where);
  });
}

/** Writes the rows, all or none. */
export function putRows(db: WritableDb, rows: readonly UserRow[], now: number): CatalogRow[] {
  return db.transaction(() => rows.map((row) => putUserRow(db, row, now))).immediate();
}

/** A row ready to be stored: prices are checked and get their key and name from what they are. */
function finished(db: WritableDb, draft: Draft, where: string): UserRow {
  if (draft.asOf) parseDate(draft.asOf, where || '--date');
  if (draft.kind !== 'price') {
    if (draft.name === '')
      throw new FlopsheetError('ARG', 'a row needs a name', { where, hint: 'fill its name column' });
    return draft;
  }
  return priceRow(db, draft, (flag) => where || flag);
}

function fieldsOf(db: WritableDb, kind: CatalogKind, pairs: readonly string[]): Record<string, string | number> {
  const known = pairs.length > 0 ? knownFields(db, kind) : new Set<string>();
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      const name = pair.slice(0, at).trim();
      if (at < 1)
        throw new FlopsheetError('ARG', `"${pair}" is not a field`, { where: '--field', hint: 'as in tdp_w=700' });
      if (!known.has(name)) throw unknownField(kind, name, known, '--field');
      return [name, valueOf(pair.slice(at + 1).trim())];
    }),
  );
}

function knownFields(db: WritableDb, kind: CatalogKind): Set<string> {
  return new Set(listCatalog(db, kind).flatMap((row) => Object.keys(row.fields)));
}

function unknownField(kind: string, name: string, known: ReadonlySet<string>, where: string): FlopsheetError {
  const guess = nearest(name, known);
  return new FlopsheetError('ARG', `rows of ${kind} have no field "${name}"`, {
    where,
    hint: guess ? `did you mean "${guess}"?` : `fields: ${[...known].sort().join(', ')}`,
  });
}

function valueOf(text: string): string | number {
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
