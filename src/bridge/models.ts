/** Models people bring, and the models of the catalog as labs take them. */
import { FlopsheetError } from '../core/errors.ts';
import type { Model } from '../core/model/architecture.ts';
import { checkModel } from '../core/model/check-model.ts';
import { totalParameters } from '../core/model/parameters.ts';
import { catalogRow, type Catalog, type CatalogRow } from '../core/sheet/catalog.ts';
import { putUserRow } from '../store/catalog.ts';
import type { WritableDb } from '../store/database.ts';
import type { CatalogModel, ModelSubjects, Results } from './contract.ts';
import type { NewModel } from './contract/catalog.ts';
import { servingSubjects } from './serving-subjects.ts';

/** Adds a model that was read from a file to the catalog as the user's own. Throws FlopsheetError when it is none. */
export function addModel(db: WritableDb, added: NewModel, now: number): Results['model.add'] {
  const model = { ...checkModel(added.model), name: added.name };
  const row = putUserRow(
    db,
    {
      kind: 'model',
      name: added.name,
      fields: {
        architecture: JSON.stringify(model),
        approximate: added.approximate,
        import_notes: added.notes.join(' '),
      },
      source: `${added.file}, imported`,
      asOf: new Date(now).toISOString().slice(0, 10),
      confidence: added.approximate ? 'approximate' : 'counted',
    },
    now,
  );
  return { key: row.key, paramsTotal: totalParameters(model) };
}

const modelOf = (row: CatalogRow): Model | null => (row.payload as Model | undefined) ?? null;

/** Every model whose architecture or layers are known, and every chip whose speed is, by name. */
export function modelSubjects(catalog: Catalog): ModelSubjects {
  const models = [...(catalog.get('model')?.rows.values() ?? [])].flatMap((row) => {
    const model = modelOf(row);
    return model === null
      ? []
      : [{ key: row.key, name: row.name, kind: model.kind, own: row.fields['origin'] === 'user' }];
  });
  const chips = servingSubjects(catalog).chips.map(({ key, name, hardware }) => ({
    key,
    name,
    bf16FlopPerS: hardware.bf16FlopPerS,
    fp8FlopPerS: hardware.fp8FlopPerS,
    fp4FlopPerS: hardware.fp4FlopPerS,
    memoryBytesPerS: hardware.memoryBandwidth,
  }));
  return { models: models.sort((a, b) => a.name.localeCompare(b.name, 'en')), chips };
}

/** A model of the catalog with what is known about its count. Throws `NOT_FOUND` when its architecture is not known. */
export function catalogModel(catalog: Catalog, key: string): CatalogModel {
  const row = catalogRow(catalog, 'model', key);
  const model = row ? modelOf(row) : null;
  if (!row || model === null)
    throw new FlopsheetError('NOT_FOUND', `the architecture of "${key}" is not known`, {
      where: key,
      hint: 'drop its config.json or weight file on the app',
    });
  const note = row.fields['import_notes'];
  return {
    key: row.key,
    name: row.name,
    model,
    approximate: row.fields['approximate'] === 1,
    notes: typeof note === 'string' && note !== '' ? [note] : [],
    source: row.source,
  };
}
