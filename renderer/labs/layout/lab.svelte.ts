import type { ServingSubjects } from '../../../src/bridge/contract.ts';
import type {
  FoundLayout,
  Precision,
  PredictorFit,
  PredictorFitFile,
  Ranking,
  Refit,
  Roofline,
  Sensitivity,
  StepPart,
  StepPrediction,
} from '../../../src/core/cluster/index.ts';
import {
  PLANNABLE,
  RANKINGS,
  SHIPPED_PREDICTOR_FIT,
  chipsOf,
  layout,
  profileModel,
  ranked,
  readPredictorFit,
  roofline,
  sensitivities,
  slowerBecause,
  trainingSetup,
  validateLayout,
  writePredictorFit,
} from '../../../src/core/cluster/index.ts';
import { failureOf, type Client } from '../../lib/client.ts';
import { readPref, writePref } from '../../lib/prefs.svelte.ts';
import type { Asked, Found, RefitAsked } from './jobs.ts';

export interface LayoutForm {
  model: string;
  chip: string;
  chips: number;
  seqLen: number;
  /** Sequences of a step. */
  batchSeqs: number;
  precision: Precision;
  /** Tokens of the whole run, in T. */
  tokens: number;
  /** Critical batch in M tokens; 0: not known. */
  criticalBatch: number;
  /** What makes a layout the best: by cost and by chips over the chip counts of the curve. */
  by: Ranking;
}

const USUAL: LayoutForm = {
  model: 'llama-3-70b',
  chip: 'h100-sxm',
  chips: 256,
  seqLen: 8192,
  batchSeqs: 512,
  precision: 'bf16',
  tokens: 15,
  criticalBatch: 0,
  by: 'time',
};

/** Parts of a step under the names people look for. */
export const STEP_GROUPS: readonly { readonly label: string; readonly parts: readonly StepPart[] }[] = [
  { label: 'Matrix products', parts: ['gemm', 'experts', 'head'] },
  { label: 'Attention, recurrence', parts: ['attention', 'mixer'] },
  {
    label: 'Communication',
    parts: ['tensor_parallel', 'context_parallel', 'all_to_all', 'pipeline_transfer', 'data_parallel', 'shard_wait'],
  },
  { label: 'Bubble', parts: ['pipeline_bubble'] },
  { label: 'Elementwise, routing', parts: ['elementwise', 'quantisation', 'expert_overhead'] },
  { label: 'Optimizer, software', parts: ['optimizer', 'fixed', 'host_wait', 'software', 'stragglers'] },
];

export const MEMORY_GROUPS = [
  ['Weights', 'weights'],
  ['Gradients', 'gradients'],
  ['Optimizer', 'optimizer'],
  ['Activations', 'activations'],
  ['Logits, buffers', 'logits'],
  ['Framework', 'framework'],
] as const;

/** Seconds of a group of parts. */
export function groupSeconds(p: StepPrediction, parts: readonly StepPart[]): number {
  return parts.reduce((sum, part) => sum + p.parts[part], 0);
}

/** A fit on somebody's own runs, as it is kept between visits. */
interface OwnFit {
  readonly file: PredictorFitFile;
  readonly runs: number;
}

/** A fit kept by an older version of the app is of another form: the shipped one stands then. */
function keptFit(): OwnFit | null {
  const kept = readPref<OwnFit | null>('layout-fit', null);
  try {
    if (kept !== null) readPredictorFit(kept.file);
    return kept;
  } catch {
    return null;
  }
}

