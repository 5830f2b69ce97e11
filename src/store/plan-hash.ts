import type { Plan } from '../core/document/plan.ts';
import { planToJson } from '../core/document/plan-file.ts';
import { canonicalJson, sha256 } from './canonical.ts';

/**
 * SHA-256 of a plan's content, in hex: the plan file with keys in one order and without the numbers of its samples, so that
 * a plan that was exported, copied and imported keeps its hash and any change of a cell gives another.
 */
export function planHash(plan: Plan): string {
  const { sources, ...content } = planToJson(plan);
  void sources;
  return sha256(canonicalJson(content));
}
