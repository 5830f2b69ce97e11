/** What the calibration lab knows: the device, the session that runs or ran last, and the history in the store. */
import type { Ceiling } from '../../../src/core/calibrate/ceiling.ts';
import { compareGroups } from '../../../src/core/calibrate/groups.ts';
import type { KernelChange } from '../../../src/core/calibrate/compare.ts';
import { fingerprint, type HostFacts } from '../../../src/core/calibrate/measure/identity.ts';
import type {
  DeviceIdentity,
  KernelResult,
  Preset,
  SessionReport,
} from '../../../src/core/calibrate/measure/report.ts';
import { rooflineOf } from '../../../src/core/calibrate/roofline.ts';
import type { CorrectnessReport } from '../../../src/core/calibrate/measure/correctness.ts';
import type { SessionView } from '../../../src/bridge/contract.ts';
import { failureOf, type Client } from '../../lib/client.ts';
import { readPref, writePref } from '../../lib/prefs.svelte.ts';
import type { MeasureAnswer, MeasureAsked } from './measure-worker.ts';

export const PRESET_SECONDS: Readonly<Record<Preset, number>> = { quick: 20, standard: 75 };

export class CalibrationLab {
  readonly client: Client;
  private readonly host: HostFacts['host'];
  preset = $state<Preset>(readPref('calibrate-preset', 'standard'));
  /** Catalog key of the model whose layers are measured; empty: a small transformer's. */
  model = $state('');
  tokens = $state(2048);
  identity = $state.raw<DeviceIdentity | null>(null);
  running = $state(false);
  progress = $state.raw<{ readonly label: string; readonly fraction: number } | null>(null);
  startedAt = $state(0);
  live = $state.raw<readonly KernelResult[]>([]);
  report = $state.raw<SessionReport | null>(null);
  /** The stored session the report belongs to. */
  session = $state<string | null>(null);
  sessions = $state.raw<readonly SessionView[]>([]);
  baseline = $state(readPref('calibrate-baseline', ''));
  ceiling = $state.raw<Ceiling | null>(null);
  problem = $state('');
  checking = $state(false);
  /** What the check of the kernels found, in one sentence. */
  checked = $state('');
  consented = $state(readPref('calibrate-consent', false));
  private worker: Worker | null = null;
  private hidden = false;

  constructor(client: Client, host: 'electron' | 'browser') {
    this.client = client;
    this.host = host;
  }

  readonly kernels = $derived.by(() => (this.running || this.report === null ? this.live : this.report.kernels));
  readonly roofline = $derived(rooflineOf(this.kernels));
  /** Sessions of the device on screen, oldest first. */
  readonly history = $derived.by(() => {
    const device = this.report?.device ?? this.sessions.at(-1)?.report.device ?? null;
    return device === null
      ? []
      : this.sessions.filter((session) => fingerprint(session.report.device) === fingerprint(device));
  });
  /** The sessions up to the baseline against those after it, or the earlier half against the later. */
  readonly changes: readonly KernelChange[] = $derived.by(() => {
    const used = this.history.filter((session) => !session.excluded);
    const at = used.findIndex((session) => session.id === this.baseline);
    const split = at >= 0 ? at + 1 : Math.floor(used.length / 2);
    return compareGroups(
      used.slice(0, split).map((session) => session.report),
      used.slice(split).map((session) => session.report),
    );
  });

  private async facts(): Promise<HostFacts> {
    const version = /(Chrome|Firefox|Version)\/([\d.]+)/.exec(navigator.userAgent);
    const battery = await (navigator as { getBattery?: () => Promise<{ charging: boolean }> })
      .getBattery?.()
      .catch(() => undefined);
    return {
      host: this.host,
      hostVersion: version ? `${version[1]} ${version[2]}` : navigator.userAgent.slice(0, 100),
      power: battery === undefined ? 'unknown' : battery.charging ? 'mains' : 'battery',
    };
  }

