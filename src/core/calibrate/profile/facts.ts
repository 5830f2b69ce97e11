/** A profile in words and one table, the same on screen and in the terminal. */
import type { ProfileSummary } from './read-profile.ts';

export type Profile = Exclude<ProfileSummary, { kind: 'training' }>;

export interface ProfileFacts {
  readonly title: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const show = (value: number | null, unit: string, scale = 1): string =>
  value === null
    ? 'unknown'
    : `${(value * scale).toLocaleString('en-US', { maximumSignificantDigits: 4 })} ${unit}`.trimEnd();
const percent = (value: number | null): string => show(value, '%', 100);

/** What a profile says, with units; unknown numbers are the word "unknown". */
export function profileFacts(profile: Profile): ProfileFacts {
  switch (profile.kind) {
    case 'nvidia-smi':
      return {
        title: 'nvidia-smi: power, clocks and memory',
        facts: [],
        columns: ['Card', 'Samples', 'Power p50', 'p95', 'Energy', 'SM clock p50', 'Sustained', 'Memory', 'Throttled'],
        rows: profile.cards.map((card) => [
          card.card,
          String(card.samples),
          show(card.powerWP50, 'W'),
          show(card.powerWP95, 'W'),
          show(card.energyWh, 'Wh'),
          show(card.smClockMhzP50, 'MHz'),
          percent(card.sustainedClock),
          show(card.memoryMibMax, 'MiB'),
          percent(card.throttled),
        ]),
      };
    case 'ncu':
      return {
        title: 'Nsight Compute: kernels',
        facts: [
          ['Launches', `${profile.launches} of ${profile.kernels.length} kernels`],
          ['FLOP', show(profile.flop, 'TFLOP', 1e-12)],
          ['DRAM traffic', show(profile.dramBytes, 'GB', 1e-9)],
        ],
        columns: ['Kernel', 'Launches', 'p50', 'TFLOP/s', 'GB/s', 'FLOP/byte', 'SM', 'DRAM', 'Occupancy'],
        rows: profile.kernels
          .slice(0, 20)
          .map((kernel) => [
            kernel.name.slice(0, 60),
            String(kernel.launches),
            show(kernel.p50S, 'µs', 1e6),
            show(kernel.flopPerS, '', 1e-12),
            show(kernel.bytesPerS, '', 1e-9),
            show(kernel.flopPerByte, ''),
            show(kernel.smPercent, '%'),
            show(kernel.dramPercent, '%'),
            show(kernel.occupancyPercent, '%'),
          ]),
      };
    case 'kineto': {
      const { matmul, attention, communication, other } = profile.shares;
      return {
        title: `PyTorch profiler: ${profile.device || 'unknown device'}`,
        facts: [
          ['Kernels', `${profile.kernels} on ${profile.devices} device${profile.devices === 1 ? '' : 's'}`],
          ['Time span', show(profile.spanS, 's')],
          ['Step time p50, p99', `${show(profile.stepSP50, 's')}, ${show(profile.stepSP99, 's')}`],
          ['A kernel was running', percent(profile.busy)],
          [
            'Of kernel time',
            `matmul ${percent(matmul)}, attention ${percent(attention)}, communication ${percent(communication)}, other ${percent(other)}`,
          ],
          ['Communication alone', percent(profile.exposedCommunication)],
          ['Matrix products', show(profile.matmulFlopPerS, 'TFLOP/s', 1e-12)],
        ],
        ...(profile.products.length > 0
          ? {
              columns: ['m × n × k', 'Calls', 'TFLOP/s'],
              rows: profile.products
                .slice(0, 12)
                .map(({ m, n, k, batch, calls, flopPerS }) => [
                  `${batch > 1 ? `${batch} · ` : ''}${m} × ${n} × ${k}`,
                  String(calls),
                  show(flopPerS, '', 1e-12),
                ]),
            }
          : {
              columns: ['Longest kernels', 'Calls', 'Time'],
              rows: profile.top
                .slice(0, 12)
                .map(({ name, calls, totalS }) => [name.slice(0, 60), String(calls), show(totalS, 'ms', 1e3)]),
            }),
      };
    }
    default:
      return {
        title: `Operations counted by ${profile.tool === 'unknown' ? 'an unknown tool' : profile.tool}`,
        facts: [
          ['A forward pass', show(profile.forwardMacs, 'GMAC', 1e-9)],
          ['which is', show(profile.forwardFlop, 'GFLOP', 1e-9)],
          ['Training, about', show(3 * profile.forwardFlop, 'GFLOP', 1e-9)],
          ['Parameters', show(profile.params, '')],
        ],
        columns: ['Part', profile.countedAs === 'mac' ? 'MMAC' : 'MFLOP'],
        rows: profile.parts.slice(0, 20).map((part) => [part.name, show(part.count, '', 1e-6)]),
      };
  }
}
