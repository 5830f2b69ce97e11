import type { CatalogModel, ModelSubjects } from '../../../src/bridge/contract.ts';
import type { Architecture } from '../../../src/core/model/architecture.ts';
import type { ComparisonRow, LatencyAssumptions } from '../../../src/core/model/compare.ts';
import { compareModels } from '../../../src/core/model/compare.ts';
import { BYTES_PER_PARAMETER } from '../../../src/core/model/levers.ts';
import { failureOf, type Client } from '../../lib/client.ts';
import { readPref, writePref } from '../../lib/prefs.svelte.ts';

/** How training FLOP are counted. */
export const CONVENTIONS = [
  ['exactCausal', 'exact, causal half'],
  ['exactFull', 'exact, full attention'],
  ['sixN', '6N'],
  ['hardwareSelective', 'hardware, selective recompute'],
  ['hardwareFull', 'hardware, full recompute'],
] as const;
export type Convention = (typeof CONVENTIONS)[number][0];

/** Which embeddings count among the active parameters; vendors differ. */
export const ACTIVE = [
  ['all', 'with embeddings'],
  ['head', 'without the input table'],
  ['none', 'without embeddings'],
] as const;

export interface ModelsForm {
  /** Models side by side; the first is the one every other view is about. */
  keys: string[];
  seq: number;
  convention: Convention;
  unit: 'FLOP' | 'MAC';
  active: (typeof ACTIVE)[number][0];
  /** Count norms, softmax and activations too. */
  elementwise: boolean;
  format: string;
  chip: string;
}

const USUAL: ModelsForm = {
  keys: ['llama-3-8b', 'qwen3-30b-a3b', 'deepseek-v3'],
  seq: 8192,
  convention: 'exactCausal',
  unit: 'FLOP',
  active: 'all',
  elementwise: false,
  format: 'bf16',
  chip: 'h100-sxm',
};

export const MOST_MODELS = 6;
export const FORMATS = Object.keys(BYTES_PER_PARAMETER);

/** Shares of the peaks a forward pass of one token reaches, and the time each dependent step adds (launch and synchronisation). */
const EFFICIENCY = { flopEfficiency: 0.5, memoryEfficiency: 0.8, secondsPerStep: 3e-6 } as const;

/** Everything the models screen knows. */
export class ModelsLab {
  readonly client: Client;
  form = $state<ModelsForm>({ ...USUAL, ...readPref<Partial<ModelsForm>>('models', {}) });
  subjects = $state.raw<ModelSubjects | null>(null);
  failure = $state('');
  private loaded = $state.raw<ReadonlyMap<string, CatalogModel>>(new Map());

  constructor(client: Client) {
    this.client = client;
    void client
      .call('model.subjects', {})
      .then((subjects) => {
        this.subjects = subjects;
        const known = new Set(subjects.models.map((model) => model.key));
        const keys = this.form.keys.filter((key) => known.has(key));
        this.form.keys = keys.length > 0 ? keys : subjects.models.slice(0, 1).map((model) => model.key);
        this.load();
      })
      .catch((error: unknown) => (this.failure = failureOf(error).message));
  }

  readonly entries = $derived(this.form.keys.flatMap((key) => this.loaded.get(key) ?? []));
  readonly subject = $derived(this.entries[0] ?? null);
  /** The first language model chosen. */
  readonly architecture = $derived(
    (this.entries.find((entry) => entry.model.kind === 'transformer')?.model as Architecture | undefined) ?? null,
  );
  readonly seq = $derived(Math.min(100_000_000, Math.max(1, Math.round(this.form.seq) || 1)));
  readonly chip = $derived(this.subjects?.chips.find((chip) => chip.key === this.form.chip) ?? null);
  readonly bytesPerParameter = $derived(BYTES_PER_PARAMETER[this.form.format] ?? 2);
  readonly machine = $derived(this.machineFor(this.form.format));
  readonly rows = $derived(
    compareModels(
      this.entries.map((entry) => ({ ...entry.model, name: entry.name })),
      this.seq,
      this.bytesPerParameter,
      this.machine,
    ),
  );

  /** The chosen chip at the peak a storage format runs at: weights in other formats are unpacked and multiplied in 16 bits. */
  machineFor(format: string): LatencyAssumptions | null {
    const { chip } = this;
    if (chip === null) return null;
    const eight = chip.fp8FlopPerS ?? chip.bf16FlopPerS;
    const peak = /^(nv|mx)?fp4$/.test(format)
      ? (chip.fp4FlopPerS ?? eight)
      : /^((mx)?fp8|int8)$/.test(format)
        ? eight
        : chip.bf16FlopPerS;
    return { peakFlopPerSecond: peak, memoryBytesPerSecond: chip.memoryBytesPerS, ...EFFICIENCY };
  }

  /** Asks for the chosen models that are not here yet; those just imported are asked for again. */
  load(fresh: readonly string[] = []): void {
    for (const key of this.form.keys) {
      if (this.loaded.has(key) && !fresh.includes(key)) continue;
      void this.client
        .call('model.get', { key })
        .then((entry) => (this.loaded = new Map(this.loaded).set(key, entry)))
        .catch((error: unknown) => (this.failure = failureOf(error).message));
    }
  }

  choose(at: number, key: string): void {
    const keys = [...this.form.keys];
    if (key === '') keys.splice(at, 1);
    else keys[at] = key;
    this.form.keys = [...new Set(keys)].slice(0, MOST_MODELS);
    this.load();
  }

  /** Shows models just imported, before those chosen so far. */
  show(keys: readonly string[]): void {
    this.form.keys = [...new Set([...keys, ...this.form.keys])].slice(0, MOST_MODELS);
    void this.client.call('model.subjects', {}).then((subjects) => (this.subjects = subjects));
    this.load(keys);
  }

  /** Training FLOP of one token or sample under the convention chosen. */
  trainFlop(row: ComparisonRow): number {
    const { convention, active, elementwise } = this.form;
    const flop =
      convention === 'sixN'
        ? active === 'none'
          ? row.trainFlop.sixNWithoutEmbeddings
          : active === 'head'
            ? 6 * row.activeWithoutInputEmbedding
            : row.trainFlop.sixN
        : row.trainFlop[convention];
    return this.inUnit(flop + (elementwise && convention !== 'sixN' ? 3 * (row.elementwiseFlop ?? 0) : 0));
  }

  forward(row: ComparisonRow): number {
    return this.inUnit(row.forwardFlop + (this.form.elementwise ? (row.elementwiseFlop ?? 0) : 0));
  }

  activeParams(row: ComparisonRow): number {
    const { active } = this.form;
    if (row.per === 'sample') return row.activeParams;
    return active === 'none'
      ? row.activeWithoutEmbeddings
      : active === 'head'
        ? row.activeWithoutInputEmbedding
        : row.activeParams;
  }

  inUnit(flop: number): number {
    return this.form.unit === 'MAC' ? flop / 2 : flop;
  }

  remember(): void {
    writePref('models', $state.snapshot(this.form));
  }
}
