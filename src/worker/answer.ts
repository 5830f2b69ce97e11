/** The worker that answers long computations: one question a message, from plain data to plain data. */
import { parentPort } from 'node:worker_threads';
import { outcomeOf, type Outcome } from '../core/formula/answers.ts';
import { COMPUTATIONS } from '../core/plan/computations.ts';

export interface AskedQuestion {
  readonly computation: string;
  readonly key: string;
  readonly data: unknown;
}

export interface AnsweredQuestion {
  readonly key: string;
  readonly outcome: Outcome;
}

parentPort?.on('message', ({ computation, key, data }: AskedQuestion) => {
  const known = COMPUTATIONS.get(computation);
  if (!known) throw new Error(`the worker does not know the computation "${computation}"`);
  const answered: AnsweredQuestion = { key, outcome: outcomeOf({ computation: known, data }) };
  parentPort?.postMessage(answered);
});
