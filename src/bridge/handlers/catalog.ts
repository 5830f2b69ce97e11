/** The catalog, and models people bring. */
import { catalogKind, listCatalog, showCatalog } from '../../store/catalog.ts';
import { catalogEntry, catalogItem } from '../catalog-views.ts';
import type { HandlersOf } from '../contract.ts';
import type { catalogMethods, CatalogResults } from '../contract/catalog.ts';
import { addModel, catalogModel, modelSubjects } from '../models.ts';
import type { HandlerContext } from './context.ts';

export function catalogHandlers(context: HandlerContext): HandlersOf<typeof catalogMethods, CatalogResults> {
  return {
    'catalog.list': ({ kind, query, limit }) =>
      listCatalog(context.store.db, catalogKind(kind), {
        ...(query === undefined ? {} : { query }),
        limit: limit ?? 500,
      }).map(catalogItem),
    'catalog.show': ({ kind, key }) => catalogEntry(showCatalog(context.store.db, catalogKind(kind), key)),
    'model.add': (added) => {
      const made = addModel(context.writable(), added, context.options.now());
      context.forgetCatalog();
      return made;
    },
    'model.subjects': () => modelSubjects(context.host.catalog),
    'model.get': ({ key }) => catalogModel(context.host.catalog, key),
  };
}
