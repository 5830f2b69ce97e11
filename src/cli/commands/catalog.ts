import { FlopsheetError } from '../../core/errors.ts';
import { parseDate } from '../../core/finance/calendar.ts';
import { parseDate as dayOfText } from '../../core/formula/dates.ts';
import { PRICE_CLASSES } from '../../core/plan/functions/price.ts';
import { pricePoints, STALE_AFTER_DAYS } from '../../core/plan/price-view.ts';
import { catalogEntry, catalogItem } from '../../bridge/catalog-views.ts';
import { CATALOG_KINDS, catalogKind, listCatalog, showCatalog, type CatalogRow } from '../../store/catalog.ts';
import { COMMITMENTS, quotes } from '../../store/prices.ts';
import { resolveName } from '../../store/aliases.ts';
import { textFlag, type Command, type Invocation } from '../command.ts';
import { numberFlag } from '../numbers.ts';
import { openForWriting, withCatalog } from '../store.ts';
import { table } from '../table.ts';

export const catalogCommand: Command = {
  name: 'catalog',
  usage:
    'list [KIND] [QUERY] | show KIND KEY | price CHIP [--class C --commitment K --date D --history] | add price CHIP USD --provider P --date D --source S | add model config.json | add KIND NAME --field NAME=VALUE | import KIND FILE.csv',
  summary: 'looks up models, data sets, hardware and prices; adds your own',
  flags: {
    class: { type: 'string' },
    commitment: { type: 'string' },
    date: { type: 'string' },
    provider: { type: 'string' },
    source: { type: 'string' },
    'source-url': { type: 'string' },
    key: { type: 'string' },
    name: { type: 'string' },
    field: { type: 'string', multiple: true },
    limit: { type: 'string' },
    history: { type: 'boolean' },
  },
  minPositionals: 1,
  async run(invocation) {
    const [action = '', ...rest] = invocation.positionals;
    switch (action) {
      case 'list':
        return withCatalog(invocation, (_, store) => {
          if (rest[0] === undefined)
            throw new FlopsheetError('ARG', 'catalog list needs a kind', {
              hint: `kinds: ${CATALOG_KINDS.join(', ')}`,
            });
          const query = rest.slice(1).join(' ');
          const items = listCatalog(store.db, catalogKind(rest[0]), {
            ...(query ? { query } : {}),
            limit: numberFlag(invocation, 'limit') ?? -1,
          }).map(catalogItem);
          if (invocation.json) invocation.print(JSON.stringify({ items }));
          else
            invocation.print(
              table(
                ['Key', 'Name', 'As of', 'Confidence', 'Facts'],
                items.map((item) => [item.key, item.name, item.asOf, item.confidence, item.summary.slice(0, 90)]),
              ),
            );
          return 0;
        });
      case 'show':
        return withCatalog(invocation, (_, store) => {
          const entry = catalogEntry(showCatalog(store.db, catalogKind(rest[0] ?? ''), rest[1] ?? ''));
          if (invocation.json) invocation.print(JSON.stringify(entry));
          else
            invocation.print(
              [
                `${entry.name} (${entry.key}, revision ${entry.revision})`,
                ...entry.fields.map((field) => `  ${field.name}: ${field.value ?? 'unknown'} ${field.unit}`.trimEnd()),
                `source: ${entry.source}${entry.asOf ? `, ${entry.asOf}` : ''}`,
                entry.sourceUrl,
                entry.licence,
              ]
                .filter(Boolean)
                .join('\n'),
            );
          return 0;
        });
      case 'price':
        return price(invocation, rest[0] ?? '');
      case 'add':
        return add(invocation, rest);
      case 'import':
        return importTable(invocation, rest);
      default:
        throw new FlopsheetError('ARG', `catalog has no action "${action}"`, {
          hint: 'list, show, price, add or import',
        });
    }
  },
};

