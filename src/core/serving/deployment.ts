import type { HardwareSpec } from '../cluster/hardware.ts';
import { FlopsheetError } from '../errors.ts';
import type { Architecture } from '../model/architecture.ts';
import type { Request } from './closed-loop.ts';
import type { Efficiency } from './efficiency.ts';
import type { KvFormat, ServingPrecision, WeightFormats } from './format.ts';
import { usualFormats } from './format.ts';
import type { ServingLayout } from './layout.ts';
import { checkServingLayout, chipsOfReplica, servingLayout } from './layout.ts';
import type { ServingMemory } from './memory.ts';
import { servingMemory } from './memory.ts';
import type { Engine } from './parameters.ts';
import { efficiencyOf } from './parameters.ts';
import type { ServingProfile } from './profile.ts';
import { servingProfile } from './profile.ts';
import type { ServingFit } from './serving-fit.ts';
import type { Replica } from './step.ts';

/** A deployment as it is asked for: a model on chips, by an engine, for requests of one kind. */
export interface Deployment {
  readonly architecture: Architecture;
  readonly hardware: HardwareSpec;
  readonly chips: number;
  readonly engine: Engine | null;
  readonly precision: ServingPrecision;
  readonly kv?: KvFormat;
  /** Left out: one replica over all chips, or as many as the fast domain holds. */
  readonly layout?: Partial<ServingLayout>;
  readonly request: Request;
  /** Chips that only compute prompts (disaggregated); they are among `chips`. */
  readonly prefillChips?: number;
  readonly memoryUtilisation?: number;
  readonly softwareYear?: number;
  /** Replaces fitted efficiencies, for example after a fit to one's own measurements. */
  readonly efficiency?: Partial<Efficiency>;
}

/** A deployment resolved: replicas, memory, efficiencies. */
export interface Resolved {
  readonly deployment: Deployment;
  readonly replica: Replica;
  readonly profile: ServingProfile;
  readonly replicas: number;
  readonly memory: ServingMemory;
  readonly efficiency: Efficiency;
  readonly prefillReplica: Replica | null;
  readonly notes: readonly string[];
}

/** Decimal year of the software when nothing is said. */
export const USUAL_SOFTWARE_YEAR = 2026.1;

/** Checks what every estimate needs. Throws `serving-input` naming the field. */
function checkDeployment(d: Deployment): void {
  const { inputTokens, outputTokens, prefixHit, speculation } = d.request;
  const bad = (what: string, where: string, hint: string): never => {
    throw new FlopsheetError('serving-input', what, { where, hint });
  };
  for (const [where, value] of [
    ['isl', inputTokens],
    ['osl', outputTokens],
  ] as const)
    if (!(value >= 1) || !Number.isFinite(value))
      bad(
        `${where === 'isl' ? 'The input' : 'The output'} has ${value} tokens: a request has at least one.`,
        where,
        'Give a length of 1 or more.',
      );
  if (!Number.isInteger(d.chips) || d.chips < 1)
    bad(`${d.chips} chips cannot serve: give a whole number from 1.`, 'chips', 'For example 8.');
  if (prefixHit !== undefined && !(prefixHit >= 0 && prefixHit < 1))
    bad(
      `A prefix-cache hit share of ${prefixHit} is not between 0 and 1.`,
      'prefix_hit',
      'Write 0.5 for half of the input tokens.',
    );
  if (
    speculation !== undefined &&
    !(speculation.acceptance >= 0 && speculation.acceptance <= 1 && speculation.draftTokens >= 1)
  )
    bad(
      'Speculative decoding needs at least one draft token and an acceptance between 0 and 1.',
      'speculation',
      'For example 3 tokens at 0.7.',
    );
}

/** Tensor-parallel width nobody asked for: all chips of the deployment, at most eight or the fast domain. */
function usualTp(d: Deployment, chips: number): number {
  const most = Math.min(chips, d.hardware.domainSize, 8);
  return 2 ** Math.floor(Math.log2(Math.max(1, most)));
}

/** Resolves a deployment: layout, replicas, memory and efficiencies. Throws what is wrong with the input; not fitting is an answer. */
export function resolveDeployment(d: Deployment, fit: ServingFit): Resolved {
  checkDeployment(d);
  const notes: string[] = [];
  const prefillChips = d.prefillChips ?? 0;
  const decodeChips = d.chips - prefillChips;
  if (!(prefillChips >= 0) || decodeChips < 1)
    throw new FlopsheetError('serving-input', `${prefillChips} of ${d.chips} chips for prompts leave none to decode.`, {
      where: 'prefill_chips',
      hint: 'Leave at least one chip for decoding.',
    });
  const profile = servingProfile(d.architecture);
  const layout = servingLayout({ ...d.layout, tp: d.layout?.tp ?? usualTp(d, decodeChips) });
  checkServingLayout(profile, layout);
  const width = chipsOfReplica(layout);
  const replicas = Math.floor(decodeChips / width);
  if (replicas < 1)
    throw new FlopsheetError('serving-layout', `A replica takes ${width} chips and there are ${decodeChips}.`, {
      where: 'chips',
      hint: `Use at least ${width} chips, or a smaller layout.`,
    });
  if (replicas * width < decodeChips)
    notes.push(`${decodeChips - replicas * width} of ${decodeChips} chips stay idle: a replica takes ${width}.`);
  const formats: WeightFormats = usualFormats(d.precision, profile.hasExperts, d.kv);
  const replica: Replica = { profile, hardware: d.hardware, formats, layout };
  const tokens = d.request.inputTokens + d.request.outputTokens;
  const fitted = efficiencyOf(fit.theta, {
    engine: d.engine,
    hardware: d.hardware,
    precision: d.precision,
    softwareYear: d.softwareYear ?? USUAL_SOFTWARE_YEAR,
  });
  const prefillTp = Math.max(1, Math.min(prefillChips, layout.tp * layout.dp));
  return {
    deployment: d,
    replica,
    profile,
    replicas,
    memory: servingMemory(profile, d.hardware, formats, layout, tokens, d.memoryUtilisation),
    efficiency: { ...fitted, ...d.efficiency },
    prefillReplica: prefillChips > 0 ? { ...replica, layout: servingLayout({ tp: prefillTp }) } : null,
    notes,
  };
}
