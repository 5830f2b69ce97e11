/** The catalog, and models people bring. */
import { catalogKind, listCatalog, showCatalog } from '../../store/catalog.ts';
import { catalogEntry, catalogItem } from '../catalog-views.ts';
import type { HandlersOf } from '../contract.ts';
import type { catalogMethods, CatalogResults } from '../contract/catalog.ts';
import { importModel, modelAnatomy } from '../models.ts';
import type { HandlerContext } from './context.ts';

export function catalogHandlers(context: HandlerContext): HandlersOf<typeof catalogMethods, CatalogResults> {
  return {
    'catalog.list': ({ kind, query, limit }) =>
      listCatalog(context.store.db, catalogKind(kind), {
        ...(query === undefined ? {} : { query }),
        limit: limit ?? 500,
      }).map(catalogItem),
    'catalog.show': ({ kind, key }) => catalogEntry(showCatalog(context.store.db, catalogKind(kind), key)),
    'model.import': ({ name, file }) => {
      const imported = importModel(context.writable(), name, file, context.options.now());
      context.forgetCatalog();
      return imported;
    },
    'model.anatomy': ({ key, seq }) => modelAnatomy(context.host.catalog, key, seq),
  };
}
