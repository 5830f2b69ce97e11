/** The catalog, and models people bring. */
import * as v from 'valibot';
import type { Model } from '../../core/model/architecture.ts';
import { id, text, wholeNumber } from './arguments.ts';

/** A model as read from a file; `model` is checked by the core, which knows what a model is. */
const newModel = v.strictObject({
  name: v.pipe(text(300), v.minLength(1)),
  model: v.record(v.string(), v.unknown()),
  approximate: v.boolean(),
  notes: v.pipe(v.array(text(20_000)), v.maxLength(200)),
  file: text(300),
});
export type NewModel = v.InferOutput<typeof newModel>;

export const catalogMethods = {
  'catalog.list': v.strictObject({ kind: id, query: v.optional(text(200)), limit: v.optional(wholeNumber) }),
  'catalog.show': v.strictObject({ kind: id, key: id }),
  'model.add': newModel,
  'model.subjects': v.strictObject({}),
  'model.get': v.strictObject({ key: id }),
} as const;

/** A fact people choose by, in the unit the catalog stores it in; null when the row does not state it. */
export interface CatalogFact {
  readonly label: string;
  readonly unit: string;
  readonly value: string | number | null;
}

export interface CatalogItem {
  readonly kind: string;
  readonly key: string;
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly asOf: string;
  readonly confidence: string;
  readonly origin: 'seed' | 'user';
  /** Columns of a list of its kind: the same for every row of a kind. */
  readonly facts: readonly CatalogFact[];
}

export interface CatalogEntry extends CatalogItem {
  readonly revision: number;
  readonly licence: string;
  readonly sourceUrl: string;
  readonly fields: readonly { readonly name: string; readonly value: string | number | null; readonly unit: string }[];
}

/** A model of the catalog whose architecture or layers are known. */
export interface ModelListItem {
  readonly key: string;
  readonly name: string;
  readonly kind: Model['kind'];
  /** Brought by the user. */
  readonly own: boolean;
}

/** What the models lab chooses from. Peaks are dense, per chip. */
export interface ModelSubjects {
  readonly models: readonly ModelListItem[];
  readonly chips: readonly {
    readonly key: string;
    readonly name: string;
    readonly bf16FlopPerS: number;
    readonly fp8FlopPerS: number | null;
    readonly fp4FlopPerS: number | null;
    readonly memoryBytesPerS: number;
  }[];
}

export interface CatalogModel {
  readonly key: string;
  readonly name: string;
  readonly model: Model;
  readonly approximate: boolean;
  readonly notes: readonly string[];
  readonly source: string;
}

export interface CatalogResults {
  'catalog.list': readonly CatalogItem[];
  'catalog.show': CatalogEntry;
  'model.add': { readonly key: string; readonly paramsTotal: number };
  'model.subjects': ModelSubjects;
  'model.get': CatalogModel;
}
