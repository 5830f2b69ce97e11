import { FlopsheetError } from '../errors.ts';
import { createRng } from '../uncertainty/rng.ts';

/** How long a step takes: by the number of sequences in it and the prompt tokens computed in it (seconds). */
export interface StepModel {
  /** Seconds of a step with n sequences; index 0 is a step that only computes prompts. Length `maxBatch` + 1. */
  readonly decodeSeconds: Float64Array;
  /** Seconds each prompt token adds to the step it is computed in. */
  readonly secondsPerPromptToken: number;
}

/** Step seconds `alpha + beta n`, as in queueing_des_continuous_batching.csv. */
export function linearSteps(alpha: number, beta: number, gamma: number, maxBatch: number): StepModel {
  return {
    decodeSeconds: Float64Array.from({ length: maxBatch + 1 }, (_, n) => alpha + beta * n),
    secondsPerPromptToken: gamma,
  };
}

export type LengthKind = 'exponential' | 'constant' | 'uniform';

/** What arrives. `uniform` lengths lie between 80 and 120 % of the mean. */
export interface Traffic {
  readonly requestsPerS: number;
  readonly inputTokens: number;
  readonly inputKind?: LengthKind;
  readonly outputTokens: number;
  readonly outputKind?: LengthKind;
  /** Answers are cut here (`max_tokens`); four times the mean unless given. */
  readonly maxOutputTokens?: number;
}

export interface SimulationOptions {
  readonly requests: number;
  readonly seed: number;
  /** Share of requests at the start that is not counted; 0.2. */
  readonly warmUp?: number;
  /** Called every few thousand requests with the share done; return false to stop. */
  readonly onProgress?: (share: number) => boolean;
}

