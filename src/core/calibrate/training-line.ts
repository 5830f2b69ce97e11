/** One line of a training log, read into what it measured. Formats: kernel-calibration reference §4.5. */

export type LogFormat = 'megatron-lm' | 'nanotron' | 'torchtitan' | 'hf-trainer' | 'kineto';

/** What one logged step says; null where the log does not say it. */
export interface StepPoint {
  readonly format: LogFormat;
  readonly step: number;
  /** UTC-less clock of the line in seconds; only differences mean something. */
  readonly clockS: number | null;
  readonly stepS: number | null;
  /** Sequences of one step over all chips. */
  readonly batchSequences: number | null;
  readonly tokensPerS: number | null;
  readonly tokensPerSPerChip: number | null;
  /** Model FLOP/s per chip as the framework counts them. */
  readonly flopPerSPerChip: number | null;
  readonly hardwareFlopPerSPerChip: number | null;
  /** Fraction as printed: against the peak the framework assumed. */
  readonly mfu: number | null;
  /** The framework says it skipped the update or met NaN in this step. */
  readonly bad: boolean;
}

/**
 * A number as logs print it: `1,234.5`, `1.234,5`, `52728,1`, `11.5K`, `22.8M`, `8.6E-06`. A single comma before exactly three
 * digits is a thousands separator. Null when it is no number.
 */
export function logNumber(text: string): number | null {
  const found = /^([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*([KMGBT]?)$/.exec(text.trim());
  if (!found) return null;
  let digits = found[1] as string;
  const comma = digits.lastIndexOf(',');
  const dot = digits.lastIndexOf('.');
  const commaIsDecimal = comma >= 0 && (dot >= 0 ? comma > dot : !/^[+-]?\d{1,3}(,\d{3})+$/.test(digits));
  digits = commaIsDecimal ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', '');
  const scale = { '': 1, K: 1e3, M: 1e6, G: 1e9, B: 1e9, T: 1e12 }[found[2] as string] as number;
  const value = Number(digits) * scale;
  return Number.isFinite(value) ? value : null;
}

const EMPTY = {
  clockS: null,
  stepS: null,
  batchSequences: null,
  tokensPerS: null,
  tokensPerSPerChip: null,
  flopPerSPerChip: null,
  hardwareFlopPerSPerChip: null,
  mfu: null,
  bad: false,
};

/** `key: value` pairs between bars, keys lower-case. */
function fields(line: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of line.split('|')) {
    const at = part.lastIndexOf(': ');
    if (at > 0) found.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  return found;
}

const times = (value: number | null, by: number): number | null => (value === null ? null : value * by);

function megatron(line: string): StepPoint | null {
  const step = /iteration\s+(\d+)\s*\/\s*\d+\s*\|/.exec(line);
  if (!step || !line.includes('elapsed time per iteration (ms)')) return null;
  const at = fields(line);
  const number = (key: string): number | null => logNumber((at.get(key) ?? '').split(/[/(]/)[0] as string);
  const tera =
    number('throughput per gpu (tflop/s/gpu)') ?? number('compute per gpu (tflop/s/gpu)') ?? number('tflops');
  return {
    ...EMPTY,
    format: 'megatron-lm',
    step: Number(step[1]),
    stepS: times(number('elapsed time per iteration (ms)'), 1e-3),
    batchSequences: number('global batch size') ?? number('gloabl batch size'),
    tokensPerSPerChip: number('tokens per gpu (tokens/s/gpu)') ?? number('tokens per second per gpu (tok/s/gpu)'),
    flopPerSPerChip: times(tera, 1e12),
    bad: (number('number of nan iterations') ?? 0) > 0 || (number('number of skipped iterations') ?? 0) > 0,
  };
}

function nanotron(line: string): StepPoint | null {
  const step = /iteration: (\d+) \/ \d+ \|/.exec(line);
  if (!step || !line.includes('elapsed_time_per_iteration_ms')) return null;
  const at = fields(line);
  const number = (key: string): number | null => logNumber(at.get(key) ?? '');
  return {
    ...EMPTY,
    format: 'nanotron',
    step: Number(step[1]),
    stepS: times(number('elapsed_time_per_iteration_ms'), 1e-3),
    batchSequences: number('global_batch_size'),
    tokensPerS: number('tokens_per_sec'),
    tokensPerSPerChip: number('tokens_per_sec_per_gpu'),
    flopPerSPerChip: times(number('model_tflops_per_gpu'), 1e12),
    hardwareFlopPerSPerChip: times(number('hardware_tflops_per_gpu'), 1e12),
  };
}

function torchtitan(line: string): StepPoint | null {
  const found = /(\d{4}-\d\d-\d\d) (\d\d):(\d\d):(\d\d),(\d{3}).*\bstep:\s*(\d+)\s.*\btps:\s*([\d.,]+)/.exec(line);
  if (!found) return null;
  const [, day, hours, minutes, seconds, millis, step, tps] = found as unknown as string[];
  const tera = /\btflops:\s*([\d.,]+)/.exec(line);
  const mfu = /\bmfu:\s*([\d.,]+)%/.exec(line);
  return {
    ...EMPTY,
    format: 'torchtitan',
    step: Number(step),
    clockS: Date.parse(`${day}T${hours}:${minutes}:${seconds}.${millis}Z`) / 1000,
    tokensPerSPerChip: logNumber(tps as string),
    flopPerSPerChip: tera ? times(logNumber(tera[1] as string), 1e12) : null,
    mfu: mfu ? times(logNumber(mfu[1] as string), 0.01) : null,
  };
}

/** The summary a Hugging Face Trainer prints at its end: a mean over the whole run, warm-up included. */
function trainer(line: string): StepPoint | null {
  const number = (key: string): number | null => {
    const found = new RegExp(`['"]${key}['"]:\\s*['"]?([\\d.,eE+-]+?)['"]?[,}]`).exec(line);
    return found ? logNumber(found[1] as string) : null;
  };
  const stepsPerS = number('train_steps_per_second');
  const runtime = number('train_runtime');
  if (stepsPerS === null || runtime === null || !(stepsPerS > 0)) return null;
  const samples = number('train_samples_per_second');
  const tokens = number('num_input_tokens_seen');
  return {
    ...EMPTY,
    format: 'hf-trainer',
    step: Math.round(stepsPerS * runtime),
    stepS: 1 / stepsPerS,
    batchSequences: samples === null ? null : samples / stepsPerS,
    tokensPerS: tokens === null ? null : tokens / runtime,
  };
}

/** Reads one line; null when it is no step of a known framework. */
export function readTrainingLine(line: string): StepPoint | null {
  return megatron(line) ?? nanotron(line) ?? torchtitan(line) ?? trainer(line);
}

/** Whether a line is the header of an nvidia-smi table with GPU utilisation. */
export function isGpuUtilisation(line: string): boolean {
  return /utilization\.gpu|GPU-Util/i.test(line);
}
