import { FlopsheetError } from '../errors.ts';

/** A price per chip-hour of progress, with what makes it dearer than the list price. */
export interface EffectivePrice {
  listPrice: number;
  /** share of billed hours that make progress, 0 to 1 */
  goodput: number;
  /** list price / goodput: price of an hour of progress */
  effectivePrice: number;
}

/** Price of an hour of progress: list price over goodput. Throws `payment_input`. */
export function effectivePrice(listPrice: number, goodput: number): EffectivePrice {
  positive(listPrice, 'price');
  if (!(goodput > 0 && goodput <= 1)) throw bad('goodput', goodput, 'Give a share above 0 and up to 1.');
  return { listPrice, goodput, effectivePrice: listPrice / goodput };
}

export interface SpotVerdict {
  spot: EffectivePrice;
  onDemand: EffectivePrice;
  worthIt: boolean;
  /** highest spot price at which spot still pays */
  breakEvenPrice: number;
}

/**
 * Spot against on demand, each through its own goodput (ETTR with the mean time to failure or preemption of its kind;
 * see cluster/reliability.ts): spot is worth it while p_spot / ETTR_spot < p_od / ETTR_od.
 */
export function spotVerdict(
  spotPrice: number,
  spotGoodput: number,
  onDemandPrice: number,
  onDemandGoodput: number,
): SpotVerdict {
  const spot = effectivePrice(spotPrice, spotGoodput);
  const onDemand = effectivePrice(onDemandPrice, onDemandGoodput);
  return {
    spot,
    onDemand,
    worthIt: spot.effectivePrice < onDemand.effectivePrice,
    breakEvenPrice: onDemand.effectivePrice * spotGoodput,
  };
}

export interface CommitmentVerdict {
  committedHours: number;
  usedHours: number;
  /** used over committed; hours beyond the commitment are bought on demand */
  utilisation: number;
  wasteHours: number;
  wasteCost: number;
  cost: number;
  /** price of an hour really used */
  effectivePrice: number | null;
  onDemandCost: number;
  saving: number;
  /** used / committed hours above which the commitment pays: committed price / on-demand price */
  breakEvenUtilisation: number;
}

/**
 * A reservation or other commitment against paying by the hour (all hours are chip-hours, prices per chip-hour).
 * Hours above the commitment cost the on-demand price. Throws `payment_input`.
 */
export function commitmentVerdict(
  committedHours: number,
  usedHours: number,
  committedPrice: number,
  onDemandPrice: number,
): CommitmentVerdict {
  positive(committedHours, 'committed hours');
  positive(committedPrice, 'committed price');
  positive(onDemandPrice, 'on-demand price');
  if (!(usedHours >= 0)) throw bad('used hours', usedHours, 'Give 0 or more.');
  const inside = Math.min(usedHours, committedHours);
  const cost = committedHours * committedPrice + (usedHours - inside) * onDemandPrice;
  const onDemandCost = usedHours * onDemandPrice;
  return {
    committedHours,
    usedHours,
    utilisation: inside / committedHours,
    wasteHours: committedHours - inside,
    wasteCost: (committedHours - inside) * committedPrice,
    cost,
    effectivePrice: usedHours === 0 ? null : cost / usedHours,
    onDemandCost,
    saving: onDemandCost - cost,
    breakEvenUtilisation: committedPrice / onDemandPrice,
  };
}

/**
 * A capacity block: instances for a fixed window, paid in advance. Gives total, price per chip-hour, and the price
 * per chip-hour used when the work needs only `usedHours` (wall hours) of the window.
 */
export function capacityBlock(
  instances: number,
  chipsPerInstance: number,
  windowHours: number,
  pricePerInstanceHour: number,
  usedHours = windowHours,
): { upfront: number; perChipHour: number; perUsedChipHour: number | null; wasteCost: number } {
  for (const [value, name] of [
    [instances, 'instances'],
    [chipsPerInstance, 'chips per instance'],
    [windowHours, 'window'],
    [pricePerInstanceHour, 'price'],
  ] as const) {
    positive(value, name);
  }
  if (!(usedHours >= 0)) throw bad('used hours', usedHours, 'Give 0 or more.');
  if (usedHours > windowHours)
    throw bad('used hours', usedHours, `A block of ${windowHours} h ends by itself: buy a longer one.`);
  const upfront = instances * windowHours * pricePerInstanceHour;
  const chips = instances * chipsPerInstance;
  return {
    upfront,
    perChipHour: pricePerInstanceHour / chipsPerInstance,
    perUsedChipHour: usedHours === 0 ? null : upfront / (chips * usedHours),
    wasteCost: instances * (windowHours - usedHours) * pricePerInstanceHour,
  };
}

/** An internal rate set to recover a cluster's yearly cost over the chip-hours it expects to sell. */
export function internalRate(yearlyCost: number, chips: number, expectedUtilisation: number): number {
  positive(yearlyCost, 'yearly cost');
  positive(chips, 'chips');
  if (!(expectedUtilisation > 0 && expectedUtilisation <= 1))
    throw bad('utilisation', expectedUtilisation, 'Give 0 to 1.');
  return yearlyCost / (chips * 8766 * expectedUtilisation);
}

function positive(value: number, name: string): void {
  if (!(value > 0) || !Number.isFinite(value))
    throw bad(name, value, 'Give a number above 0; unknown is not counted as 0.');
}

function bad(name: string, value: number, hint: string): FlopsheetError {
  return new FlopsheetError('payment_input', `The ${name} is ${value}.`, { hint, where: name });
}
