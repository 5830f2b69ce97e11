import { FlopsheetError } from '../errors.ts';

/** One measured closed-loop point of a benchmark file. Seconds, tokens. */
export interface MeasuredPoint {
  readonly concurrency: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly ttft: number | null;
  readonly tpot: number;
  /** Output tokens per second in all, when printed. */
  readonly outputTokensPerS: number | null;
}

export interface MeasuredFile {
  readonly format: 'vllm-bench' | 'genai-perf';
  readonly points: readonly MeasuredPoint[];
  readonly notes: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const HINT =
  'Paste the JSON that "vllm bench serve --save-result" or genai-perf / AIPerf writes, one run or a list of runs.';

const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value)
    ? value
    : typeof value === 'string' && value !== '' && Number.isFinite(Number(value))
      ? Number(value)
      : null;

const object = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;

/** A value at a path of keys; null when any is missing. */
function at(json: Json, ...path: string[]): number | null {
  let here: unknown = json;
  for (const key of path) here = object(here)?.[key];
  return number(here);
}

/** Reads a run of `vllm bench serve`: milliseconds, totals over completed requests. */
function vllmPoint(run: Json, notes: string[]): MeasuredPoint | null {
  const completed = at(run, 'completed');
  const tpotMs = at(run, 'mean_tpot_ms') ?? at(run, 'median_tpot_ms');
  if (completed === null || tpotMs === null) return null;
  const input = at(run, 'total_input_tokens');
  const output = at(run, 'total_output_tokens') ?? at(run, 'total_output');
  const duration = at(run, 'duration');
  let concurrency = at(run, 'max_concurrency');
  const ttftMs = at(run, 'mean_ttft_ms') ?? at(run, 'median_ttft_ms');
  const outputTokens = output === null ? 0 : output / completed;
  if (concurrency === null && duration !== null) {
    // Little's law on what was measured.
    const endToEnd = ((ttftMs ?? 0) + Math.max(0, outputTokens - 1) * tpotMs) / 1000;
    concurrency = (completed / duration) * endToEnd;
    notes.push('The run states no max_concurrency: requests in flight are taken from rate and latency (Little).');
  }
  return {
    concurrency: concurrency ?? 0,
    inputTokens: input === null ? 0 : input / completed,
    outputTokens,
    ttft: ttftMs === null ? null : ttftMs / 1000,
    tpot: tpotMs / 1000,
    outputTokensPerS: at(run, 'output_throughput'),
  };
}

/** Seconds of a genai-perf latency, whose unit stands beside it (milliseconds in all published versions). */
function seconds(run: Json, metric: string): number | null {
  const value = at(run, metric, 'avg') ?? at(run, 'records', metric, 'avg');
  const unit = object(run[metric])?.['unit'] ?? object(object(run['records'])?.[metric])?.['unit'];
  if (value === null) return null;
  return unit === 's' || unit === 'sec'
    ? value
    : unit === 'ns'
      ? value / 1e9
      : unit === 'us'
        ? value / 1e6
        : value / 1000;
}

/** Reads a genai-perf or AIPerf export: metrics as objects with `unit` and `avg`. */
function genaiPoint(run: Json, notes: string[]): MeasuredPoint | null {
  const tpot = seconds(run, 'inter_token_latency') ?? seconds(run, 'output_token_latency');
  if (tpot === null) return null;
  const metric = (name: string): number | null => at(run, name, 'avg') ?? at(run, 'records', name, 'avg');
  const config = object(run['input_config']) ?? {};
  const stimulus = object(object(config['perf_analyzer'])?.['stimulus']);
  let concurrency =
    number(config['concurrency']) ?? number(stimulus?.['concurrency']) ?? at(config, 'loadgen', 'concurrency');
  const rate = metric('request_throughput');
  const latency = seconds(run, 'request_latency');
  if (concurrency === null && rate !== null && latency !== null) {
    concurrency = rate * latency;
    notes.push('The export states no concurrency: requests in flight are rate times latency (Little).');
  }
  notes.push('genai-perf leaves empty first chunks out of its time to first token.');
  return {
    concurrency: concurrency ?? 0,
    inputTokens: metric('input_sequence_length') ?? 0,
    outputTokens: metric('output_sequence_length') ?? 0,
    ttft: seconds(run, 'time_to_first_token'),
    tpot,
    outputTokensPerS: metric('output_token_throughput'),
  };
}

/**
 * Reads benchmark results as people paste them: one run or a list. Throws `benchmark` saying which run lacks what; extra
 * fields are ignored.
 */
export function readBenchmark(text: string): MeasuredFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // One run per line, as appended by --append-result.
    try {
      json = text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as unknown);
    } catch (cause) {
      throw new FlopsheetError('benchmark', 'This is not JSON.', { hint: HINT, cause });
    }
  }
  const runs = (Array.isArray(json) ? json : [json]).map(object);
  if (runs.length === 0 || runs.some((run) => run === null))
    throw new FlopsheetError('benchmark', 'The file holds no benchmark run.', { hint: HINT });
  const notes: string[] = [];
  let format: MeasuredFile['format'] = 'vllm-bench';
  const points = (runs as Json[]).map((run, i) => {
    const vllm = vllmPoint(run, notes);
    const point = vllm ?? genaiPoint(run, notes);
    if (vllm === null && point !== null) format = 'genai-perf';
    const where = `run ${i + 1}`;
    if (point === null)
      throw new FlopsheetError('benchmark', `Run ${i + 1} has neither mean_tpot_ms nor inter_token_latency.`, {
        where,
        hint: HINT,
      });
    for (const [name, value] of [
      ['requests in flight', point.concurrency],
      ['input tokens', point.inputTokens],
      ['output tokens', point.outputTokens],
      ['time per output token', point.tpot],
    ] as const)
      if (!(value > 0))
        throw new FlopsheetError('benchmark', `Run ${i + 1} states no ${name}.`, {
          where,
          hint: 'Run with a fixed --max-concurrency and save the full result.',
        });
    return point;
  });
  return { format, points, notes: [...new Set(notes)] };
}