/** Quotes of a chip in force on a date, with their age; stale and flagged ones say so. With `--history`, every quote on file. */
function price(invocation: Invocation, chip: string): Promise<number> {
  return withCatalog(invocation, (catalog, store) => {
    const { key } = resolveName(store.db, 'hardware', chip);
    const commitment = textFlag(invocation, 'commitment');
    const date = textFlag(invocation, 'date');
    if (date !== undefined) parseDate(date, '--date');
    const today = date ?? new Date().toISOString().slice(0, 10);
    const classes = textFlag(invocation, 'class') ? [textFlag(invocation, 'class') as string] : PRICE_CLASSES;
    const commitments = commitment ? [commitment] : COMMITMENTS;
    const pairs = classes.flatMap((providerClass) => commitments.map((one) => [providerClass, one] as const));
    if (invocation.flags['history'] === true) {
      const points = pairs.flatMap(([providerClass, one]) =>
        pricePoints(catalog, key, providerClass, one).map((point) => ({
          class: providerClass,
          commitment: one,
          ...point,
        })),
      );
      if (invocation.json) invocation.print(JSON.stringify({ chip: key, history: points }));
      else
        invocation.print(
          table(
            ['Date', 'Class', 'Commitment', 'USD per chip-hour', 'Provider', 'Source'],
            points.map((point) => [
              point.date,
              point.class,
              point.commitment,
              String(point.price),
              `${point.provider}${point.origin === 'user' ? ' (yours)' : ''}`,
              point.source.slice(0, 60),
            ]),
          ),
        );
      return points.length > 0 ? 0 : 1;
    }
    const prices = pairs
      .flatMap(([providerClass, one]) =>
        quotes(store.db, { chip: key, providerClass, commitment: one, on: date ?? '9999-12-31' }),
      )
      .map((row) => {
        const age = parseDate(today) - (dayOfText(row.asOf) ?? parseDate(today));
        return {
          key: row.key,
          provider: row.fields['provider'],
          class: row.fields['provider_class'],
          commitment: row.fields['commitment'],
          usd_per_chip_hour: row.fields['usd_per_chip_hour'] ?? null,
          as_of: row.asOf,
          age_days: Math.max(0, age),
          stale: age > STALE_AFTER_DAYS,
          confidence: row.confidence,
          origin: row.origin,
          source: row.source,
        };
      });
    if (invocation.json) invocation.print(JSON.stringify({ chip: key, prices }));
    else
      invocation.print(
        table(
          ['Provider', 'Class', 'Commitment', 'USD per chip-hour', 'As of', 'Age', 'Confidence'],
          prices.map((row) => [
            `${row.provider ?? ''}${row.origin === 'user' ? ' (yours)' : ''}`,
            String(row.class ?? ''),
            String(row.commitment ?? ''),
            String(row.usd_per_chip_hour ?? ''),
            row.as_of,
            `${row.age_days} d${row.stale ? ', stale' : ''}`,
            row.confidence,
          ]),
        ),
      );
    return prices.length > 0 ? 0 : 1;
  });
}

async function add(invocation: Invocation, [kind = '', ...rest]: readonly string[]): Promise<number> {
  const { rowFromFlags, putRows } = await import('../catalog-writer.ts');
  const store = openForWriting(invocation);
  try {
    const row = await rowFromFlags(invocation, store.db, catalogKind(kind), rest);
    const [put] = putRows(store.db, [row], Date.now()) as [CatalogRow];
    invocation.print(invocation.json ? JSON.stringify(put) : `added ${put.key}, revision ${put.revision}`);
    return 0;
  } finally {
    store.close();
  }
}

async function importTable(invocation: Invocation, [kind = '', file]: readonly string[]): Promise<number> {
  if (file === undefined)
    throw new FlopsheetError('ARG', 'catalog import needs a kind and a table', { hint: 'catalog import price my.csv' });
  const { rowsFromTable, putRows } = await import('../catalog-writer.ts');
  const store = openForWriting(invocation);
  try {
    const put = putRows(store.db, rowsFromTable(store.db, catalogKind(kind), file), Date.now());
    if (invocation.json) invocation.print(JSON.stringify({ rows: put.length, keys: put.map((row) => row.key) }));
    else invocation.print(`added ${put.length} rows from ${file}`);
    return 0;
  } finally {
    store.close();
  }
}
