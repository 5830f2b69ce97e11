import type { JobName, Jobs } from './jobs.ts';

interface Answer {
  readonly id: number;
  readonly progress?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly hint: string; readonly where: string };
}

/** One running question to the serving worker: its progress, its answer, what went wrong. A new one replaces the old. */
export class Question<J extends JobName> {
  readonly name: J;
  progress = $state<number | null>(null);
  result = $state.raw<Jobs[J]['result'] | null>(null);
  failure = $state.raw<{ readonly message: string; readonly hint: string } | null>(null);
  /** Milliseconds the last answer took. */
  took = $state<number | null>(null);
  private worker: Worker | null = null;
  private asked = 0;

  constructor(name: J) {
    this.name = name;
  }

  ask(input: Jobs[J]['input']): void {
    if (this.progress !== null) this.stop();
    this.worker ??= this.start();
    this.asked++;
    this.progress = 0;
    this.failure = null;
    const started = performance.now();
    this.worker.onmessage = (event: MessageEvent<Answer>) => {
      if (event.data.id !== this.asked) return;
      if (event.data.progress !== undefined) this.progress = event.data.progress;
      else {
        this.progress = null;
        this.took = performance.now() - started;
        this.failure = event.data.error ?? null;
        if (event.data.error === undefined) this.result = event.data.result as Jobs[J]['result'];
      }
    };
    this.worker.postMessage({ id: this.asked, name: this.name, input });
  }

  /** Ends what runs; the last answer stays. */
  stop(): void {
    this.worker?.terminate();
    this.worker = null;
    this.progress = null;
  }

  private start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onerror = () => {
      this.progress = null;
      this.failure = {
        message: 'The calculation stopped unexpectedly.',
        hint: 'Ask again; if it happens again, report the inputs.',
      };
      this.worker = null;
    };
    return worker;
  }
}
