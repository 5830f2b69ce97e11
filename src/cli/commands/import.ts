import { basename, extname } from 'node:path';
import { PlanSession } from '../../bridge/session.ts';
import { imported, importTargets, mappingOf, type FileRows } from '../../bridge/table-import.ts';
import { importPriceFile, PRICE_TARGETS, priceMapping, pricePreview } from '../../bridge/price-import.ts';
import { applyCommands } from '../../core/document/apply.ts';
import { writePlanFile } from '../../core/document/plan-file.ts';
import { TABLE_IDS, type TableId } from '../../core/document/plan.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { userName } from '../../host/user.ts';
import { nearest } from '../../core/quantity/nearest.ts';
import type { CellTarget } from '../../core/exchange/cell-text.ts';
import { headerWords, unitText, type TableMapping } from '../../core/exchange/mapping.ts';
import type { RawTable } from '../../core/exchange/raw-table.ts';
import { readTableFile } from '../../import/table/read-file.ts';
import { engineCatalog } from '../../store/engine-catalog.ts';
import { table } from '../table.ts';
import { textFlag, type Command, type Invocation } from '../command.ts';
import { openScenario, readPlanArgument } from '../plans.ts';
import { openForReading, openForWriting } from '../store.ts';
import { assertWritable, writeWhole } from '../write-file.ts';

const PROBLEMS_SHOWN = 20;

interface Outcome {
  readonly added: number;
  readonly changed: number;
  readonly problems: readonly {
    readonly row: number;
    readonly column?: string;
    readonly message: string;
    readonly hint: string;
  }[];
  readonly mapping: TableMapping;
  readonly file: string | null;
}

export const importCommand: Command = {
  name: 'import',
  usage:
    'FILE.csv|FILE.xlsx --into PLAN [--table runs|actuals|costs|…] [--sheet NAME] [--map "Header=column unit; …"] [--out PLAN.json] [--dry-run]   |   import FILE --table prices',
  summary: 'brings runs, measurements or prices from a CSV or XLSX file into a plan or the price book',
  flags: {
    into: { type: 'string' },
    table: { type: 'string' },
    sheet: { type: 'string' },
    map: { type: 'string' },
    out: { type: 'string' },
    'dry-run': { type: 'boolean' },
  },
  minPositionals: 1,
  async run(invocation) {
    const file = invocation.positionals[0] ?? '';
    const name = textFlag(invocation, 'table') ?? 'runs';
    const raw = pickSheet(await readTableFile(file), textFlag(invocation, 'sheet'));
    const outcome =
      name === 'prices'
        ? intoPrices(invocation, basename(file), raw)
        : intoPlan(invocation, { name: basename(file), table: tableId(name), rows: raw.rows });
    invocation.print(invocation.json ? json(outcome, raw) : readable(outcome, raw));
    return 0;
  },
};

function intoPlan(invocation: Invocation, rows: FileRows): Outcome {
  const into = textFlag(invocation, 'into');
  if (!into)
    throw new FlopsheetError('ARG', 'which plan should take the rows?', {
      where: '--into',
      hint: 'import runs.csv --into plan.json --out plan.json',
    });
  const dry = invocation.flags['dry-run'] === true;
  const store = openForReading(invocation);
  try {
    const { plan, id } = readPlanArgument(into, store);
    const catalog = engineCatalog(store.db);
    const { sheet } = openScenario(plan, 'base', catalog);
    const file = {
      ...rows,
      mapping: mapped(invocation, mappingOf(sheet, rows), rows, importTargets(sheet, rows.table)),
    };
    const found = imported(sheet, file);
    const outcome = {
      added: found.added.length,
      changed: found.changed.length,
      problems: found.problems,
      mapping: file.mapping,
      file: null,
    };
    if (dry || found.commands.length === 0) return outcome;
    const out = textFlag(invocation, 'out');
    if (out) {
      assertWritable(out);
      writeWhole(out, writePlanFile(applyCommands(plan, found.commands).plan));
      return { ...outcome, file: out };
    }
    if (id === undefined)
      throw new FlopsheetError('ARG', 'where should the plan with its new rows go?', {
        where: '--out',
        hint: `--out ${basename(into, extname(into))}.json, or --dry-run to look first`,
      });
    if (store.readOnly)
      throw new FlopsheetError('READ_ONLY', 'this store is open for reading only', { hint: store.notices[0] ?? '' });
    const now = Date.now();
    new PlanSession(id, {
      db: store.db,
      writable: store.db,
      catalog,
      author: userName(),
      now: () => now,
      clock: () => performance.now(),
    }).change('base', Number.MAX_SAFE_INTEGER, found.commands, `imported from ${rows.name}`);
    return outcome;
  } finally {
    store.close();
  }
}

