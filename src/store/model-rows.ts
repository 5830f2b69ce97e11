/** Model rows of the catalog: their parameter counts and, where the row describes it, their architecture. */
import type { Architecture } from '../core/model/architecture.ts';
import { countParameters } from '../core/model/parameters.ts';
import type { CatalogRow } from './catalog-rows.ts';

export interface ModelRow {
  readonly fields: { readonly params_total: number | null; readonly params_active: number | null };
  readonly architecture: Architecture | null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Counts from the architecture where it is known, else as published. */
export function modelArchitecture(row: CatalogRow): ModelRow {
  const architecture = (row.fields['architecture'] ?? null) as unknown as Architecture | null;
  if (architecture && typeof architecture === 'object') {
    const count = countParameters(architecture);
    return { fields: { params_total: count.total, params_active: count.active }, architecture };
  }
  const { fields } = row;
  const total =
    numberOf(fields['published_total_exact']) ?? numberOf(fields['calc_total']) ?? numberOf(fields['published_total']);
  const active = numberOf(fields['calc_active_incl_embed']) ?? numberOf(fields['published_active']) ?? total;
  return { fields: { params_total: total, params_active: active }, architecture: null };
}
