/** A model changed by the levers of the lab, and the sweeps over them. */
import type { Model } from '../../../src/core/model/architecture.ts';
import { atResolution, pruned, prunedLayers, scaled } from '../../../src/core/model/levers.ts';

export interface LeverSettings {
  /** Shares kept by pruning. */
  feedForward: number;
  heads: number;
  experts: number;
  channels: number;
  /** Factors. */
  width: number;
  depth: number;
  resolution: number;
}

export const AS_IT_IS: LeverSettings = {
  feedForward: 1,
  heads: 1,
  experts: 1,
  channels: 1,
  width: 1,
  depth: 1,
  resolution: 1,
};

/** The model with the levers pulled. Throws FlopsheetError when a share or factor is out of range. */
export function changed(model: Model, levers: LeverSettings): Model {
  if (model.kind === 'layers') {
    const kept = levers.channels === 1 ? model : prunedLayers(model, levers.channels);
    return levers.resolution === 1 ? kept : atResolution(kept, levers.resolution);
  }
  const { width, depth } = levers;
  const sized = width === 1 && depth === 1 ? model : scaled(model, { width, depth });
  const { feedForward, heads, experts } = levers;
  return feedForward === 1 && heads === 1 && experts === 1 ? sized : pruned(sized, { feedForward, heads, experts });
}

/** Widths, depths and resolutions of a sweep around a model. */
const FACTORS = [0.5, 0.75, 1, 1.5, 2];

/** One variant of a sweep: its name and the model. */
export function sweep(model: Model): { readonly label: string; readonly model: Model }[] {
  if (model.kind === 'layers')
    return [0.5, 0.71, 1, 1.29, 1.5, 2].flatMap((resolution) =>
      [0.5, 0.75, 1].map((channels) => ({
        label: `${resolution}× resolution, ${channels * 100} % of the channels`,
        model: changed(model, { ...AS_IT_IS, resolution, channels }),
      })),
    );
  return FACTORS.flatMap((width) =>
    FACTORS.map((depth) => ({
      label: `${width}× width, ${depth}× depth`,
      model: changed(model, { ...AS_IT_IS, width, depth }),
    })),
  );
}
