/** The catalog, and models people bring. */
import * as v from 'valibot';
import { id, text, wholeNumber } from './arguments.ts';

export const catalogMethods = {
  'catalog.list': v.strictObject({ kind: id, query: v.optional(text(200)), limit: v.optional(wholeNumber) }),
  'catalog.show': v.strictObject({ kind: id, key: id }),
  'model.import': v.strictObject({ name: v.pipe(text(300), v.minLength(1)), file: text(16_000_000) }),
  'model.anatomy': v.strictObject({
    key: id,
    seq: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000_000)),
  }),
} as const;

export interface CatalogItem {
  readonly kind: string;
  readonly key: string;
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly asOf: string;
  readonly confidence: string;
  readonly origin: 'seed' | 'user';
}

export interface CatalogEntry extends CatalogItem {
  readonly revision: number;
  readonly licence: string;
  readonly sourceUrl: string;
  readonly fields: readonly { readonly name: string; readonly value: string | number | null; readonly unit: string }[];
}

/** A model by part, and every matrix in it: the anatomy sheet. Counts are exact integers. */
export interface ModelAnatomy {
  readonly key: string;
  readonly name: string;
  readonly approximate: boolean;
  readonly notes: readonly string[];
  readonly seq: number;
  readonly paramsTotal: number;
  readonly paramsActive: number;
  readonly kvBytesPerToken: number;
  /** Training FLOP per token under each convention. */
  readonly trainFlop: {
    readonly sixN: number;
    readonly exactCausal: number;
    readonly exactFull: number;
    readonly fullRecompute: number;
  };
  readonly parts: readonly {
    readonly part: string;
    readonly params: number;
    readonly active: number;
    readonly forwardFlop: number;
  }[];
  /** One line per kind of matrix and block: `layers` blocks hold `copies` of it, `used` of them per token. */
  readonly matrices: readonly {
    readonly part: string;
    readonly name: string;
    readonly layers: number;
    readonly inputs: number;
    readonly outputs: number;
    readonly copies: number;
    readonly used: number;
    readonly params: number;
  }[];
}

export interface CatalogResults {
  'catalog.list': readonly CatalogItem[];
  'catalog.show': CatalogEntry;
  'model.import': {
    readonly key: string;
    readonly paramsTotal: number;
    readonly approximate: boolean;
    readonly notes: readonly string[];
  };
  'model.anatomy': ModelAnatomy;
}
