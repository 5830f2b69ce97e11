/** Published runs and chips of the catalog as the scaling lab takes them. */
import type { ReferenceRun } from '../core/scaling/index.ts';
import type { Catalog, CatalogRow } from '../core/sheet/catalog.ts';
import type { PricingChip, PublishedRun, ScalingSubjects } from './contract/scaling.ts';
import { servingSubjects } from './serving-subjects.ts';

/** How sure the compute of a row is. Rows of papers grade themselves high to low, rows of Epoch AI confident to speculative. */
const CONFIDENCE: Readonly<Record<string, ReferenceRun['confidence']>> = {
  high: 'published',
  med: 'confident',
  low: 'likely',
  confident: 'confident',
  likely: 'likely',
  speculative: 'speculative',
};

const number = (value: number | string | null | undefined): number | null =>
  typeof value === 'number' && value > 0 ? value : null;
const text = (value: number | string | null | undefined): string => (typeof value === 'string' ? value : '');

function publishedRun(row: CatalogRow): PublishedRun | null {
  const { fields } = row;
  const flop = number(fields['flop']);
  if (flop === null) return null;
  const flag = text(fields['quality_flag']);
  return {
    key: row.key,
    name: text(fields['model']) || row.name,
    organization: text(fields['organization']),
    releaseDate: text(fields['release_date']),
    paramsTotal: number(fields['params_total']),
    paramsActive: number(fields['params_active']) ?? number(fields['params_total']),
    tokens: flag.startsWith('tokens') ? null : number(fields['tokens']),
    flop,
    confidence: CONFIDENCE[row.confidence] ?? CONFIDENCE[text(fields['confidence'])] ?? 'likely',
    flag,
    source: row.source,
  };
}

/** `Llama 3.1 405B` and `Llama 3.1-405B` are one run: what its makers published stands before an estimate. */
function once(runs: readonly { run: PublishedRun; own: boolean }[]): PublishedRun[] {
  const found = new Map<string, PublishedRun>();
  for (const { run } of [...runs].sort((a, b) => Number(b.own) - Number(a.own))) {
    const name = run.name.toLowerCase().replace(/[^a-z0-9]+/g, '');
    if (!found.has(name)) found.set(name, run);
  }
  return [...found.values()].sort((a, b) => b.flop - a.flop);
}

/** Runs whose compute is known, largest first, and chips that can price a FLOP. */
export function scalingSubjects(catalog: Catalog): ScalingSubjects {
  const rows = [...(catalog.get('published_run')?.rows.values() ?? [])];
  const chips = servingSubjects(catalog).chips.map(
    ({ key, name, hardware, usdPerChipHour, priceAsOf, wattsPerChip }): PricingChip => ({
      key,
      name,
      peakFlopPerS: hardware.bf16FlopPerS,
      memoryBytes: hardware.memoryBytes,
      usdPerChipHour,
      priceAsOf,
      wattsPerChip,
    }),
  );
  return {
    runs: once(
      rows.flatMap((row) => {
        const run = publishedRun(row);
        return run === null ? [] : [{ run, own: row.fields['row_kind'] === 'published' }];
      }),
    ),
    chips,
  };
}
