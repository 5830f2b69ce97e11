import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelChange } from '../../core/calibrate/compare.ts';
import { compareGroups, type ComparedSession } from '../../core/calibrate/groups.ts';
import { openBench } from '../../core/calibrate/measure/bench.ts';
import { identityOf } from '../../core/calibrate/measure/identity.ts';
import type { KernelResult, Preset, SessionReport } from '../../core/calibrate/measure/report.ts';
import { runSession } from '../../core/calibrate/measure/session.ts';
import { modelProducts } from '../../core/calibrate/model-products.ts';
import { fractionOf, rooflineOf } from '../../core/calibrate/roofline.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { listSessions, saveSession } from '../../store/calibrations.ts';
import { dawnAdapter, openDawn } from '../dawn.ts';
import { textFlag, type Command, type Invocation } from '../command.ts';
import { readModelArgument } from '../models.ts';
import { wholeFlag } from '../numbers.ts';
import { openForReading, openForWriting } from '../store.ts';
import { table } from '../table.ts';

export const calibrateCommand: Command = {
  name: 'calibrate',
  usage: '[--preset quick|standard] [--model FILE --tokens N] [--label NAME] [--no-store] | compare A B',
  summary: 'measures this machine’s GPU; compares measurements (exit 1 on a regression)',
  flags: {
    preset: { type: 'string' },
    model: { type: 'string' },
    tokens: { type: 'string' },
    label: { type: 'string' },
    'no-store': { type: 'boolean' },
  },
  minPositionals: 0,
  async run(invocation) {
    const [action, ...rest] = invocation.positionals;
    if (action === 'compare') return compare(invocation, rest);
    if (action !== undefined)
      throw new FlopsheetError('ARG', `calibrate has no action "${action}"`, {
        where: action,
        hint: 'calibrate, or calibrate compare A B',
      });
    return measure(invocation);
  },
};

async function measure(invocation: Invocation): Promise<number> {
  const preset = textFlag(invocation, 'preset') ?? 'standard';
  if (preset !== 'quick' && preset !== 'standard')
    throw new FlopsheetError('ARG', '--preset is quick or standard', { where: '--preset' });
  const model = textFlag(invocation, 'model');
  const layers = model === undefined ? undefined : await layersOf(invocation, model);
  // Dawn rounds its timestamps to 65.5 µs against attacks from pages; no page runs here.
  const { gpu, version } = await openDawn(['disable-dawn-features=timestamp_quantization']);
  const adapter = await dawnAdapter(gpu);
  const identity = identityOf(adapter, {
    host: 'node',
    hostVersion: `Node ${process.versions.node}, webgpu ${version}`,
    power: 'unknown',
  });
  let cancelled = false;
  const stop = (): void => {
    cancelled = true;
    invocation.warn('Stopping after this pass; what was measured is kept.');
  };
  process.once('SIGINT', stop);
  const now = (): number => performance.now();
  let told = '';
  let adapters: Promise<typeof adapter> = Promise.resolve(adapter);
  const report = await runSession({
    preset: preset satisfies Preset,
    identity,
    startedAt: new Date().toISOString(),
    now,
    ...(layers === undefined ? {} : { layers }),
    open: async () => {
      const opened = openBench(await adapters, gpu.wgslLanguageFeatures, now);
      // An adapter gives one device; after a loss a new one is asked for.
      adapters = dawnAdapter(gpu);
      adapters.catch(() => undefined);
      return opened;
    },
    cancelled: () => cancelled,
    progress: ({ label, fraction }) => {
      const line = `${(100 * fraction).toFixed(0).padStart(3)} %  ${label}`;
      if (line !== told) invocation.warn(line);
      told = line;
    },
  });
  process.removeListener('SIGINT', stop);
  const session = invocation.flags['no-store'] || identity.fallback ? null : store(invocation, report);
  invocation.print(invocation.json ? JSON.stringify(toJson(report, session)) : readable(report, session));
  // Dawn keeps the process alive while its objects live.
  setImmediate(() => process.exit(process.exitCode ?? 0));
  return 0;
}