/** p50, p95, p99 and mean of a latency, in seconds. */
export interface LatencySummary {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export type Simulation =
  | {
      readonly stable: true;
      readonly load: number;
      readonly capacityPerS: number;
      readonly requests: number;
      readonly ttft: LatencySummary;
      readonly tpot: LatencySummary;
      readonly endToEnd: LatencySummary;
      /** Sequences in a step, averaged over time. */
      readonly meanBatch: number;
      readonly simulatedSeconds: number;
      /** Latencies of every counted request in order of arrival, for limits and histograms. */
      readonly ttftSeconds: Float64Array;
      readonly tpotSeconds: Float64Array;
      readonly stopped: boolean;
    }
  | { readonly stable: false; readonly load: number; readonly capacityPerS: number; readonly reason: string };

/**
 * Requests per second a full batch serves: maxBatch / (output tokens * step), where each step also computes the prompts
 * of those that replace the finished ones.
 */
export function capacityPerS(steps: StepModel, inputTokens: number, outputTokens: number): number {
  let best = 0;
  for (let n = 1; n < steps.decodeSeconds.length; n++) {
    const step = steps.decodeSeconds[n]! + (n / outputTokens) * inputTokens * steps.secondsPerPromptToken;
    best = Math.max(best, n / (outputTokens * step));
  }
  return best;
}

function checkTraffic(traffic: Traffic, steps: StepModel): void {
  const positive = {
    requestsPerS: traffic.requestsPerS,
    inputTokens: traffic.inputTokens,
    outputTokens: traffic.outputTokens,
  };
  for (const [name, value] of Object.entries(positive))
    if (!(value > 0) || !Number.isFinite(value))
      throw new FlopsheetError('serving-traffic', `${name} is ${value}: it must be a number above zero.`, {
        where: name,
        hint: 'Give a rate and lengths above zero.',
      });
  if (steps.decodeSeconds.length < 2)
    throw new FlopsheetError('serving-memory', 'The replica holds no sequence: there is nothing to simulate.', {
      where: 'max_batch',
      hint: 'Use more chips, a narrower precision or a shorter context.',
    });
}

function summary(values: Float64Array): LatencySummary {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const at = (q: number): number => {
    const position = q * (n - 1);
    const low = Math.floor(position);
    const a = sorted[low] ?? 0;
    return a + (position - low) * ((sorted[Math.min(n - 1, low + 1)] ?? a) - a);
  };
  let sum = 0;
  for (const value of values) sum += value;
  return { mean: n === 0 ? 0 : sum / n, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

const PROGRESS_EVERY = 4096;

/**
 * Event simulation of continuous batching on one replica: Poisson arrivals; before each step, waiting requests take free
 * places in order of arrival and their prompts are computed in that step, which also yields their first token. Seeded and
 * deterministic. Above capacity there is no steady state: the answer says so and has no latencies.
 */
export function simulateServing(steps: StepModel, traffic: Traffic, options: SimulationOptions): Simulation {
  checkTraffic(traffic, steps);
  const capacity = capacityPerS(steps, traffic.inputTokens, traffic.outputTokens);
  const load = traffic.requestsPerS / capacity;
  if (load >= 1)
    return {
      stable: false,
      load,
      capacityPerS: capacity,
      reason: `${traffic.requestsPerS.toPrecision(3)} requests/s arrive and at most ${capacity.toPrecision(3)} can be served: the queue grows without end.`,
    };
  const n = options.requests;
  const draw = lengthDrawer(options.seed);
  const arrival = new Float64Array(n);
  const input = new Float64Array(n);
  const output = new Int32Array(n);
  const arrivals = createRng(options.seed, 1);
  const limit = traffic.maxOutputTokens ?? 4 * traffic.outputTokens;
  let clock = 0;
  for (let i = 0; i < n; i++) {
    clock -= Math.log(arrivals.uniform()) / traffic.requestsPerS;
    arrival[i] = clock;
    input[i] = draw(traffic.inputKind ?? 'constant', traffic.inputTokens, 2);
    output[i] = Math.min(limit, draw(traffic.outputKind ?? 'exponential', traffic.outputTokens, 3));
  }
  const run = runSteps(steps, arrival, input, output, options.onProgress);
  const from = Math.floor(n * (options.warmUp ?? 0.2));
  const to = run.finished;
  const count = Math.max(0, to - from);
  const ttft = new Float64Array(count);
  const tpot = new Float64Array(count);
  const whole = new Float64Array(count);
  for (let i = from; i < to; i++) {
    const tokens = output[i]!;
    ttft[i - from] = run.first[i]! - arrival[i]!;
    tpot[i - from] = tokens > 1 ? (run.last[i]! - run.first[i]!) / (tokens - 1) : 0;
    whole[i - from] = run.last[i]! - arrival[i]!;
  }
  const several = tpot.filter((_, i) => output[i + from]! > 1);
  return {
    stable: true,
    load,
    capacityPerS: capacity,
    requests: count,
    ttft: summary(ttft),
    tpot: summary(several),
    endToEnd: summary(whole),
    meanBatch: run.batchSeconds / run.seconds,
    simulatedSeconds: run.seconds,
    ttftSeconds: ttft,
    tpotSeconds: tpot,
    stopped: to < n,
  };
}

function lengthDrawer(seed: number): (kind: LengthKind, mean: number, stream: number) => number {
  const streams = new Map<number, ReturnType<typeof createRng>>();
  return (kind, mean, stream) => {
    if (kind === 'constant') return Math.max(1, Math.round(mean));
    let rng = streams.get(stream);
    if (rng === undefined) streams.set(stream, (rng = createRng(seed, stream)));
    const u = rng.uniform();
    return Math.max(1, Math.round(kind === 'uniform' ? mean * (0.8 + 0.4 * u) : -mean * Math.log(u)));
  };
}

interface Run {
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** Requests 0 to this one (excluded) are finished. */
  readonly finished: number;
  readonly seconds: number;
  readonly batchSeconds: number;
}

/**
 * Runs the steps. A sequence that enters at step s with m tokens ends with step s + m - 1, so finishing sequences are
 * kept in a ring of linked lists by their last step: a step costs the same whatever its batch.
 */
function runSteps(
  steps: StepModel,
  arrival: Float64Array,
  input: Float64Array,
  output: Int32Array,
  onProgress: SimulationOptions['onProgress'],
): Run {
  const n = arrival.length;
  const maxBatch = steps.decodeSeconds.length - 1;
  let longest = 1;
  for (const tokens of output) if (tokens > longest) longest = tokens;
  let size = 1;
  while (size <= longest) size *= 2;
  const mask = size - 1;
  const ring = new Int32Array(size).fill(-1);
  const next = new Int32Array(n).fill(-1);
  const first = new Float64Array(n);
  const last = new Float64Array(n);
  let waiting = 0;
  let running = 0;
  let done = 0;
  let step = 0;
  let clock = 0;
  let batchSeconds = 0;
  let reported = 0;
  while (done < n) {
    if (running === 0 && waiting < n && arrival[waiting]! > clock) clock = arrival[waiting]!;
    let prompt = 0;
    const entered = waiting;
    while (running < maxBatch && waiting < n && arrival[waiting]! <= clock) {
      const slot = (step + output[waiting]! - 1) & mask;
      next[waiting] = ring[slot]!;
      ring[slot] = waiting;
      prompt += input[waiting]!;
      running++;
      waiting++;
    }
    const seconds = steps.decodeSeconds[running]! + prompt * steps.secondsPerPromptToken;
    clock += seconds;
    batchSeconds += running * seconds;
    for (let i = entered; i < waiting; i++) first[i] = clock;
    const slot = step & mask;
    for (let i = ring[slot]!; i >= 0; i = next[i]!) {
      last[i] = clock;
      running--;
      done++;
    }
    ring[slot] = -1;
    step++;
    if (done - reported >= PROGRESS_EVERY) {
      reported = done;
      if (onProgress?.(done / n) === false) break;
    }
  }
  let finished = 0;
  while (finished < n && last[finished]! > 0) finished++;
  return { first, last, finished, seconds: clock, batchSeconds };
}
