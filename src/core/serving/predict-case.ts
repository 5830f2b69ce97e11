import type { ServingCase } from './cases.ts';
import type { ClosedLoop } from './closed-loop.ts';
import { closedLoop } from './closed-loop.ts';
import { usualFormats } from './format.ts';
import { servingMemory } from './memory.ts';
import { efficiencyOf } from './parameters.ts';
import { servingProfile } from './profile.ts';
import type { Replica } from './step.ts';
import { prefillStep } from './step.ts';

/** A case with everything that does not depend on fitted parameters. */
export interface PreparedCase {
  readonly source: ServingCase;
  readonly replica: Replica;
  readonly prefillReplica: Replica | null;
  readonly maxBatch: number;
}

/** Prepares an answerable case. `null` when the case was refused. */
export function prepareCase(c: ServingCase): PreparedCase | null {
  if (c.refused !== '' || c.architecture === null || c.hardware === null) return null;
  const profile = servingProfile(c.architecture);
  const formats = usualFormats(c.precision, profile.hasExperts);
  const layout = c.layout;
  const memory = servingMemory(profile, c.hardware, formats, layout, c.inputTokens + c.outputTokens);
  return {
    source: c,
    replica: { profile, hardware: c.hardware, formats, layout },
    prefillReplica:
      c.prefillLayout === null ? null : { profile, hardware: c.hardware, formats, layout: c.prefillLayout },
    // A row that was measured fitted: the estimate of memory never forbids one sequence in each group.
    maxBatch: Math.max(layout.dp, memory.maxBatch),
  };
}

/** Closed-loop answer of a prepared case under parameters `theta`. */
export function answerPrepared(theta: Float64Array, p: PreparedCase): ClosedLoop {
  const c = p.source;
  const e = efficiencyOf(theta, {
    engine: c.engine,
    hardware: p.replica.hardware,
    precision: c.precision,
    softwareYear: c.softwareYear,
  });
  const request = { inputTokens: c.inputTokens, outputTokens: c.outputTokens };
  const loop = closedLoop(p.replica, e, request, c.concurrency / c.replicas, p.maxBatch, c.separatePrefill);
  if (p.prefillReplica === null) return loop;
  const prefill = prefillStep(p.prefillReplica, e, c.inputTokens).total;
  const ttft = loop.ttft - loop.prefillSeconds + prefill;
  return { ...loop, ttft, prefillSeconds: prefill, endToEnd: loop.endToEnd - loop.ttft + ttft };
}
