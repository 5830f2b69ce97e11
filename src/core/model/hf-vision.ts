import type { VisionTower } from './architecture.ts';
import type { JsonObject } from './hf-fields.ts';
import type { Families } from './hf-habits.ts';

/** Vision tower of a multimodal file; `tower` is null when its kind is not understood. */
export function visionOf(
  _vision: JsonObject,
  _config: JsonObject,
  _textWidth: number,
  _type: string,
  _families: Families,
): { tower: VisionTower | null } {
  return { tower: null };
}
