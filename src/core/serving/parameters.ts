import { FlopsheetError } from '../errors.ts';
import type { HardwareSpec } from '../cluster/hardware.ts';
import type { Efficiency } from './efficiency.ts';
import type { ServingPrecision } from './format.ts';

/** One parameter of the serving model: prior mean and standard deviation of its logarithm. */
export interface ServingPrior {
  readonly name: string;
  readonly mean: number;
  readonly sd: number;
}

/** Engines with parameters of their own; any other uses what they have in common. */
export const ENGINES = ['trtllm', 'sglang', 'vllm'] as const;
export type Engine = (typeof ENGINES)[number];

const ENGINE_NAMES: Readonly<Record<string, Engine>> = {
  trtllm: 'trtllm',
  tensorrtllm: 'trtllm',
  trt: 'trtllm',
  sglang: 'sglang',
  vllm: 'vllm',
};

/** Engine a name stands for. Throws `serving-engine` for an unknown one. */
export function engineOf(name: string): Engine {
  const engine = ENGINE_NAMES[name.toLowerCase().replace(/[^a-z]/g, '')];
  if (engine === undefined)
    throw new FlopsheetError('serving-engine', `"${name}" is not a serving engine with measured parameters.`, {
      where: 'engine',
      hint: `Use one of ${ENGINES.join(', ')}, or leave it out for what they have in common.`,
    });
  return engine;
}

const L = Math.log;
const US = 1e-6;
const p = (name: string, mean: number, sd: number): ServingPrior => ({ name, mean, sd });
/** Parameters each engine may shift. */
const BY_ENGINE: readonly (readonly [string, number])[] = [
  ['layer seconds', 0.25],
  ['expert layer seconds', 0.25],
  ['expert read', 0.2],
  ['prefill flop', 0.12],
  ['prefill expert flop', 0.35],
  ['prefill latent flop', 0.35],
  ['interference', 0.2],
  ['sequence seconds', 0.25],
];
/** Parameters chips without a 4-bit unit (the older designs) may shift. */
const BY_DESIGN: readonly (readonly [string, number])[] = [
  ['layer seconds', 0.25],
  ['weight read', 0.1],
  ['prefill flop', 0.1],
  ['prefill expert flop', 0.2],
  ['expert read', 0.15],
];

/**
 * Every parameter with its prior; the order is that of the fit file's vectors. Fractions and seconds as logarithms, shifts
 * as differences of logarithms. Prior means: serving-and-import.md §4 (grid fits of public Llama-70B runs) and
 * aiconfigurator's defaults (memory 0.8, 3 us an operation).
 */
export const SERVING_PRIORS: readonly ServingPrior[] = [
  p('weight read', L(0.85), 0.08),
  p('expert read', L(0.6), 0.3),
  p('cache read', L(0.6), 0.4),
  p('decode flop', L(0.5), 0.3),
  p('decode attention flop', L(0.3), 0.5),
  p('prefill flop', L(0.6), 0.12),
  p('prefill expert flop', L(0.3), 0.5),
  p('prefill attention flop', L(0.4), 0.2),
  p('prefill latent flop', L(0.25), 0.4),
  p('prefill recurrent flop', L(0.03), 0.7),
  p('layer seconds', L(25 * US), 0.4),
  p('latent layer seconds', L(15 * US), 0.6),
  p('recurrent layer seconds', L(15 * US), 0.6),
  p('expert layer seconds', L(25 * US), 0.5),
  p('index layer seconds', L(25 * US), 0.6),
  p('step seconds', L(500 * US), 0.7),
  p('sequence seconds', L(15 * US), 0.8),
  p('all-reduce seconds', L(6 * US), 0.4),
  p('all-reduce rate', L(0.5), 0.4),
  p('all-to-all seconds', L(25 * US), 0.6),
  p('all-to-all rate', L(0.4), 0.5),
  p('request seconds', L(15e-3), 0.7),
  p('prefill layer seconds', L(60 * US), 0.7),
  p('interference', L(0.9), 0.25),
  p('expert imbalance', L(0.3), 0.5),
  p('routing spread', L(0.9), 0.08),
  p('prefill queue', L(0.1), 0.7),
  p('fp8 prefill', L(0.85), 0.1),
  p('fp4 prefill', L(0.65), 0.15),
  p('4-bit weights', L(0.75), 0.15),
  p('4-bit experts', L(0.9), 0.2),
  p('older software', 0.1, 0.1),
  ...ENGINES.flatMap((engine) => BY_ENGINE.map(([name, sd]) => p(`${engine}: ${name}`, 0, sd))),
  ...BY_DESIGN.map(([name, sd]) => p(`no 4-bit unit: ${name}`, 0, sd)),
];

