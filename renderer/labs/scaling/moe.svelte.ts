import type { ClusterResults } from '../../../src/bridge/contract.ts';
import { profileModel } from '../../../src/core/cluster/index.ts';
import {
  findLaw,
  LAWS,
  moeOptimum,
  moeTradeoff,
  optimalGranularity,
  type Law,
  type MoeTradeoff,
} from '../../../src/core/scaling/index.ts';
import { failureOf, type Client } from '../../lib/client.ts';
import type { ExpertOverhead, OverheadAsked } from './moe-jobs.ts';

export interface MoeForm {
  law: string;
  /** Total parameters in B; 0: free. */
  totalB: number;
  granularity: number;
  bytesPerParam: number;
  /** Model of the catalog whose experts are timed; empty: none. */
  like: string;
  chips: number;
}

export const SPARSITIES = [0, 0.5, 0.75, 0.875, 0.9375, 0.96875, 0.98] as const;
const SEQ_LEN = 4096;
const BATCH_SEQS = 1024;

/** What the MoE pane knows; the budget and the chip are the lab's. */
export class MoeBench {
  form = $state<MoeForm>({ law: 'abnar2025', totalB: 0, granularity: 8, bytesPerParam: 1, like: '', chips: 256 });
  models = $state.raw<ClusterResults['cluster.subjects'] | null>(null);
  overhead = $state.raw<ExpertOverhead | null>(null);
  overheadSays = $state('');
  failure = $state('');
  private worker: Worker | null = null;

  constructor(client: Client) {
    void client
      .call('cluster.subjects', {})
      .then((subjects) => (this.models = subjects))
      .catch((error: unknown) => (this.failure = failureOf(error).message));
  }

  readonly laws = LAWS.filter((law) => law.task === 'moe');
  readonly law = $derived<Law>(findLaw(this.form.law));
  readonly sparse = $derived(
    (this.models?.models ?? []).filter((model) => profileModel(model.architecture, SEQ_LEN).maxExperts > 0),
  );
  /** The law answers for its own granularity unless it has one to vary. */
  readonly hasGranularity = $derived(this.law.equation === 'efficiency_leverage' || this.law.equation === 'krajewski');
  readonly options = $derived({
    bytesPerParam: this.form.bytesPerParam > 0 ? this.form.bytesPerParam : 1,
    ...(this.form.totalB > 0 ? { paramsTotal: this.form.totalB * 1e9 } : {}),
    ...(this.hasGranularity && this.form.granularity >= 1 ? { granularity: this.form.granularity } : {}),
    ...(this.overhead === null
      ? {}
      : { overhead: ({ sparsity }: { sparsity: number }) => (sparsity > 0 ? (this.overhead?.factor ?? 1) : 1) }),
  });

  /** Rows and the best one at a budget; a text when the law cannot say. */
  tradeoff(flop: number): MoeTradeoff | string {
    try {
      return moeTradeoff(this.law, { flop, sparsities: SPARSITIES, ...this.options });
    } catch (error) {
      const { message, hint } = error as { message: string; hint?: string };
      return `${message} ${hint ?? ''}`;
    }
  }

  /** Best total size, and what a dense model of the same budget would reach. */
  dense(flop: number): { readonly params: number; readonly loss: number | null } {
    const row = moeOptimum(this.law, flop, 0);
    return { params: row.paramsTotal, loss: row.loss };
  }

  granularityOf(flop: number): { granularity: number; atBoundary: boolean } | null {
    return this.hasGranularity ? optimalGranularity(this.law, flop, 0.9375) : null;
  }

  /** Times the experts of the chosen model on the lab's chip. */
  askOverhead(chip: string): void {
    this.worker?.terminate();
    this.worker = null;
    this.overhead = null;
    this.overheadSays = '';
    const model = this.sparse.find((own) => own.key === this.form.like);
    const hardware = this.models?.chips.find((own) => own.key === chip)?.hardware;
    if (!model) return;
    if (!hardware || !(Number.isInteger(this.form.chips) && this.form.chips >= 1)) {
      this.overheadSays = 'Chips is a whole number of at least 1, of a chip the cluster model knows.';
      return;
    }
    this.overheadSays = 'Looking for a layout…';
    const worker = new Worker(new URL('./overhead-worker.ts', import.meta.url), { type: 'module' });
    this.worker = worker;
    worker.onerror = () => (this.overheadSays = 'The search stopped unexpectedly.');
    worker.onmessage = (event: MessageEvent<{ overhead?: ExpertOverhead | null; failure?: string }>) => {
      const { overhead = null, failure } = event.data;
      this.overhead = overhead;
      this.overheadSays =
        failure ?? (overhead === null ? `No layout of ${model.name} fits on ${this.form.chips} such chips.` : '');
      worker.terminate();
    };
    const asked: OverheadAsked = {
      model: model.architecture,
      hardware,
      chips: this.form.chips,
      seqLen: SEQ_LEN,
      batchSeqs: BATCH_SEQS,
    };
    worker.postMessage(asked);
  }

  stop(): void {
    this.worker?.terminate();
    this.worker = null;
  }
}