async function layersOf(
  invocation: Invocation,
  model: string,
): Promise<readonly { name: string; shape: { m: number; n: number; k: number } }[]> {
  const tokens = wholeFlag(invocation, 'tokens', 1, 1_000_000) ?? 2048;
  const { architecture } = await readModelArgument(model, invocation);
  if (architecture === null)
    throw new FlopsheetError('CALIBRATION_MODEL', `${model} has no list of matrix products`, {
      where: model,
      hint: 'name a transformer: a config.json or a catalog key',
    });
  return modelProducts(architecture, tokens);
}

function store(invocation: Invocation, report: SessionReport): string {
  const open = openForWriting(invocation);
  try {
    return saveSession(open.db, report, textFlag(invocation, 'label') ?? '', Date.now());
  } finally {
    open.close();
  }
}

function toJson(report: SessionReport, session: string | null): object {
  const { device } = report;
  const roofline = rooflineOf(report.kernels);
  return {
    device: {
      name: device.name,
      vendor: device.vendor,
      architecture: device.architecture,
      device: device.device,
      description: device.description,
      fallback: device.fallback,
      host: device.host,
      host_version: device.hostVersion,
      features: device.features,
    },
    preset: report.preset,
    started_at: report.startedAt,
    elapsed_s: report.elapsedS,
    complete: report.complete,
    stopped: report.stopped,
    clock: report.clock,
    quantum_ns: report.quantumNs,
    sentinel_spread: report.sentinel.spread,
    kernels: report.kernels.map((kernel) => ({
      name: kernel.name,
      dtype: kernel.dtype,
      p50: kernel.p50S,
      p99: kernel.p99S,
      unit: 's',
      n: kernel.samplesS.length,
      ci_low: kernel.ciS[0],
      ci_high: kernel.ciS[1],
      flop: kernel.flop,
      bytes: kernel.bytes,
      flop_per_s: kernel.flop / kernel.p50S,
      bytes_per_s: kernel.bytes / kernel.p50S,
      config: kernel.config,
      verified: true,
      elements_checked: kernel.checked,
    })),
    refused: report.refused,
    roofline: {
      peak_flop_per_s: roofline.peakFlopPerS,
      bytes_per_s: roofline.bytesPerS,
      cache_bytes_per_s: roofline.cacheBytesPerS,
      ridge_flop_per_byte: roofline.ridge,
      knee: report.knee,
    },
    session,
    notes: [...report.notes, ...(device.fallback ? [SOFTWARE] : [])],
  };
}

const SOFTWARE = 'software adapter: shown, never stored, and no plan can use it';

function readable(report: SessionReport, session: string | null): string {
  const roofline = rooflineOf(report.kernels);
  const row = (kernel: KernelResult): string[] => {
    const fraction = fractionOf(kernel, roofline);
    return [
      kernel.name,
      (kernel.p50S * 1e3).toPrecision(4),
      (kernel.p99S * 1e3).toPrecision(4),
      kernel.flop > 0 ? (kernel.flop / kernel.p50S / 1e9).toPrecision(4) : '–',
      (kernel.bytes / kernel.p50S / 1e9).toPrecision(4),
      fraction === null ? '–' : `${(100 * fraction.fraction).toFixed(0)} % of ${fraction.bound}`,
      String(kernel.samplesS.length),
      kernel.config,
    ];
  };
  return [
    `${report.device.name}, ${report.device.host} ${report.device.hostVersion}`,
    table(
      ['Kernel', 'p50, ms', 'p99, ms', 'GFLOP/s', 'GB/s', 'Fraction', 'n', 'Configuration'],
      report.kernels.map(row),
    ),
    ...report.refused.map(({ name, why }) => `no number: ${name}: ${why}`),
    ...report.notes.map((note) => `note: ${note}`),
    ...(report.device.fallback ? [`note: ${SOFTWARE}`] : []),
    report.complete
      ? `finished in ${report.elapsedS.toFixed(1)} s${session === null ? '' : `, stored as ${session}`}`
      : `ended early: ${report.stopped}`,
  ].join('\n');
}

