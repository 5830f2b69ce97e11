import type { ServingSubjects } from '../../../src/bridge/contract.ts';
import type { Client } from '../../lib/client.ts';
import { failureOf } from '../../lib/client.ts';
import { readPref, writePref } from '../../lib/prefs.svelte.ts';
import type { Deployment } from '../../../src/core/serving/deployment.ts';
import { resolveDeployment } from '../../../src/core/serving/deployment.ts';
import type { Efficiency } from '../../../src/core/serving/efficiency.ts';
import type { ServingPrecision } from '../../../src/core/serving/format.ts';
import { servingLevers } from '../../../src/core/serving/levers.ts';
import type { Engine } from '../../../src/core/serving/parameters.ts';
import { SHIPPED_SERVING_FIT as FIT } from '../../../src/core/serving/shipped-fit.ts';
import { cacheLimits, studyChips } from '../../../src/core/serving/study.ts';
import type { StudiedChip } from '../../../src/core/serving/study.ts';
import { Question } from './bench.svelte.ts';

/** What a person sets on the serving screen; kept between visits. */
export interface ServingForm {
  model: string;
  /** Up to three chips side by side; the first is the one everything else is about. */
  chips: string[];
  precision: ServingPrecision;
  engine: Engine | 'any';
  /** Chips of the deployment, and of one replica. */
  count: number;
  tp: number;
  input: number;
  output: number;
  prefixHit: number;
  draftTokens: number;
  acceptance: number;
  speed: number;
  ttft: number;
  /** Requests in flight per replica; 0: the knee. */
  batch: number;
  /** Price of a chip-hour of the first chip; 0: from the price book. */
  price: number;
}

const USUAL: ServingForm = {
  model: 'llama-3-70b',
  chips: ['h100-sxm', 'h200-sxm', 'b200'],
  precision: 'fp8',
  engine: 'any',
  count: 8,
  tp: 8,
  input: 2048,
  output: 512,
  prefixHit: 0,
  draftTokens: 0,
  acceptance: 0.7,
  speed: 30,
  ttft: 2,
  batch: 0,
  price: 0,
};

export const CONTEXTS = [4096, 8192, 16384, 32768, 65536, 131072];
export const LOADS = [0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95];

/** Everything the serving screen knows. */
export class ServingLab {
  readonly client: Client;
  form = $state<ServingForm>({ ...USUAL, ...readPref<Partial<ServingForm>>('serving', {}) });
  subjects = $state.raw<ServingSubjects | null>(null);
  failure = $state('');
  /** Efficiencies from one's own measurements, when they are in use. */
  own = $state.raw<Partial<Efficiency> | null>(null);
  readonly load = new Question('load');
  readonly search = new Question('search');
  readonly choose = new Question('choose');
  readonly measure = new Question('fit');

  constructor(client: Client) {
    this.client = client;
    void client
      .call('serving.subjects', {})
      .then((subjects) => (this.subjects = subjects))
      .catch((error: unknown) => (this.failure = failureOf(error).message));
  }

  readonly model = $derived(this.subjects?.models.find((m) => m.key === this.form.model) ?? null);

  readonly chips = $derived.by((): StudiedChip[] =>
    [...new Set(this.form.chips)].flatMap((key, i) => {
      const chip = this.subjects?.chips.find((c) => c.key === key);
      if (chip === undefined) return [];
      return [i === 0 && this.form.price > 0 ? { ...chip, usdPerChipHour: this.form.price, priceAsOf: 'typed' } : chip];
    }),
  );

  readonly base = $derived.by((): Omit<Deployment, 'hardware'> | null => {
    const { form } = this;
    if (this.model === null) return null;
    return {
      architecture: this.model.architecture,
      chips: form.count,
      engine: form.engine === 'any' ? null : form.engine,
      precision: form.precision,
      layout: { tp: form.tp },
      request: {
        inputTokens: form.input,
        outputTokens: form.output,
        prefixHit: form.prefixHit,
        ...(form.draftTokens > 0
          ? { speculation: { draftTokens: form.draftTokens, acceptance: form.acceptance, draftCost: 0.1 } }
          : {}),
      },
    };
  });

  /** The deployment on the first chip; one's own measurements count there and nowhere else. */
  readonly deployment = $derived.by((): Deployment | null => {
    const chip = this.chips[0];
    if (this.base === null || chip === undefined) return null;
    return { ...this.base, ...(this.own === null ? {} : { efficiency: this.own }), hardware: chip.hardware };
  });

  /** Why nothing can be shown; empty when something can. */
  readonly problem = $derived.by((): string => {
    if (this.failure !== '') return this.failure;
    if (this.subjects === null || this.deployment === null) return '';
    try {
      resolveDeployment(this.deployment, FIT);
      return '';
    } catch (error) {
      const { message, hint } = failureOf(error);
      return `${message} ${hint}`;
    }
  });

  readonly studies = $derived.by(() => {
    if (this.base === null || this.deployment === null || this.problem !== '') return [];
    const limits = {
      ...(this.form.speed > 0 ? { tokensPerSPerUser: this.form.speed } : {}),
      ...(this.form.ttft > 0 ? { ttft: this.form.ttft } : {}),
    };
    const batch = this.form.batch > 0 ? Math.round(this.form.batch) : null;
    return [
      ...studyChips(this.deployment, this.chips.slice(0, 1), FIT, limits, batch),
      ...studyChips(this.base, this.chips.slice(1), FIT, limits, batch),
    ];
  });

  readonly limits = $derived(
    this.base === null || this.problem !== '' ? [] : cacheLimits(this.base, this.chips, FIT, CONTEXTS),
  );

  readonly levers = $derived.by(() => {
    const at = this.studies[0]?.operating;
    if (!at || this.deployment === null) return [];
    return servingLevers(this.deployment, FIT, at.batch * at.estimate.resolved.replicas, at.estimate);
  });

  /** Simulates the first chip over loads; the seed is fixed, so the same inputs give the same curve. */
  simulate(): void {
    if (this.deployment !== null && this.problem === '')
      this.load.ask({ deployment: plain(this.deployment), loads: LOADS, seed: 1, requests: 10_000 });
  }

  remember(): void {
    writePref('serving', $state.snapshot(this.form));
  }

  dispose(): void {
    for (const question of [this.load, this.search, this.choose, this.measure]) question.stop();
  }
}

/** A copy without proxies, as a worker takes it. */
export const plain = <T>(value: T): T => $state.snapshot(value) as T;
