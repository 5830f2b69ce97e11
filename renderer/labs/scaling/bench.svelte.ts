import type { FitMethod, FitResult, RepetitionFit, ScalingPoints } from '../../../src/core/scaling/index.ts';
import type { Failure } from '../../lib/client.ts';
import type { FitAsked, FitTold } from './fit-jobs.ts';

export interface FitForm {
  method: FitMethod;
  /** Headings to use instead of those found; empty: as found. */
  params: string;
  tokens: string;
  flop: string;
  loss: string;
  dropHighest: number;
  dropDuplicates: boolean;
  tied: boolean;
  draws: number;
  seed: number;
}

/** Text up to this length is shown in the field; longer files are named only. */
const SHOWN = 200_000;
const LARGEST = 256_000_000;

/** Points a person brings, how they are fitted, and what came out. */
export class FitBench {
  form = $state<FitForm>({
    method: 'parametric',
    params: '',
    tokens: '',
    flop: '',
    loss: '',
    dropHighest: 0,
    dropDuplicates: false,
    tied: false,
    draws: 1000,
    seed: 1,
  });
  /** Where the points came from: a file's name, or pasted. */
  source = $state('');
  /** Indices of points switched off by hand. */
  excluded = $state.raw<ReadonlySet<number>>(new Set());
  confirmed = $state(false);
  points = $state.raw<ScalingPoints | null>(null);
  result = $state.raw<FitResult | null>(null);
  repetition = $state.raw<RepetitionFit | null>(null);
  failure = $state.raw<Failure | null>(null);
  label = $state('');
  progress = $state<number | null>(null);
  /** The user stopped the bootstrap: what stands has no intervals. */
  stopped = $state(false);
  private text = $state.raw('');
  private worker: Worker | null = null;
  private asked = 0;

  readonly shownText = $derived(this.text.length <= SHOWN ? this.text : '');
  readonly size = $derived(this.text.length);

  /** New points: choices made for the old ones are forgotten. */
  load(text: string, source: string): void {
    this.text = text;
    this.source = source;
    this.excluded = new Set();
    this.confirmed = false;
    Object.assign(this.form, { params: '', tokens: '', flop: '', loss: '', dropHighest: 0 });
    if (text.trim() === '') {
      this.stop();
      this.points = null;
      this.result = null;
      this.failure = null;
    }
  }

  async loadFile(file: File): Promise<void> {
    if (file.size > LARGEST) {
      this.failure = {
        code: 'FILE',
        message: `${file.name} has ${Math.round(file.size / 1e6)} MB; at most 256 MB are read.`,
        hint: 'Leave out columns and rows that are not needed.',
        where: file.name,
      };
      return;
    }
    this.load(await file.text(), file.name);
  }

  toggle(index: number): void {
    const next = new Set(this.excluded);
    if (!next.delete(index)) next.add(index);
    this.excluded = next;
  }

  /** Takes params for tokens and tokens for params, as the diagnosis suggests. */
  swapColumns(): void {
    const { params, tokens } = this.points?.columns ?? {};
    if (!params || !tokens) return;
    this.form.params = tokens;
    this.form.tokens = params;
  }

  /** What is asked now, as one text: a change of it asks again. */
  readonly question = $derived(
    JSON.stringify([this.form, [...this.excluded], this.confirmed, this.source, this.text.length]),
  );

  /** Fits what is set; a fit that runs is replaced. */
  run(): void {
    this.stop();
    this.stopped = false;
    if (this.text.trim() === '') return;
    const { form } = this;
    const asked: FitAsked = {
      text: this.text,
      columns: {
        ...(form.params ? { paramsColumn: form.params } : {}),
        ...(form.tokens ? { tokensColumn: form.tokens } : {}),
        ...(form.flop ? { flopColumn: form.flop } : {}),
        ...(form.loss ? { lossColumn: form.loss } : {}),
      },
      fit: {
        method: form.method,
        dropHighestLoss: Math.max(0, Math.floor(form.dropHighest || 0)),
        dropDuplicates: form.dropDuplicates,
        tied: form.tied,
        exclude: [...this.excluded],
        confirmed: this.confirmed,
        seed: Math.max(0, Math.floor(form.seed || 0)),
      },
      draws: Math.min(20_000, Math.max(0, Math.floor(form.draws || 0))),
    };
    const id = ++this.asked;
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.worker = worker;
    this.progress = 0;
    worker.onerror = () => {
      this.progress = null;
      this.failure = {
        code: 'INTERNAL',
        message: 'The fit stopped unexpectedly.',
        hint: 'Change a setting to fit again; fewer rows need less memory.',
        where: '',
      };
    };
    worker.onmessage = (event: MessageEvent<FitTold & { id: number; failure?: Failure }>) => {
      const told = event.data;
      if (told.id !== id) return;
      if (told.failure) {
        this.failure = told.failure;
        this.result = null;
        this.progress = null;
        return;
      }
      this.label = told.label;
      this.progress = told.progress;
      if (told.points) this.points = told.points;
      if (told.repetition !== undefined) this.repetition = told.repetition;
      if (told.result !== undefined) this.result = told.result;
      if (told.result) this.failure = null;
    };
    worker.postMessage({ id, asked });
  }

  /** Ends what runs; the fit that stands stays, without intervals when the bootstrap had not ended. */
  stop(): void {
    if (this.progress !== null) this.stopped = true;
    this.worker?.terminate();
    this.worker = null;
    this.progress = null;
  }
}
