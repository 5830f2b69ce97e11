import { FlopsheetError } from '../../core/errors.ts';
import { PRICE_CLASSES } from '../../core/plan/functions/price.ts';
import { catalogEntry, catalogItem } from '../../bridge/catalog-views.ts';
import { CATALOG_KINDS, catalogKind, listCatalog, putUserRow, showCatalog } from '../../store/catalog.ts';
import { quotes } from '../../store/prices.ts';
import { resolveName } from '../../store/aliases.ts';
import { textFlag, type Command, type Invocation } from '../command.ts';
import { numberFlag } from '../numbers.ts';
import { openForWriting, withCatalog } from '../store.ts';
import { table } from '../table.ts';

const COMMITMENTS = ['on_demand', 'spot', 'reserved_1y', 'reserved_3y', 'contract', 'capacity_block'];

export const catalogCommand: Command = {
  name: 'catalog',
  usage:
    'list KIND [QUERY] | show KIND KEY | price CHIP [--class C --commitment K --date D] | add price CHIP USD --provider P --date D --source S',
  summary: 'looks up models, data sets, hardware and prices; adds prices',
  flags: {
    class: { type: 'string' },
    commitment: { type: 'string' },
    date: { type: 'string' },
    provider: { type: 'string' },
    source: { type: 'string' },
    limit: { type: 'string' },
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
      default:
        throw new FlopsheetError('ARG', `catalog has no action "${action}"`, { hint: 'list, show, price or add' });
    }
  },
};

function price(invocation: Invocation, chip: string): Promise<number> {
  return withCatalog(invocation, (_, store) => {
    const { key } = resolveName(store.db, 'hardware', chip);
    const commitment = textFlag(invocation, 'commitment');
    const on = textFlag(invocation, 'date') ?? '9999-12-31';
    const classes = textFlag(invocation, 'class') ? [textFlag(invocation, 'class') as string] : PRICE_CLASSES;
    const found = classes.flatMap((providerClass) =>
      (commitment ? [commitment] : COMMITMENTS).flatMap((one) =>
        quotes(store.db, { chip: key, providerClass, commitment: one, on }),
      ),
    );
    const prices = found.map((row) => ({
      key: row.key,
      provider: row.fields['provider'],
      class: row.fields['provider_class'],
      commitment: row.fields['commitment'],
      usd_per_chip_hour: row.fields['usd_per_chip_hour'] ?? null,
      as_of: row.asOf,
      confidence: row.confidence,
      origin: row.origin,
      source: row.source,
    }));
    if (invocation.json) invocation.print(JSON.stringify({ chip: key, prices }));
    else
      invocation.print(
        table(
          ['Provider', 'Class', 'Commitment', 'USD per chip-hour', 'As of', 'Confidence'],
          prices.map((row) => [
            String(row.provider ?? ''),
            String(row.class ?? ''),
            String(row.commitment ?? ''),
            String(row.usd_per_chip_hour ?? ''),
            row.as_of,
            row.confidence,
          ]),
        ),
      );
    return prices.length > 0 ? 0 : 1;
  });
}

async function add(invocation: Invocation, [kind, chip, amount]: readonly string[]): Promise<number> {
  const usd = Number(amount);
  const date = textFlag(invocation, 'date') ?? '';
  const provider = textFlag(invocation, 'provider');
  if (kind !== 'price' || !chip || !(usd > 0))
    throw new FlopsheetError('ARG', 'catalog add takes: price CHIP USD', {
      hint: 'catalog add price h100-sxm 2.10 --provider "Our contract" --date 2026-11-01 --source "order 17"',
    });
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date))
    throw new FlopsheetError('ARG', 'a price needs its date', { where: '--date', hint: 'as in 2026-11-01' });
  if (!provider) throw new FlopsheetError('ARG', 'a price needs its provider', { where: '--provider' });
  const store = openForWriting(invocation);
  try {
    const { key } = resolveName(store.db, 'hardware', chip);
    const commitment = textFlag(invocation, 'commitment') ?? 'on_demand';
    const row = putUserRow(
      store.db,
      {
        kind: 'price',
        key: `${provider}-${key}-${commitment}-${date}`.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
        name: `${provider} ${key} ${commitment}`,
        fields: {
          provider,
          provider_class: textFlag(invocation, 'class') ?? 'neocloud',
          chip: key,
          chip_key: key,
          commitment,
          usd_per_chip_hour: usd,
        },
        source: textFlag(invocation, 'source') ?? 'added on the command line',
        sourceUrl: '',
        asOf: date,
        confidence: 'user',
        licence: '',
      },
      Date.now(),
    );
    invocation.print(invocation.json ? JSON.stringify(row) : `added ${row.key}, revision ${row.revision}`);
    return 0;
  } finally {
    store.close();
  }
}
