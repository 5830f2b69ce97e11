/**
 * A session: what a preset measures, in order, with a sentinel kernel between the phases. It ends early on a cancel, a lost
 * device (after one try with a new one) or when its time is up; what was measured until then is in the report and marked.
 */
import { FlopsheetError } from '../../errors.ts';
import { attentionProblem } from '../kernels/attention.ts';
import { dot4Problem } from '../kernels/dot4.ts';
import { fmaProblem } from '../kernels/fma.ts';
import type { Problem } from '../kernels/kernel.ts';
import { configName, MatmulData, type MatmulConfig, type MatmulShape } from '../kernels/matmul.ts';
import { rowProblem } from '../kernels/rows.ts';
import { streamProblem, type StreamKind } from '../kernels/stream.ts';
import { medianOf, quantile } from '../quantile.ts';
import { kneeOf } from '../roofline.ts';
import { bootstrapMedian, theilSen } from '../stats.ts';
import { DeviceLost, type GpuBench, type Now } from './bench.ts';
import { defaultLayers, PRESETS, squareSide } from './presets.ts';
import type { DeviceIdentity, KernelKind, KernelResult, Preset, SessionReport, Tuning } from './report.ts';
import { startsFor, tune } from './tune.ts';

export interface SessionOptions {
  readonly preset: Preset;
  readonly identity: DeviceIdentity;
  readonly startedAt: string;
  readonly now: Now;
  /** Opens the device; called again once when it was lost. */
  readonly open: () => Promise<GpuBench>;
  /** Layer products to measure; those of a small transformer when left out. */
  readonly layers?: readonly { readonly name: string; readonly shape: MatmulShape }[];
  readonly cancelled: () => boolean;
  readonly progress: (told: Progress) => void;
}

export interface Progress {
  readonly label: string;
  readonly fraction: number;
  /** A result the moment it is there. */
  readonly result?: KernelResult;
}

class Stopped extends Error {}

class Session {
  private readonly options: SessionOptions;
  private readonly plan;
  private readonly start: number;
  private bench!: GpuBench;
  private reopened = false;
  private label = '';
  private wall = false;
  private readonly kernels: KernelResult[] = [];
  private readonly refused: { name: string; why: string }[] = [];
  private readonly tuning: Record<string, Tuning> = {};
  private readonly notes: string[] = [];
  private readonly sentinelAt: number[] = [];
  private readonly sentinelTimes: number[] = [];

  constructor(options: SessionOptions) {
    this.options = options;
    this.plan = PRESETS[options.preset];
    this.start = options.now();
  }

  private elapsed(): number {
    return (this.options.now() - this.start) / 1000;
  }
  private readonly go = (): boolean => !this.options.cancelled();

  private tell(label: string, result?: KernelResult): void {
    this.label = label;
    // Presets are budgets of time: the clock is the honest measure of what is left.
    const fraction = Math.min(0.99, this.elapsed() / (1.05 * this.plan.budgetS));
    this.options.progress({ label, fraction, ...(result ? { result } : {}) });
  }

  async run(): Promise<SessionReport> {
    let stopped = '';
    try {
      this.bench = await this.options.open();
      await this.all();
    } catch (error) {
      if (error instanceof Stopped) stopped = error.message;
      else if (error instanceof DeviceLost) stopped = `the device was lost twice: ${error.message}`;
      else if (this.kernels.length > 0 && error instanceof FlopsheetError) stopped = error.message;
      else throw error;
    } finally {
      (this.bench as GpuBench | undefined)?.close();
    }
    return this.report(stopped);
  }