function intoPrices(invocation: Invocation, name: string, raw: RawTable): Outcome {
  const dry = invocation.flags['dry-run'] === true;
  const store = dry ? openForReading(invocation) : openForWriting(invocation);
  try {
    const rows = { name, rows: raw.rows };
    const file = { ...rows, mapping: mapped(invocation, priceMapping(rows), rows, PRICE_TARGETS) };
    if (dry || store.readOnly) {
      const preview = pricePreview(store.db, file);
      return { added: preview.added, changed: 0, problems: preview.problems, mapping: file.mapping, file: null };
    }
    const { keys, problems } = importPriceFile(store.db, file, Date.now());
    return { added: keys.length, changed: 0, problems, mapping: file.mapping, file: null };
  } finally {
    store.close();
  }
}

function pickSheet(tables: readonly RawTable[], name: string | undefined): RawTable {
  const found = name === undefined ? tables[0] : tables.find((own) => own.name === name);
  if (found) return found;
  throw new FlopsheetError('ARG', `the file has no sheet "${name}"`, {
    where: '--sheet',
    hint: `sheets: ${tables.map((own) => own.name).join(', ')}`,
  });
}

function tableId(name: string): TableId {
  const found = TABLE_IDS.find((id) => id === name);
  if (found) return found;
  throw new FlopsheetError('ARG', `there is no table "${name}"`, {
    where: '--table',
    hint: `choose from ${TABLE_IDS.join(', ')}, prices`,
  });
}

/** The proposed mapping with what `--map` says: `Header=column unit`, several with semicolons; an empty column leaves it out. */
function mapped(
  invocation: Invocation,
  proposed: TableMapping,
  { rows }: { readonly rows: RawTable['rows'] },
  targets: readonly CellTarget[],
): TableMapping {
  const columns = proposed.columns.map((column) => ({ ...column }));
  const header = rows[proposed.header] ?? [];
  for (const part of (textFlag(invocation, 'map') ?? '').split(';').filter((own) => own.trim() !== '')) {
    const [wanted = '', rest = ''] = part.split('=').map((own) => own.trim());
    const [to = '', ...unit] = rest.split(/\s+/);
    const at = header.findIndex((own) => headerWords(own) === headerWords(wanted));
    const fail = (message: string, hint: string): never => {
      throw new FlopsheetError('ARG', message, { where: '--map', hint });
    };
    if (at < 0)
      fail(`the file has no column "${wanted}"`, `columns: ${header.filter(Boolean).slice(0, 20).join(', ')}`);
    if (to !== '' && !targets.some((target) => target.id === to)) {
      const guess = nearest(
        to,
        targets.map((target) => target.id),
      );
      fail(`there is no column "${to}"`, guess ? `did you mean "${guess}"?` : '');
    }
    const written = unitText(unit.join(' '));
    if (written === undefined)
      fail(`"${unit.join(' ')}" is not a unit`, 'as in "Price=chip_hour_price USD/h" or "Tokens=tokens T"');
    for (const column of columns) if (to !== '' && column.to === to) column.to = '';
    columns[at] = { to, unit: written ?? '' };
  }
  return { ...proposed, columns };
}

function json(outcome: Outcome, raw: RawTable): string {
  const header = raw.rows[outcome.mapping.header] ?? [];
  return JSON.stringify({
    added: outcome.added,
    changed: outcome.changed,
    problems: outcome.problems,
    mapping: outcome.mapping.columns.map(({ to, unit }, i) => ({ from: header[i] ?? '', to: to || null, unit })),
    file: outcome.file,
  });
}

function readable(outcome: Outcome, raw: RawTable): string {
  const header = raw.rows[outcome.mapping.header] ?? [];
  return [
    table(
      ['Column of the file', 'goes to', 'unit'],
      outcome.mapping.columns.map(({ to, unit }, i) => [header[i] || `column ${i + 1}`, to || '(left out)', unit]),
    ),
    '',
    `${outcome.added} rows added, ${outcome.changed} changed, ${outcome.problems.length} cells or rows left out${outcome.file ? `; written to ${outcome.file}` : ''}`,
    ...outcome.problems
      .slice(0, PROBLEMS_SHOWN)
      .map(
        ({ row, column, message, hint }) =>
          `  row ${row}${column ? `, ${column}` : ''}: ${message}${hint ? ` (${hint})` : ''}`,
      ),
    ...(outcome.problems.length > PROBLEMS_SHOWN ? [`  … and ${outcome.problems.length - PROBLEMS_SHOWN} more`] : []),
  ].join('\n');
}
