import type { ServingSubjects } from '../../../src/bridge/contract.ts';
import type { Precision, StepPart, StepPrediction } from '../../../src/core/cluster/index.ts';
import { layout, profileModel, trainingSetup, validateLayout } from '../../../src/core/cluster/index.ts';
import { failureOf, type Client } from '../../lib/client.ts';
import { readPref, writePref } from '../../lib/prefs.svelte.ts';
import type { Asked, Found } from './jobs.ts';

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
  { label: 'Optimizer, software', parts: ['optimizer', 'fixed', 'host_wait', 'software'] },
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
  private asked = 0;

  constructor(client: Client) {
    void client
      .call('cluster.subjects', {})
      .then((subjects) => (this.subjects = subjects))
      .catch((error: unknown) => (this.failure = failureOf(error).message));
  }

  readonly model = $derived(this.subjects?.models.find((m) => m.key === this.form.model) ?? null);
  readonly chip = $derived(this.subjects?.chips.find((c) => c.key === this.form.chip) ?? null);
  readonly best = $derived(this.found?.search.layouts[0] ?? null);
  readonly shown = $derived(this.found?.search.layouts[this.chosen] ?? this.best);

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
    };
    writePref('layout', $state.snapshot(form));
    const id = ++this.asked;
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
