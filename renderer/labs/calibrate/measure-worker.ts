/** Measures beside the page, so that the page never waits for the GPU: WebGPU is open to workers. */
import type { MatmulShape } from '../../../src/core/calibrate/kernels/matmul.ts';
import { openBench } from '../../../src/core/calibrate/measure/bench.ts';
import { correctness, type CorrectnessReport } from '../../../src/core/calibrate/measure/correctness.ts';
import type { GpuAdapter } from '../../../src/core/calibrate/measure/gpu.ts';
import { identityOf, type HostFacts } from '../../../src/core/calibrate/measure/identity.ts';
import type { DeviceIdentity, Preset, SessionReport } from '../../../src/core/calibrate/measure/report.ts';
import { runSession, type Progress } from '../../../src/core/calibrate/measure/session.ts';
import { FlopsheetError } from '../../../src/core/errors.ts';

export type MeasureAsked =
  | {
      readonly ask: 'session';
      readonly preset: Preset;
      readonly facts: HostFacts;
      readonly startedAt: string;
      readonly layers: readonly { readonly name: string; readonly shape: MatmulShape }[] | null;
    }
  | { readonly ask: 'identity'; readonly facts: HostFacts }
  | { readonly ask: 'correctness'; readonly facts: HostFacts }
  | { readonly ask: 'cancel' };

export type MeasureAnswer =
  | { readonly is: 'progress'; readonly told: Progress }
  | { readonly is: 'identity'; readonly identity: DeviceIdentity }
  | { readonly is: 'report'; readonly report: SessionReport }
  | { readonly is: 'correctness'; readonly found: CorrectnessReport }
  | {
      readonly is: 'failure';
      readonly failure: { readonly code: string; readonly message: string; readonly hint: string };
    };

interface Gpu {
  requestAdapter(options?: { powerPreference?: string }): Promise<GpuAdapter | null>;
  readonly wgslLanguageFeatures?: { has(name: string): boolean };
}

const answer = (message: MeasureAnswer): void => self.postMessage(message);
const now = (): number => performance.now();
let cancelled = false;

async function adapter(): Promise<{ gpu: Gpu; found: GpuAdapter }> {
  const gpu = (navigator as unknown as { gpu?: Gpu }).gpu;
  if (!gpu)
    throw new FlopsheetError('GPU_NONE', 'This browser has no WebGPU', {
      hint: 'Use a recent Chrome, Edge, Safari or Firefox, or measure in a terminal: flopsheet calibrate',
    });
  const found = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!found)
    throw new FlopsheetError('GPU_NONE', 'The browser found no GPU it may use', {
      hint: 'chrome://gpu says why: a driver that is missing or blocked, or a machine without GPU. In a terminal: flopsheet calibrate',
    });
  return { gpu, found };
}

async function work(asked: MeasureAsked): Promise<void> {
  if (asked.ask === 'cancel') {
    cancelled = true;
    return;
  }
  const { gpu, found } = await adapter();
  const identity = identityOf(found, asked.facts);
  const language = gpu.wgslLanguageFeatures ?? new Set<string>();
  if (asked.ask === 'identity') return answer({ is: 'identity', identity });
  // An adapter gives one device; a new one is asked for after a loss.
  let first: GpuAdapter | null = found;
  const open = async () => {
    const own = first ?? (await adapter()).found;
    first = null;
    return openBench(own, language, now);
  };
  if (asked.ask === 'correctness') {
    const bench = await open();
    answer({ is: 'correctness', found: await correctness(bench, identity.subgroupSize) });
    return bench.close();
  }
  const report = await runSession({
    preset: asked.preset,
    identity,
    startedAt: asked.startedAt,
    now,
    open,
    ...(asked.layers === null ? {} : { layers: asked.layers }),
    cancelled: () => cancelled,
    progress: (told) => answer({ is: 'progress', told }),
  });
  answer({ is: 'report', report });
}

self.addEventListener('message', ({ data }: MessageEvent<MeasureAsked>) => {
  work(data).catch((error: unknown) => {
    const { code = 'INTERNAL', message, hint = '' } = error as { code?: string; message: string; hint?: string };
    answer({ is: 'failure', failure: { code, message, hint } });
  });
});
