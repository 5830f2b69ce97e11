/** Functions over serving: latency, throughput and memory of a deployment, and the size that is cheapest over a model's life. */
import { FlopsheetError } from '../../errors.ts';
import { hardwareFromCatalogRow } from '../../cluster/hardware.ts';
import type { FunctionDef, LibraryContext } from '../../formula/function.ts';
import type { Architecture } from '../../model/architecture.ts';
import { inferenceAwareOptimum, type InferenceAwareOptimum } from '../../scaling/inference-aware.ts';
import { findLaw } from '../../scaling/laws.ts';
import type { Deployment } from '../../serving/deployment.ts';
import { SERVING_BOTTLENECKS } from '../../serving/bottleneck.ts';
import { estimateServing, type ServingEstimate } from '../../serving/estimate.ts';
import { SERVING_PRECISIONS, servingPrecision } from '../../serving/format.ts';
import { ENGINES, engineOf } from '../../serving/parameters.ts';
import { SHIPPED_SERVING_FIT } from '../../serving/shipped-fit.ts';

export const SERVING_ENGINES: readonly string[] = ['any', ...ENGINES];

const PARAMS = [
  { name: 'model', type: 'reference:model' },
  { name: 'hardware', type: 'reference:hardware' },
  { name: 'precision', type: `choice:${SERVING_PRECISIONS.join('|')}` },
  { name: 'engine', type: `choice:${SERVING_ENGINES.join('|')}` },
  { name: 'chips', type: 'chip', doc: 'chips of one replica' },
  { name: 'input_tokens', type: 'token' },
  { name: 'output_tokens', type: 'token' },
  { name: 'prefix_hit', type: '1', doc: 'share of input tokens found in the prefix cache' },
  { name: 'in_flight', type: 'request', doc: 'requests in flight on the replica' },
] as const;

const EXAMPLE = '("llama-3-70b", "h100-sxm", "fp8", "vllm", 8 chip, 1024 token, 256 token, 0, 32 request)';
const SOURCE = 'roofline with efficiencies fitted on InferenceX points, see docs/accuracy.md';

/** The estimate of a replica; null with reasons when it cannot be made. */
function estimate(args: readonly number[], context: LibraryContext): ServingEstimate | null {
  const [model = 0, hardware = 0, precision = 0, engine = 0, chips = 0, input = 0, output = 0, hit = 0, inFlight = 0] =
    args;
  const key = context.text(model);
  const payload = context.payload('model', key) as Architecture | undefined;
  if (payload?.kind !== 'transformer') {
    context.because(`the architecture of "${key}" is not known`);
    context.because('choose a model of the catalog that has one, or drop its config.json on the app');
    return null;
  }
  const chip = context.text(hardware);
  const row = context.rows('hardware').get(chip);
  if (!row) {
    context.because(`there is no chip "${chip}" in the catalog`);
    context.because('choose a chip from the catalog');
    return null;
  }
  try {
    const name = context.text(engine);
    const d: Deployment = {
      architecture: payload,
      hardware: hardwareFromCatalogRow(row.fields),
      chips: Math.round(chips),
      engine: name === 'any' ? null : engineOf(name),
      precision: servingPrecision(context.text(precision)),
      request: { inputTokens: input, outputTokens: output, prefixHit: hit },
    };
    if (!(inFlight > 0))
      throw new FlopsheetError('serving-input', 'No request is in flight.', { hint: 'Give one or more.' });
    const answer = estimateServing(d, SHIPPED_SERVING_FIT, inFlight);
    if (answer.fits) return answer;
    context.because(answer.message);
    if (answer.remedies.length > 0) context.because(`it would fit with ${answer.remedies.join(', or ')}`);
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    context.because(error.message);
    if (error.hint !== '') context.because(error.hint);
  }
  return null;
}

