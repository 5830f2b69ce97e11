/** Every long computation a formula can ask for, by name: a worker finds here what it is asked. */
import type { Computation } from '../formula/answers.ts';
import { TRAINING } from './functions/cluster.ts';

export const COMPUTATIONS: ReadonlyMap<string, Computation> = new Map([TRAINING].map((own) => [own.name, own]));
