/** A model that comes from outside as data is checked before anything counts it. */
import { FlopsheetError } from '../errors.ts';
import type { Architecture, LayerList, Model } from './architecture.ts';
import { forwardFlopPerToken } from './flops.ts';
import { kvBytesPerToken } from './kv.ts';
import { layerTotals } from './layers.ts';
import { countParameters } from './parameters.ts';

/** Values a model holds at most (a graph of 200,000 layers), deepest nesting, longest name, largest number. */
const MOST_VALUES = 4_000_000;
const DEEPEST = 12;
const LONGEST = 1000;
const LARGEST = 1e18;

function refused(message: string): FlopsheetError {
  return new FlopsheetError('model-shape', `This is not a model: ${message}.`, {
    where: 'model',
    hint: 'Import it again from its config.json or weight file.',
  });
}

/** Every value is a plain one: finite and not negative, short, not too deep, not too many. */
function checkValues(value: unknown, left: { values: number }, depth = 0): void {
  left.values -= 1;
  if (left.values < 0 || depth > DEEPEST) throw refused('it holds too much');
  if (typeof value === 'number') {
    if (!(value >= 0 && value <= LARGEST)) throw refused(`it holds the number ${value}`);
  } else if (typeof value === 'string') {
    if (value.length > LONGEST) throw refused('it holds a text that is too long');
  } else if (Array.isArray(value)) for (const entry of value) checkValues(entry, left, depth + 1);
  else if (typeof value === 'object' && value !== null)
    for (const entry of Object.values(value)) checkValues(entry, left, depth + 1);
  else if (typeof value !== 'boolean' && value !== null) throw refused(`it holds a ${typeof value}`);
}

function checkLayers(list: LayerList): void {
  if (!Array.isArray(list.layers) || list.layers.length === 0) throw refused('it has no layers');
  for (const layer of list.layers)
    if (typeof layer.name !== 'string' || typeof layer.weighted !== 'boolean') throw refused('a layer has no name');
  const totals = layerTotals(list);
  if (!(totals.params >= 0 && totals.forwardMacs >= 0 && totals.activations >= 0)) throw refused('a count is missing');
}

function checkArchitecture(architecture: Architecture): void {
  const { blocks, layerOrder } = architecture;
  const counts = new Array<number>(blocks.length).fill(0);
  for (const group of layerOrder) counts[group] = (counts[group] ?? Number.NaN) + 1;
  if (blocks.some((group, at) => group.count !== counts[at])) throw refused('its layers and their order disagree');
  const count = countParameters(architecture);
  if (!Number.isSafeInteger(count.total) || count.total <= 0) throw refused('its parameters cannot be counted');
  const flop = forwardFlopPerToken(architecture, 4096).total;
  if (!Number.isFinite(flop) || !Number.isFinite(kvBytesPerToken(architecture)))
    throw refused('its FLOPs cannot be counted');
}

/**
 * The model in `value` (parsed JSON): numbers finite and not negative, layers in order, counts that come out. Throws
 * `model-shape` for anything else.
 */
export function checkModel(value: unknown): Model {
  checkValues(value, { values: MOST_VALUES });
  const model = value as Model;
  try {
    if (typeof model.name !== 'string') throw refused('it has no name');
    if (model.kind === 'layers') checkLayers(model);
    else if (model.kind === 'transformer') checkArchitecture(model);
    else throw refused('its kind is not known');
  } catch (error) {
    if (error instanceof FlopsheetError) throw error;
    throw refused('a part of it is missing');
  }
  return model;
}