function ofReplica(
  name: string,
  result: string,
  doc: string,
  pick: (e: ServingEstimate) => number,
  breakdown = false,
): FunctionDef {
  return {
    name,
    group: 'serving',
    params: PARAMS,
    result,
    doc,
    example: `${name}${EXAMPLE}`,
    source: SOURCE,
    memo: true,
    expensive: true,
    compute: (args, context) => {
      const e = estimate(args, context);
      return e === null ? Number.NaN : pick(e);
    },
    ...(breakdown
      ? {
          breakdown: (args, context) => {
            const e = estimate(args, context);
            if (e === null) return [];
            const part = (label: string, value: number) => ({ label, value, unit: 's' });
            return [
              part('arithmetic', e.parts.arithmetic),
              part('reading weights', e.parts.weightRead),
              part('reading caches', e.parts.cache),
              part('exchange between chips', e.parts.communication),
              part('launches and scheduling', e.parts.overhead),
              part('prompts of other requests', e.parts.prefill),
            ];
          },
        }
      : {}),
  };
}

function lifetime(name: string, result: string, doc: string, pick: (o: InferenceAwareOptimum) => number): FunctionDef {
  return {
    name,
    group: 'serving',
    params: [
      { name: 'law', type: 'text', doc: 'id of a law, see `law list`' },
      { name: 'loss', type: '1', doc: 'loss to reach' },
      { name: 'input_tokens', type: 'token', doc: 'served over the model’s life' },
      { name: 'output_tokens', type: 'token' },
      { name: 'train_price', type: 'number', doc: 'price of a training FLOP; prices in one currency' },
      { name: 'serve_price', type: 'number', doc: 'price of a FLOP while serving' },
    ],
    result,
    doc,
    example: `${name}("besiroglu2024", 2.0, 1e13 token, 2e12 token, 1e-18, 5e-18)`,
    source: 'Sardana et al. 2023, equations 2 and 3',
    memo: true,
    expensive: true,
    compute: ([law, loss, input, output, train, serve], context) => {
      try {
        return pick(
          inferenceAwareOptimum(
            findLaw(context.text(law as number), context.laws()),
            { loss: loss as number },
            { inputTokens: input as number, outputTokens: output as number },
            { usdPerTrainFlop: train as number, usdPerInputFlop: serve as number, usdPerOutputFlop: serve as number },
          ),
        );
      } catch (error) {
        if (!(error instanceof FlopsheetError)) throw error;
        context.because(error.message);
        context.because(error.hint);
        return Number.NaN;
      }
    },
  };
}

export const SERVING_FUNCTIONS: readonly FunctionDef[] = [
  ofReplica(
    'serving_ttft',
    's',
    'Time to first token with that many requests in flight on a replica (closed loop).',
    (e) => e.ttft,
  ),
  ofReplica(
    'serving_tpot',
    's',
    'Time per output token with that many requests in flight on a replica (closed loop).',
    (e) => e.tpot,
    true,
  ),
  ofReplica(
    'serving_requests_per_s',
    'request/s',
    'Requests a replica finishes per second with that many in flight.',
    (e) => e.requestsPerS,
  ),
  ofReplica('serving_max_batch', 'request', 'Requests whose caches fit in the memory of a replica.', (e) => e.maxBatch),
  ofReplica(
    'serving_weights_gib',
    'GiB/chip',
    'Weights on each chip of a replica.',
    (e) => e.resolved.memory.weightBytes,
  ),
  {
    name: 'serving_bottleneck',
    group: 'serving',
    params: PARAMS,
    result: `choice:${SERVING_BOTTLENECKS.join('|')}`,
    doc: 'What limits a replica: compute, memory bandwidth, interconnect, capacity or overhead.',
    example: `serving_bottleneck${EXAMPLE}`,
    source: SOURCE,
    memo: true,
    expensive: true,
    compute: (args, context) => {
      const e = estimate(args, context);
      return e === null ? Number.NaN : context.textId(e.bottleneck);
    },
  },
  lifetime(
    'lifetime_optimal_params',
    'param',
    'Parameters of the model that reaches a loss at least cost of training and serving together.',
    (o) => o.params,
  ),
  lifetime(
    'lifetime_optimal_tokens',
    'token',
    'Tokens that model trains on: more than the compute-optimal one, because it is smaller.',
    (o) => o.tokens,
  ),
  lifetime(
    'lifetime_saving',
    '1',
    'Change of lifetime cost when the cheapest size over the whole life replaces the compute-optimal one of the same loss; below 0 is saved.',
    (o) => o.change,
  ),
];