/** Everything the layout screen knows. */
export class LayoutLab {
  form = $state<LayoutForm>({ ...USUAL, ...readPref<Partial<LayoutForm>>('layout', {}) });
  subjects = $state.raw<ServingSubjects | null>(null);
  failure = $state('');
  progress = $state<number | null>(null);
  found = $state.raw<Found | null>(null);
  took = $state<number | null>(null);
  chosen = $state(0);
  private worker: Worker | null = null;
  private searches = 0;

  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
    void client
      .call('cluster.subjects', {})
      .then((subjects) => (this.subjects = subjects))
      .catch((error: unknown) => (this.failure = failureOf(error).message));
  }

  readonly model = $derived(this.subjects?.models.find((m) => m.key === this.form.model) ?? null);
  readonly chip = $derived(this.subjects?.chips.find((c) => c.key === this.form.chip) ?? null);
  /** Runs typed or opened, what came of them, and the fit kept from them. */
  runsText = $state('');
  refit = $state.raw<Refit | null>(null);
  refitting = $state(false);
  refitFailure = $state('');
  own = $state.raw<OwnFit | null>(keptFit());
  readonly fit: PredictorFit = $derived(this.own === null ? SHIPPED_PREDICTOR_FIT : readPredictorFit(this.own.file));

  /** Candidates, best first: layouts of the chips asked for by time, the best of each number of chips otherwise. */
  readonly rows: readonly FoundLayout[] = $derived.by(() => {
    if (this.found === null) return [];
    if (this.form.by === 'time') return this.found.search.layouts;
    return ranked(this.found.curve?.points ?? [], this.form.by).map((p) => p.best);
  });
  /** What memory rules out beside the candidates by time. */
  readonly ruledOut = $derived(this.form.by === 'time' ? (this.found?.ruledOut ?? null) : null);
  readonly usableBytes = $derived((this.chip?.hardware.memoryBytes ?? 0) * PLANNABLE);
  readonly best = $derived(this.rows[0] ?? null);
  readonly shown = $derived(this.rows[this.chosen] ?? this.best);

  /** What the shown layout was predicted for. */
  private readonly asked = $derived.by(() => {
    const { model, chip, form } = this;
    if (model === null || chip === null || this.problem !== '') return null;
    const setup = trainingSetup({ seqLen: form.seqLen, batchSeqs: form.batchSeqs, precision: form.precision });
    return { profile: profileModel(model.architecture, form.seqLen), hardware: chip.hardware, setup };
  });
  readonly sensitivities: readonly Sensitivity[] = $derived(
    this.asked === null || this.shown === null
      ? []
      : sensitivities(this.asked.profile, { ...this.asked, layout: this.shown.layout }, this.fit),
  );
  readonly roofline: Roofline | null = $derived(
    this.asked === null || this.shown === null
      ? null
      : roofline(this.asked.profile, this.asked.hardware, this.asked.setup, this.shown.layout, this.fit),
  );

  /** Why nothing can be searched; empty when something can. */
  readonly problem = $derived.by((): string => {
    if (this.failure !== '') return this.failure;
    const { model, chip, form } = this;
    if (this.subjects === null) return '';
    if (model === null || chip === null) return 'Choose a model and a chip of the catalog.';
    for (const [name, value] of [
      ['Chips', form.chips],
      ['Sequence', form.seqLen],
      ['Batch', form.batchSeqs],
    ] as const)
      if (!Number.isInteger(value) || value < 1) return `${name} is a whole number of at least 1.`;
    const setup = trainingSetup({ seqLen: form.seqLen, batchSeqs: 1, precision: form.precision });
    const wrong = validateLayout(profileModel(model.architecture, form.seqLen), chip.hardware, setup, layout())[0];
    return wrong === undefined ? '' : `${wrong.message} ${wrong.hint}`;
  });

  /** Searches with what is set; a search that runs is replaced. */
  search(): void {
    this.stop();
    const { model, chip, form } = this;
    if (this.problem !== '' || model === null || chip === null) return;
    const asked: Asked = {
      model: model.architecture,
      hardware: chip.hardware,
      chips: form.chips,
      seqLen: form.seqLen,
      batchSeqs: form.batchSeqs,
      precision: form.precision,
      criticalBatchTokens: form.criticalBatch * 1e6,
      fit: this.fit,
    };
    writePref('layout', $state.snapshot(form));
    const id = ++this.searches;
    const started = performance.now();
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.worker = worker;
    this.progress = 0;
    worker.onerror = () => {
      this.progress = null;
      this.failure = 'The search stopped unexpectedly. Change an input to search again.';
    };
    worker.onmessage = (
      event: MessageEvent<{ id: number; progress: number | null; found?: Found; failure?: string }>,
    ) => {
      if (event.data.id !== id) return;
      this.progress = event.data.progress;
      if (event.data.failure !== undefined) this.failure = event.data.failure;
      if (event.data.found === undefined) return;
      if (event.data.found.curve === null) {
        this.took = performance.now() - started;
        this.chosen = 0;
      }
      this.found = event.data.found;
    };
    worker.postMessage({ id, asked: $state.snapshot(asked) });
  }

  /** Reads the runs, refits on them, and uses the refit when it predicts runs left out better. */
  async fitOwnRuns(): Promise<void> {
    this.refitFailure = '';
    this.refit = null;
    this.refitting = true;
    try {
      const cases = await this.client.call('cluster.runs', { text: this.runsText });
      const answer = await inWorker({ fit: SHIPPED_PREDICTOR_FIT, cases });
      this.refit = answer;
      if (answer.adopted) {
        this.own = { file: writePredictorFit(answer.fit), runs: answer.rows.length };
        writePref('layout-fit', this.own);
        this.search();
      }
    } catch (error) {
      const { message, hint } = failureOf(error);
      this.refitFailure = `${message} ${hint}`;
    } finally {
      this.refitting = false;
    }
  }

  /** Ranks what was found by another measure; nothing is searched again. */
  rankBy(by: string): void {
    this.form.by = RANKINGS.find((ranking) => ranking === by) ?? 'time';
    this.chosen = 0;
    writePref('layout', $state.snapshot(this.form));
  }

  /** Back to the fit that ships with the product. */
  dropOwnRuns(): void {
    this.own = null;
    this.refit = null;
    writePref('layout-fit', null);
    this.search();
  }

  /** Why a candidate is behind the first, in words. */
  behind(row: FoundLayout): string {
    const first = this.best;
    if (first === null || row === first) return { time: 'fastest', cost: 'cheapest', chips: 'fewest' }[this.form.by];
    if (this.form.by === 'chips') return `+${chipsOf(row.layout) - chipsOf(first.layout)} chips`;
    // By cost every part counts on all chips: seconds on more chips are dearer.
    const scale = this.form.by === 'cost' ? chipsOf(row.layout) / chipsOf(first.layout) : 1;
    const parts = Object.fromEntries(
      Object.entries(row.prediction.parts).map(([part, seconds]) => [part, seconds * scale]),
    ) as StepPrediction['parts'];
    const worst = slowerBecause(first.prediction, { ...row.prediction, parts })[0];
    if (worst === undefined) return '';
    const share = (100 * worst.seconds) / first.prediction.stepSeconds;
    return `${worst.part.replaceAll('_', ' ')} +${share.toFixed(1)} %`;
  }

  /** Ends what runs; what was found stays. */
  stop(): void {
    this.worker?.terminate();
    this.worker = null;
    this.progress = null;
  }

  /** Days of the whole run at this speed. */
  days(p: StepPrediction): number {
    return (this.form.tokens * 1e12) / p.tokensPerSecond / 86_400;
  }

  /** Price of a million tokens; null without a price. */
  usdPerMillion(p: StepPrediction): number | null {
    const price = this.chip?.usdPerChipHour ?? null;
    return price === null ? null : (price / 3600 / p.tokensPerSecondPerChip) * 1e6;
  }
}

/** A refit in a worker of its own, so that typing stays smooth. */
function inWorker(asked: RefitAsked): Promise<Refit> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Refit>((resolve, reject) => {
    worker.onerror = () => reject(new Error('The refit stopped unexpectedly. Try again.'));
    worker.onmessage = (event: MessageEvent<{ refit?: Refit; failure?: string }>) =>
      event.data.refit === undefined ? reject(new Error(event.data.failure)) : resolve(event.data.refit);
    worker.postMessage({ id: 0, refit: asked });
  }).finally(() => worker.terminate());
}
