/**
 * Answers of computations that take long. A function asks with plain data and a key; a host may compute the answer
 * elsewhere and tell it later, a script computes it at once. Either way the same question is computed once.
 */
import { FlopsheetError } from '../errors.ts';

/** A computation by name: pure, from plain data to plain data, so that it can run in a worker. */
export interface Computation<D = never, A = unknown> {
  readonly name: string;
  /** Throws FlopsheetError with the reason when there is no answer. */
  readonly compute: (data: D) => A;
}

export interface Question {
  readonly computation: Computation;
  /** Equal for equal questions, within one process. */
  readonly key: string;
  readonly data: unknown;
}

/** The answer, or why there is none. */
export type Outcome = { readonly answer: unknown } | { readonly reasons: readonly string[] };

export interface Answers {
  /** The outcome; null while it is being computed. */
  ask(question: Question): Outcome | null;
  /** The outcome, computed now if it is not known. */
  now(question: Question): Outcome;
}

/** Computes the answer here and now. */
export function outcomeOf({ computation, data }: Pick<Question, 'computation' | 'data'>): Outcome {
  try {
    return { answer: computation.compute(data as never) };
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    return { reasons: error.hint === '' ? [error.message] : [error.message, error.hint] };
  }
}

const MOST_KNOWN = 20_000;

/** Outcomes by key; the oldest are forgotten beyond 20,000. */
export class KnownOutcomes {
  private readonly known = new Map<string, Outcome>();

  get(question: Question): Outcome | undefined {
    return this.known.get(question.key);
  }

  set(key: string, outcome: Outcome): void {
    if (this.known.size >= MOST_KNOWN) this.known.delete(this.known.keys().next().value as string);
    this.known.set(key, outcome);
  }

  now(question: Question): Outcome {
    let outcome = this.known.get(question.key);
    if (!outcome) this.set(question.key, (outcome = outcomeOf(question)));
    return outcome;
  }
}

/** What this process knows, whoever asked. */
export const KNOWN_OUTCOMES = new KnownOutcomes();

/** Answers at once: for scripts, reports and tests. */
export const AT_ONCE: Answers = {
  ask: (question) => KNOWN_OUTCOMES.now(question),
  now: (question) => KNOWN_OUTCOMES.now(question),
};

const numbers = new WeakMap<object, number>();
let next = 0;

/** A number that is this object's for as long as it lives: catalog rows are told apart by it in keys. */
export function identity(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) numbers.set(object, (number = next++));
  return number;
}
