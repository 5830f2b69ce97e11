/**
 * Answers of long computations, asked of a worker: the host goes on while they are computed. A question that brings the
 * worker down is answered with the reason; the rest goes to a fresh one.
 */
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { KNOWN_OUTCOMES, type Answers, type Outcome, type Question } from '../core/formula/answers.ts';
import type { AnsweredQuestion, AskedQuestion } from '../worker/answer.ts';

/** Beside this file in the checkout and in the package, with its ending. */
const WORKER = join(import.meta.dirname, '..', 'worker', `answer${extname(import.meta.filename)}`);
/** Answers are taken in together: a plan of many runs is not recalculated for each. */
const GATHER_MS = 120;
const IDLE_MS = 30_000;

/** What the desk needs of a worker thread. */
export interface AnswerWorker {
  postMessage(question: AskedQuestion): void;
  on(event: 'message', listener: (answered: AnsweredQuestion) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  terminate(): unknown;
}

function startWorker(): AnswerWorker {
  const worker = new Worker(WORKER);
  // A question that is being computed does not keep a host alive that wants to stop.
  worker.unref();
  return worker;
}

export class AnswerDesk implements Answers {
  private readonly start: () => AnswerWorker;
  private readonly arrived: () => void;
  private readonly onFault: (error: unknown) => void;
  private readonly waiting = new Map<string, Question>();
  private asked: Question | null = null;
  private worker: AnswerWorker | null = null;
  private telling: ReturnType<typeof setTimeout> | null = null;
  private idle: ReturnType<typeof setTimeout> | undefined;

  /** `arrived` is called some time after answers came, once for many. */
  constructor(arrived: () => void, onFault: (error: unknown) => void, start: () => AnswerWorker = startWorker) {
    this.arrived = arrived;
    this.onFault = onFault;
    this.start = start;
  }

  /** Number of questions without an answer. */
  get open(): number {
    return this.waiting.size;
  }

  ask(question: Question): Outcome | null {
    const known = KNOWN_OUTCOMES.get(question);
    if (known) return known;
    if (!this.waiting.has(question.key)) this.waiting.set(question.key, question);
    this.next();
    return null;
  }

  now(question: Question): Outcome {
    return KNOWN_OUTCOMES.now(question);
  }

  close(): void {
    this.waiting.clear();
    this.asked = null;
    clearTimeout(this.idle);
    if (this.telling) clearTimeout(this.telling);
    this.telling = null;
    this.stop();
  }

  /** Sends the next question, if none is out. */
  private next(): void {
    if (this.asked) return;
    clearTimeout(this.idle);
    for (const [key, question] of this.waiting) {
      // Somebody who could not wait may have computed it meanwhile.
      if (KNOWN_OUTCOMES.get(question)) {
        this.waiting.delete(key);
        this.tell();
        continue;
      }
      this.asked = question;
      this.worker ??= this.hire();
      this.worker.postMessage({ computation: question.computation.name, key, data: question.data });
      return;
    }
    this.idle = setTimeout(() => this.stop(), IDLE_MS);
    this.idle.unref();
  }

  private hire(): AnswerWorker {
    const worker = this.start();
    worker.on('message', ({ key, outcome }) => this.worker === worker && this.take(key, outcome));
    worker.on('error', (error) => {
      if (this.worker !== worker) return;
      this.worker = null;
      this.onFault(error);
      if (this.asked) this.take(this.asked.key, { reasons: ['this could not be computed: the log file says why'] });
    });
    return worker;
  }

  private take(key: string, outcome: Outcome): void {
    KNOWN_OUTCOMES.set(key, outcome);
    this.waiting.delete(key);
    this.asked = null;
    this.tell();
    this.next();
  }

  private tell(): void {
    this.telling ??= setTimeout(() => {
      this.telling = null;
      this.arrived();
    }, GATHER_MS);
  }

  private stop(): void {
    const { worker } = this;
    this.worker = null;
    void worker?.terminate();
  }
}