export const SERVING_PARAMETER_NAMES: readonly string[] = SERVING_PRIORS.map((prior) => prior.name);
/** What the parameters are read for. `softwareYear`: when the engine was built (decimal year). */
export interface EfficiencyFor {
  readonly engine: Engine | null;
  readonly hardware: HardwareSpec;
  readonly precision: ServingPrecision;
  readonly softwareYear: number;
}

const fraction = (x: number): number => Math.min(0.98, Math.max(0.01, x));

const AT = Object.fromEntries(SERVING_PARAMETER_NAMES.map((name, i) => [name, i]));

/** Efficiencies and overheads of an engine on a chip at a precision under parameters `theta`. */
export function efficiencyOf(theta: Float64Array, of: EfficiencyFor): Efficiency {
  const old = of.hardware.fp4FlopPerS === null;
  const value = (name: string): number => {
    let log = theta[AT[name]!]!;
    if (of.engine !== null) {
      const shift = AT[`${of.engine}: ${name}`];
      if (shift !== undefined) log += theta[shift]!;
    }
    if (old) {
      const shift = AT[`no 4-bit unit: ${name}`];
      if (shift !== undefined) log += theta[shift]!;
    }
    return Math.exp(log);
  };
  const narrow = of.precision === 'fp4' || of.precision === 'int4';
  const low =
    of.precision === 'fp8' && of.hardware.fp8FlopPerS !== null
      ? value('fp8 prefill')
      : of.precision === 'fp4' && of.hardware.fp4FlopPerS !== null
        ? value('fp4 prefill')
        : 1;
  const age = Math.exp(theta[AT['older software']!]! * Math.min(1.5, Math.max(-1, 2026.1 - of.softwareYear)) * 2);
  return {
    weightRead: fraction(value('weight read')),
    narrowRead: fraction(value('weight read') * value('4-bit weights')),
    expertRead: fraction(value('expert read') * (narrow ? value('4-bit experts') : 1)),
    cacheRead: fraction(value('cache read')),
    decodeFlop: fraction(value('decode flop')),
    decodeAttentionFlop: fraction(value('decode attention flop')),
    prefillFlop: fraction(value('prefill flop') * low),
    prefillExpertFlop: fraction(value('prefill expert flop') * low),
    prefillAttentionFlop: fraction(value('prefill attention flop')),
    prefillLatentFlop: fraction(value('prefill latent flop')),
    prefillRecurrentFlop: fraction(value('prefill recurrent flop')),
    layerSeconds: value('layer seconds') * age,
    latentLayerSeconds: value('latent layer seconds') * age,
    recurrentLayerSeconds: value('recurrent layer seconds') * age,
    expertLayerSeconds: value('expert layer seconds') * age,
    indexLayerSeconds: value('index layer seconds') * age,
    stepSeconds: value('step seconds'),
    sequenceSeconds: value('sequence seconds'),
    allReduceSeconds: value('all-reduce seconds'),
    allReduceRate: fraction(value('all-reduce rate')),
    allToAllSeconds: value('all-to-all seconds'),
    allToAllRate: fraction(value('all-to-all rate')),
    requestSeconds: value('request seconds'),
    prefillLayerSeconds: value('prefill layer seconds'),
    interference: value('interference'),
    expertImbalance: value('expert imbalance'),
    routingSpread: Math.min(1, value('routing spread')),
    prefillQueue: value('prefill queue'),
  };
}