/** Sessions of a label in the store, or of a folder or file of `calibrate --json`. */
function group(invocation: Invocation, name: string): ComparedSession[] {
  if (existsSync(name)) {
    const files = statSync(name).isDirectory()
      ? readdirSync(name)
          .filter((file) => file.endsWith('.json'))
          .map((file) => join(name, file))
      : [name];
    return files.map(readSession);
  }
  const store = openForReading(invocation);
  try {
    const found = listSessions(store.db, null, -1).filter(
      (session) => !session.excluded && (session.label === name || session.id === name),
    );
    if (found.length === 0)
      throw new FlopsheetError('NOT_FOUND', `there is no session "${name}"`, {
        where: name,
        hint: 'give a label (calibrate --label NAME), a session, or a folder of files made by calibrate --json',
      });
    return found.map(({ report }) => ({ device: report.device, kernels: report.kernels }));
  } finally {
    store.close();
  }
}

function readSession(file: string): ComparedSession {
  const bad = (cause?: unknown): FlopsheetError =>
    new FlopsheetError('FILE', `${file} is no measurement`, {
      where: file,
      hint: 'as printed by calibrate --json',
      cause,
    });
  let json: { device?: Record<string, unknown>; kernels?: { name: string; dtype: string; p50: number }[] };
  try {
    json = JSON.parse(readFileSync(file, 'utf8')) as typeof json;
  } catch (cause) {
    throw bad(cause);
  }
  const { device, kernels } = json;
  if (!device || !Array.isArray(kernels) || kernels.some((kernel) => !(Number(kernel.p50) > 0))) throw bad();
  const words = (key: string): string => String(device[key] ?? '');
  return {
    device: {
      name: words('name'),
      vendor: words('vendor'),
      architecture: words('architecture'),
      device: words('device'),
      description: words('description'),
      fallback: device['fallback'] === true,
      host: 'node',
      hostVersion: words('host_version'),
      features: [],
      subgroupSize: null,
      maxBufferBytes: 0,
      workgroupBytes: 0,
      power: 'unknown',
    },
    kernels: kernels.map(({ name, dtype, p50 }) => ({ name, dtype, p50S: p50 })),
  };
}

function compare(invocation: Invocation, names: readonly string[]): number {
  const [a, b] = names;
  if (a === undefined || b === undefined)
    throw new FlopsheetError('ARG', 'calibrate compare needs two groups of sessions', {
      hint: 'calibrate compare before after: labels, sessions, or folders of calibrate --json',
    });
  const changes = compareGroups(group(invocation, a), group(invocation, b));
  const regressed = changes.some((change) => change.verdict === 'regressed');
  invocation.print(
    invocation.json
      ? JSON.stringify({
          rows: changes.map((change) => ({
            name: change.kernel,
            dtype: change.dtype,
            before_s: change.beforeS,
            after_s: change.afterS,
            change: change.change,
            p: change.p,
            threshold: change.threshold,
            restarts_before: change.restarts[0],
            restarts_after: change.restarts[1],
            verdict: change.verdict,
          })),
          regressed,
        })
      : compared(changes),
  );
  return regressed ? 1 : 0;
}

function compared(changes: readonly KernelChange[]): string {
  if (changes.length === 0) return 'no kernel was measured on both sides';
  return table(
    ['Kernel', 'Before, ms', 'After, ms', 'Change', 'Counts from', 'p', 'Restarts', 'Verdict'],
    changes.map((change) => [
      change.kernel,
      (change.beforeS * 1e3).toPrecision(4),
      (change.afterS * 1e3).toPrecision(4),
      `${change.change > 0 ? '+' : ''}${(100 * change.change).toFixed(1)} %`,
      `${(100 * change.threshold).toFixed(1)} %`,
      change.p.toPrecision(2),
      change.restarts.join(' / '),
      change.verdict,
    ]),
  );
}
