/**
 * What a function of the formula language is: signature, documentation, example and how to compute it, in one object.
 * Completion, hover, signature help and the help page read the same object the evaluator runs.
 */
import type { Law } from '../scaling/types.ts';
import type { CatalogRow } from '../sheet/catalog.ts';
import type { Outcome, Question } from './answers.ts';
import type { ValueType } from './types.ts';

/**
 * Type of a parameter or result: a unit (`FLOP`, `token`, `1` for a plain number), `number` for any dimension, `same` for
 * the dimension of the first `same` argument, or the name of another type.
 */
export type TypeSpec = string;

export interface ParameterDef {
  readonly name: string;
  readonly type: TypeSpec;
  readonly optional?: boolean;
  readonly doc?: string;
}

/** What library functions may ask of their surroundings. */
export interface LibraryContext {
  /** The text a number stands for in a vector; empty for unknown. */
  text(id: number): string;
  /** Number that stands for a text. */
  textId(text: string): number;
  /** A field of a catalog row in base units, a text field as its text; null when unknown. */
  catalog(kind: string, key: string, field: string): number | string | null;
  /** Parsed payload of a catalog row (for example a model's architecture); null when the row has none. */
  payload(kind: string, key: string): unknown;
  /** All rows of a catalog kind by key; the same object as long as the catalog stands. */
  rows(kind: string): ReadonlyMap<string, CatalogRow>;
  /** Laws that were fitted and saved with the plan. */
  laws(): readonly Law[];
  /** Currency of the plan. */
  currency(): string;
  /** The answer of a long computation; null while it is being computed: the function then gives NaN. */
  answer(question: Question): Outcome | null;
  /** Records why the result is unknown. */
  because(reason: string): void;
}

/** One step in the breakdown of a library function, for the explain tree. */
export interface BreakdownItem {
  readonly label: string;
  readonly value: number | string;
  readonly unit: string;
  readonly source?: string;
}

export interface FunctionDef {
  readonly name: string;
  readonly group:
    | 'math'
    | 'logic'
    | 'text'
    | 'date'
    | 'schedule'
    | 'model'
    | 'hardware'
    | 'price'
    | 'energy'
    | 'scaling'
    | 'cluster'
    | 'serving'
    | 'finance';
  readonly params: readonly ParameterDef[];
  /** More arguments like the last parameter are welcome. */
  readonly variadic?: boolean;
  readonly result: TypeSpec;
  /** Result type when it depends on the arguments in a way `result` cannot say. */
  readonly resultType?: (args: readonly ValueType[]) => ValueType;
  readonly doc: string;
  readonly example: string;
  /** Paper, section, equation or data file. */
  readonly source?: string;
  /**
   * The computation over base-unit numbers; texts arrive as ids. An unknown argument makes the result unknown without a
   * call, unless `acceptsUnknown`. NaN means unknown; say why with `context.because`.
   */
  readonly compute: (args: readonly number[], context: LibraryContext) => number;
  readonly acceptsUnknown?: boolean;
  /** Results are remembered by arguments: set for functions that cost more than a lookup. */
  readonly memo?: boolean;
  /**
   * Set for functions that are too slow to be computed for every sample: samples then follow from the value at the
   * centre and the elasticity to each argument that varies (`sheet/response.ts`).
   */
  readonly expensive?: boolean;
  /** Parts of the result, for the explain tree. */
  readonly breakdown?: (args: readonly number[], context: LibraryContext) => readonly BreakdownItem[];
}

export type Registry = ReadonlyMap<string, FunctionDef>;

/** Collects functions by name. A name defined twice is a bug and throws. */
export function createRegistry(...lists: readonly (readonly FunctionDef[])[]): Registry {
  const registry = new Map<string, FunctionDef>();
  for (const fn of lists.flat()) {
    if (registry.has(fn.name)) throw new Error(`function ${fn.name} is defined twice`);
    registry.set(fn.name, fn);
  }
  return registry;
}

/** `round(x, step)`: the signature people see. */
export function signature(fn: FunctionDef): string {
  const params = fn.params.map((param) => (param.optional ? `[${param.name}]` : param.name));
  return `${fn.name}(${params.join(', ')}${fn.variadic ? ', …' : ''})`;
}
