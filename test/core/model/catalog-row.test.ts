import { describe, expect, it } from 'vitest';
import { architectureFromCatalogRow } from '../../../src/core/model/catalog-row.ts';
import { countParameters } from '../../../src/core/model/parameters.ts';
import { csvRows } from './catalog.ts';

const rows = [...csvRows('assets/catalog/model_configs_dense.csv'), ...csvRows('assets/catalog/model_configs_moe.csv')];

describe('rows of the model catalog', () => {
  it('holds the rows the tests below speak of', () => {
    expect(rows.filter((row) => row.match === 'exact').length).toBeGreaterThan(40);
  });

  it.each(rows.filter((row) => row.match === 'exact'))(
    '$model has exactly the published number of parameters',
    (row) => {
      expect(countParameters(architectureFromCatalogRow(row)).total).toBe(Number(row.published_total_exact));
    },
  );

  it.each(rows.filter((row) => row.match !== 'exact'))('$model agrees with the reference count', (row) => {
    expect(countParameters(architectureFromCatalogRow(row)).total).toBe(Number(row.calc_total));
  });

  it.each(rows)('$model has the reference active counts under each convention', (row) => {
    const count = countParameters(architectureFromCatalogRow(row));
    expect(count.active).toBe(Number(row.calc_active_incl_embed));
    expect(count.activeWithoutInputEmbedding).toBe(Number(row.calc_active_excl_input_embed));
    expect(count.embedding).toBe(Number(row.calc_embed));
    expect(count.head).toBe(Number(row.calc_head));
    expect(count.nonEmbedding).toBe(Number(row.calc_nonembed_total));
    expect(count.activeWithoutEmbeddings).toBe(Number(row.calc_nonembed_active));
  });

  it.each(rows.filter((row) => Number(row.num_mtp) > 0))(
    '$model with its MTP modules is what the weight files hold',
    (row) => {
      const count = countParameters(architectureFromCatalogRow(row));
      expect(count.totalWithMtp).toBe(Number(row.calc_total_with_mtp));
      expect(count.totalStored).toBe(Number(row.hf_safetensors_total));
    },
  );

  it('refuses an absurd cell with its column', () => {
    expect(() => architectureFromCatalogRow({ ...rows[0], hidden_size: '-4' })).toThrow(
      expect.objectContaining({ code: 'model-field', where: 'hidden_size' }),
    );
    expect(() => architectureFromCatalogRow({ ...rows[0], vocab_size: '' })).toThrow(
      expect.objectContaining({ code: 'model-field-missing', where: 'vocab_size' }),
    );
  });
});