  /** One task; a lost device is opened again once and the kernel that ran is left out. */
  private async task(label: string, work: () => Promise<void>): Promise<void> {
    if (!this.go()) throw new Stopped('cancelled');
    if (this.elapsed() > this.plan.budgetS) {
      this.refused.push({ name: label, why: 'not reached in the time of the preset' });
      return;
    }
    this.tell(label);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DeviceLost)) {
        if (!(error instanceof FlopsheetError)) throw error;
        this.refused.push({ name: label, why: error.message });
      } else {
        this.refused.push({ name: label, why: `the device was lost: ${error.message}` });
        if (this.reopened) throw error;
        this.reopened = true;
        this.notes.push(`the device was lost at ${label} and opened again`);
        this.bench = await this.options.open();
      }
    }
  }

  /** Makes ready, verifies, times. A kernel that is wrong has no number. */
  private async measure(
    problem: Problem,
    kind: KernelKind,
    extra: { shape?: MatmulShape; workingSet?: number; config?: string; samples?: number; limitS?: number } = {},
  ): Promise<KernelResult | null> {
    const { bench } = this;
    const { kernel } = problem;
    const why = bench.refusal(kernel);
    if (why !== '') {
      this.refused.push({ name: kernel.name, why });
      return null;
    }
    const ready = await bench.ready(problem);
    try {
      const verdict = await bench.verify(ready, problem);
      if (verdict.mismatches > 0) {
        this.refused.push({ name: kernel.name, why: `${verdict.mismatches} of ${verdict.checked} results are wrong` });
        return null;
      }
      const deadline = Math.min(this.start + this.plan.budgetS * 1000, bench.now() + 1000 * (extra.limitS ?? 2.5));
      const { samplesS, wall } = await bench.time(ready, extra.samples ?? this.plan.samples, deadline, this.go);
      this.wall ||= wall;
      if (samplesS.length === 0) return null;
      const sorted = [...samplesS].sort((a, b) => a - b);
      const result: KernelResult = {
        name: kernel.name,
        kind,
        dtype: kernel.dtype,
        samplesS,
        p50S: quantile(sorted, 0.5),
        p99S: quantile(sorted, 0.99),
        ciS: bootstrapMedian(samplesS, 1),
        flop: kernel.flop,
        bytes: kernel.bytes,
        shape: extra.shape ? [extra.shape.m, extra.shape.n, extra.shape.k] : null,
        workingSet: extra.workingSet ?? null,
        config: extra.config ?? '',
        checked: verdict.checked,
        worst: verdict.worst,
      };
      this.kernels.push(result);
      this.tell(this.label, result);
      return result;
    } finally {
      ready.release();
    }
  }

  /** The same small kernel between all phases: when it changes, the machine changed. */
  private async sentinel(): Promise<void> {
    const problem = fmaProblem(16_384, 64, 4);
    const ready = await this.bench.ready(problem);
    try {
      const { samplesS } = await this.bench.time(ready, 5, this.bench.now() + 500, this.go);
      if (samplesS.length === 0) return;
      this.sentinelAt.push(this.elapsed());
      this.sentinelTimes.push(medianOf(samplesS));
    } finally {
      ready.release();
    }
  }

  private async all(): Promise<void> {
    const { plan } = this;
    let peak = 0;
    await this.task('warming up', async () => {
      // Half a second of load before the first number: clocks of idle chips are low.
      const problem = fmaProblem(16_384, 64, 4);
      const ready = await this.bench.ready(problem);
      const until = this.bench.now() + 500;
      let s: number;
      try {
        do s = await this.bench.quick(ready, 1);
        while (this.bench.now() < until && this.go());
      } finally {
        ready.release();
      }
      peak = problem.kernel.flop / s;
    });
    // A vector count that takes about 10 ms at the peak that was just seen. Where memory binds, the arrays outgrow the caches.
    const vectors = (rounds: number, chains: number): number =>
      Math.max(
        4096,
        Math.min(rounds > 64 ? 2 ** 21 : 2 ** 23, 2 ** Math.floor(Math.log2((0.01 * peak) / (8 * chains * rounds)))),
      );
    await this.task('sentinel', () => this.sentinel());
    for (const chains of plan.chains)
      await this.task(`peak, ${chains} chains`, async () => {
        const found = await this.measure(fmaProblem(vectors(512, chains), 512, chains), 'peak', { limitS: 1.2 });
        if (found) peak = Math.max(peak, found.flop / found.p50S);
      });
    for (const rounds of plan.intensities)
      await this.task(`intensity, ${rounds} rounds`, async () => {
        await this.measure(fmaProblem(vectors(Math.max(64, rounds), 1), rounds, 1), 'intensity', {
          samples: 12,
          limitS: 0.5,
        });
      });
    await this.task('sentinel', () => this.sentinel());
    const kinds: readonly StreamKind[] = plan.layers ? ['copy', 'triad', 'read'] : ['copy'];
    const memory = this.bench.device.limits.maxBufferSize / 4;
    for (const bytes of plan.workingSets.filter((size) => size <= memory))
      for (const kind of kinds)
        await this.task(`${kind}, ${bytes / 1024} KiB`, async () => {
          // A slow device gets no large arrays: one dispatch would take seconds, and making the data too.
          if (bytes > 2 ** 24 && peak < 5e11) return;
          await this.measure(streamProblem(kind, bytes), 'bandwidth', { workingSet: bytes, limitS: 0.6 });
        });
    await this.task('sentinel', () => this.sentinel());
    const layered = await this.squares(peak);
    const [rows, columns] = peak > 5e11 ? [2048, 4096] : [256, 1024];
    await this.task('softmax', async () => {
      await this.measure(rowProblem('softmax', rows, columns), 'row', { limitS: 1 });
    });
    if (plan.layers) {
      await this.task('RMS norm', async () => {
        await this.measure(rowProblem('rmsnorm', rows, columns), 'row', { limitS: 1 });
      });
      await this.task('attention', async () => {
        const sequence = peak > 5e11 ? 2048 : 256;
        await this.measure(attentionProblem({ heads: 8, sequence, head: 64 }), 'attention', { limitS: 2 });
      });
      await this.task('dot4 i8', async () => {
        const size = Math.min(squareSide(peak), 1024);
        const shape = { m: size, n: size, k: size };
        await this.measure(dot4Problem(shape), 'matmul', { shape, limitS: 1.5 });
      });
      for (const { dtype, winners } of layered) await this.layers(dtype, winners, peak);
    }
    // Even a session that ran out of time ends with the sentinel it began with.
    await this.sentinel().catch((error: unknown) => {
      if (!(error instanceof DeviceLost)) throw error;
      this.notes.push(`the device was lost after the last kernel: ${error.message}`);
    });
  }

  /** The square products: searched at up to 1,024, measured at the side the device can hold. */
  private async squares(
    peak: number,
  ): Promise<{ readonly dtype: 'f32' | 'f16'; readonly winners: readonly MatmulConfig[] }[]> {
    const { plan } = this;
    const side = squareSide(peak);
    const tuneSide = Math.min(side, 1024);
    const starts = startsFor(this.options.identity.subgroupSize);
    const dtypes = plan.halves && this.bench.has.has('shader-f16') ? (['f32', 'f16'] as const) : (['f32'] as const);
    const found: { dtype: 'f32' | 'f16'; winners: readonly MatmulConfig[] }[] = [];
    for (const dtype of dtypes) {
      let winners: readonly MatmulConfig[] = [];
      await this.task(`matmul ${dtype}: search`, async () => {
        const data = new MatmulData({ m: tuneSide, n: tuneSide, k: tuneSide }, dtype);
        // The search may not eat the time of what comes after it.
        const deadline = Math.min(
          this.bench.now() + (1000 * plan.tuneS) / dtypes.length,
          this.start + 700 * plan.budgetS,
        );
        const tuned = await tune(this.bench, data, starts, deadline, this.go, (explored) =>
          this.tell(`matmul ${dtype}: ${explored} kernels tried`),
        );
        this.refused.push(...tuned.refused);
        if (tuned.winners.length > 0) this.tuning[`matmul ${dtype}`] = tuned.tuning;
        winners = tuned.winners;
      });
      const best = winners[0];
      if (!best) continue;
      found.push({ dtype, winners });
      await this.task(`matmul ${dtype} ${side}³`, async () => {
        const data = new MatmulData({ m: side, n: side, k: side }, dtype);
        await this.measure(data.problem(best), 'matmul', { shape: data.shape, config: configName(best), limitS: 4 });
      });
    }
    return found;
  }

  /** The layers of a model: each with the better of the two best configurations. */
  private async layers(dtype: 'f32' | 'f16', winners: readonly MatmulConfig[], peak: number): Promise<void> {
    const layers = this.options.layers ?? defaultLayers(peak > 5e11 ? 2048 : 64);
    for (const { name, shape } of layers)
      await this.task(`matmul ${dtype} ${name}`, async () => {
        const flop = 2 * shape.m * shape.n * shape.k;
        // The search has shown what products reach here.
        if (flop / (this.tuning[`matmul ${dtype}`]?.best ?? peak) > 0.5) {
          this.refused.push({
            name: `matmul ${dtype} ${name}`,
            why: 'one dispatch would take more than half a second on this device',
          });
          return;
        }
        const data = new MatmulData(shape, dtype);
        let best = winners[0] as MatmulConfig;
        let least = Infinity;
        for (const config of winners.slice(0, 2)) {
          const ready = await this.bench.ready(data.problem(config));
          try {
            const s = await this.bench.quick(ready, 1);
            if (s < least) [least, best] = [s, config];
          } finally {
            ready.release();
          }
        }
        await this.measure(data.problem(best), 'matmul', {
          shape,
          config: configName(best),
          samples: 10,
          limitS: 1,
        });
      });
  }

  private report(stopped: string): SessionReport {
    const { options, bench } = this;
    const times = this.sentinelTimes;
    const spread = times.length > 0 ? Math.max(...times) / Math.min(...times) : 1;
    const drift = times.length > 1 ? (theilSen(this.sentinelAt, times) / medianOf(times)) * 60 : 0;
    const stationary = times.length > 1 && spread < 1.1;
    if (!stationary && times.length > 1)
      this.notes.push(
        `the machine did not hold still: the same kernel took between ${(1e3 * Math.min(...times)).toPrecision(3)} and ${(1e3 * Math.max(...times)).toPrecision(3)} ms; widen every number by ${(50 * (spread - 1)).toFixed(0)} %`,
      );
    if (this.wall) this.notes.push('some passes were timed by the wall clock: they include launching');
    if (options.identity.power === 'battery') this.notes.push('on battery: chips run slower than on mains');
    this.options.progress({ label: stopped === '' ? 'done' : stopped, fraction: 1 });
    return {
      version: 1,
      preset: options.preset,
      device: options.identity,
      startedAt: options.startedAt,
      elapsedS: this.elapsed(),
      complete: stopped === '',
      stopped,
      clock: bench.timestamps ? 'timestamp' : 'wall',
      quantumNs: bench.timestamps && bench.quantumNs > 0 ? bench.quantumNs : null,
      sentinel: { atS: this.sentinelAt, timesS: times, spread, driftPerMinute: drift, stationary },
      kernels: this.kernels,
      knee: kneeOf(this.kernels),
      refused: this.refused,
      tuning: this.tuning,
      notes: this.notes,
    };
  }
}

/** Runs a session. Throws FlopsheetError when the device cannot be opened at all. */
export function runSession(options: SessionOptions): Promise<SessionReport> {
  return new Session(options).run();
}