  private ask(asked: MeasureAsked, hear: (answer: MeasureAnswer, done: () => void) => void): Promise<void> {
    const worker = new Worker(new URL('./measure-worker.ts', import.meta.url), { type: 'module' });
    this.worker = worker;
    return new Promise<void>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<MeasureAnswer>) =>
        data.is === 'failure' ? reject(data.failure) : hear(data, resolve);
      worker.onerror = (event) => reject({ code: 'INTERNAL', message: event.message || 'Measuring failed', hint: '' });
      worker.postMessage(asked);
    }).finally(() => {
      worker.terminate();
      this.worker = null;
    });
  }

  /** Looks who is there, without any load. */
  async look(): Promise<void> {
    try {
      await this.ask({ ask: 'identity', facts: await this.facts() }, (answer, done) => {
        if (answer.is !== 'identity') return;
        this.identity = answer.identity;
        done();
      });
    } catch (error) {
      this.explain(error);
    }
    await this.load();
  }

  async load(): Promise<void> {
    try {
      this.sessions = (await this.client.call('measure.history', {})).sessions;
      const last = this.history.at(-1);
      if (this.report === null && last) [this.report, this.session] = [last.report, last.id];
    } catch (error) {
      this.explain(error);
    }
  }

  async run(): Promise<void> {
    if (this.running) return;
    writePref('calibrate-preset', this.preset);
    writePref('calibrate-consent', true);
    [this.consented, this.running, this.problem, this.live] = [true, true, '', []];
    [this.ceiling, this.hidden, this.startedAt] = [null, document.hidden, Date.now()];
    const watch = (): void => void (this.hidden ||= document.hidden);
    document.addEventListener('visibilitychange', watch);
    try {
      const layers =
        this.model === ''
          ? null
          : (await this.client.call('measure.products', { model: this.model, tokens: this.tokens })).layers.map(
              ({ name, shape }) => ({ name, shape }),
            );
      const asked = {
        ask: 'session',
        preset: this.preset,
        facts: await this.facts(),
        startedAt: new Date().toISOString(),
        layers,
      } as const;
      await this.ask(asked, (answer, done) => {
        if (answer.is === 'progress') {
          this.progress = answer.told;
          if (answer.told.result) this.live = [...this.live, answer.told.result];
        } else if (answer.is === 'report') {
          this.report = this.hidden
            ? {
                ...answer.report,
                notes: [...answer.report.notes, 'the page was hidden for a while: browsers slow hidden pages down'],
              }
            : answer.report;
          done();
        }
      });
      await this.save();
    } catch (error) {
      this.explain(error);
    } finally {
      document.removeEventListener('visibilitychange', watch);
      [this.running, this.progress] = [false, null];
    }
  }

  /** Runs every kernel once on small shapes and compares the results; nothing is timed. */
  async check(): Promise<void> {
    if (this.running || this.checking) return;
    [this.checking, this.checked, this.problem] = [true, '', ''];
    try {
      await this.ask({ ask: 'correctness', facts: await this.facts() }, (answer, done) => {
        if (answer.is !== 'correctness') return;
        this.checked = checkSentence(answer.found);
        done();
      });
    } catch (error) {
      this.explain(error);
    } finally {
      this.checking = false;
    }
  }

  /** Asks the session to end after the pass that runs. */
  stop(): void {
    this.worker?.postMessage({ ask: 'cancel' } satisfies MeasureAsked);
  }

  private async save(): Promise<void> {
    const { report } = this;
    if (report === null || report.kernels.length === 0) return;
    this.session = (await this.client.call('measure.save', { report: report as never, label: '' })).session;
    await this.load();
  }

  show(session: SessionView): void {
    [this.report, this.session, this.ceiling] = [session.report, session.id, null];
  }

  async exclude(session: SessionView): Promise<void> {
    await this.attempt(async () => {
      await this.client.call('measure.mark', { session: session.id, excluded: !session.excluded });
      await this.load();
    });
  }

  keepAsBaseline(session: string): void {
    this.baseline = session;
    writePref('calibrate-baseline', session);
  }

  /** Puts the device into the hardware catalog; returns its key. */
  async hardware(): Promise<string | null> {
    const { session } = this;
    if (session === null) return null;
    let key: string | null = null;
    await this.attempt(async () => {
      key = (await this.client.call('measure.hardware', { session })).key;
    });
    return key;
  }

  async findCeiling(): Promise<void> {
    const { session, model, tokens } = this;
    this.ceiling = null;
    if (session === null || model === '') return;
    await this.attempt(async () => {
      this.ceiling = await this.client.call('measure.ceiling', { session, model, tokens });
    });
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.problem = '';
    try {
      await work();
    } catch (error) {
      this.explain(error);
    }
  }

  private explain(error: unknown): void {
    const { message, hint } = failureOf(error);
    this.problem = [message, hint].filter(Boolean).join('. ').replaceAll('..', '.');
  }

  dispose(): void {
    this.worker?.terminate();
  }
}

function checkSentence({ rows, planted }: CorrectnessReport): string {
  const run = rows.filter((row) => row.verdict !== null);
  const wrong = run.filter((row) => (row.verdict?.mismatches ?? 0) > 0);
  const elements = run.reduce((sum, row) => sum + (row.verdict?.checked ?? 0), 0);
  const mismatches = run.reduce((sum, row) => sum + (row.verdict?.mismatches ?? 0), 0);
  const worst = Math.max(...run.map((row) => row.verdict?.worst ?? 0));
  const caught = planted.filter((row) => (row.verdict?.mismatches ?? 0) > 0).length;
  return [
    `${run.length} kernels ran, ${elements.toLocaleString('en-US')} results compared: ${mismatches} mismatches`,
    wrong.length > 0
      ? ` (${wrong.map((row) => row.name).join(', ')})`
      : `, the worst at ${(100 * worst).toFixed(0)} % of its bound`,
    `; ${caught} of ${planted.length} planted faults found`,
    rows.length > run.length ? `; ${rows.length - run.length} kernels need what this device has not` : '',
    '.',
  ].join('');
}
