/** Model rows of the catalog: their parameter counts and, where the row describes it, their architecture. */
import { FlopsheetError } from '../core/errors.ts';
import type { Model } from '../core/model/architecture.ts';
import { architectureFromCatalogRow } from '../core/model/catalog-row.ts';
import { countParameters, totalParameters } from '../core/model/parameters.ts';
import type { CatalogRow } from './catalog-rows.ts';

export interface ModelRow {
  readonly fields: {
    readonly params_total: number | null;
    readonly params_active: number | null;
    /** What its FLOPs are counted per: a vision model uses its weights once a pixel, so 6 per parameter says nothing. */
    readonly counted_per: 'token' | 'sample';
  };
  readonly architecture: Model | null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The architecture or layers a row holds (imported models) or describes by its sizes; null when it does neither. */
function architectureOf(row: CatalogRow): Model | null {
  const stored = row.fields['architecture'] as unknown;
  if (typeof stored === 'string') return JSON.parse(stored) as Model;
  if (row.fields['hidden_size'] === undefined || row.fields['num_hidden_layers'] === undefined) return null;
  try {
    return architectureFromCatalogRow(
      Object.fromEntries(Object.entries(row.fields).map(([name, value]) => [name, String(value ?? '')])),
    );
  } catch (error) {
    // A row that does not describe a whole architecture still has its published counts.
    if (error instanceof FlopsheetError) return null;
    throw error;
  }
}

/** Counts from the architecture where it is known, else as published. */
export function modelArchitecture(row: CatalogRow): ModelRow {
  const architecture = architectureOf(row);
  if (architecture) {
    const active =
      architecture.kind === 'layers' ? totalParameters(architecture) : countParameters(architecture).active;
    const counted_per = architecture.kind === 'layers' ? 'sample' : 'token';
    return {
      fields: { params_total: totalParameters(architecture), params_active: active, counted_per },
      architecture,
    };
  }
  const { fields } = row;
  const total =
    numberOf(fields['published_total_exact']) ?? numberOf(fields['calc_total']) ?? numberOf(fields['published_total']);
  const active = numberOf(fields['calc_active_incl_embed']) ?? numberOf(fields['published_active']) ?? total;
  return { fields: { params_total: total, params_active: active, counted_per: 'token' }, architecture: null };
}
