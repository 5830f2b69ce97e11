import { FlopsheetError } from '../errors.ts';

/**
 * The tensors of a weight file, grouped: names that differ only in their numbers and share shape and type are one
 * group, so that a file of a million tensors stays a short list.
 */
export interface TensorGroup {
  /** Name with every number between dots replaced by `#`. */
  readonly template: string;
  /** Logical shape, outermost first (packed types unpacked). */
  readonly shape: readonly number[];
  readonly type: string;
  /** Tensors of the group. */
  readonly count: number;
  /** Elements of all of them. */
  readonly params: number;
  /** Stored bytes of all of them. */
  readonly bytes: number;
  /** How many tensors each first number of the name has (layers), ascending by number; empty when the name has none. */
  readonly layers: ReadonlyMap<number, number>;
}

/** A weight file's content without its weights. */
export interface TensorInventory {
  readonly groups: readonly TensorGroup[];
  /** Trainable parameters: scales, zero points and buffers are not in it. */
  readonly params: number;
  readonly bytes: number;
  readonly tensors: number;
  /** Bytes by storage type. */
  readonly bytesByType: ReadonlyMap<string, number>;
}

/** Replaces every run of digits by `#`; returns the template and the first number (or -1). */
function templateOfAllNumbers(name: string): { template: string; layer: number } {
  const first = /\d+/.exec(name);
  return { template: name.replace(/\d+/g, '#'), layer: first === null ? -1 : Number(first[0]) };
}

/** Replaces numbers that stand between dots (or at the end) by `#`; returns the template and the first number (or -1). */
export function templateOf(name: string): { template: string; layer: number } {
  let layer = -1;
  let template = '';
  let from = 0;
  for (let at = 0; at < name.length;) {
    const code = name.charCodeAt(at);
    if (code >= 48 && code <= 57 && (at === 0 || name.charCodeAt(at - 1) === 46)) {
      let end = at;
      let value = 0;
      while (end < name.length && name.charCodeAt(end) >= 48 && name.charCodeAt(end) <= 57) {
        value = value * 10 + name.charCodeAt(end) - 48;
        end += 1;
      }
      if (end === name.length || name.charCodeAt(end) === 46) {
        if (layer < 0) layer = value;
        template += `${name.slice(from, at)}#`;
        from = end;
      }
      at = end;
    } else at += 1;
  }
  return { template: template + name.slice(from), layer };
}

/** Tensors that are not parameters: quantisation scales and maps, rotary tables, causal masks, statistics. */
const NOT_PARAMETERS =
  /(_scale|_scale_inv|\.scales?|_scales|scale_inv|qzeros|g_idx|zero_point|_zeros|absmax|quant_map|quant_state\S*|nested_\S*|weight_shape|SCB|weight_format|inv_freq|masked_bias|num_batches_tracked|running_mean|running_var|position_ids|rope_freqs\.weight|k_scale|v_scale|input_scale|weight_global_scale)$/;

/** Whether a tensor of this name and shape counts as a parameter; a four-dimensional `attn.bias` is a causal mask. */
export function isParameter(name: string, shape: readonly number[]): boolean {
  if (NOT_PARAMETERS.test(name)) return false;
  return !(shape.length === 4 && shape[0] === 1 && shape[1] === 1 && /(attn|attention)\.bias$/.test(name));
}

/** Layer numbers beyond this are not told apart. */
const MAX_LAYER = 10_000;

/** Groups beyond which every number of a name is left out, not only those between dots: models have a few hundred. */
const MANY_GROUPS = 4000;
/** Groups beyond which names are not told apart any more, and beyond which the file is refused. */
const NAMED_GROUPS = 20_000;
const MOST_GROUPS = 100_000;

/** A group while it is being filled. */
export interface OpenGroup extends Omit<TensorGroup, 'layers'> {
  count: number;
  params: number;
  bytes: number;
  /** Tensors by layer number; the map of the finished group is made from it. */
  readonly perLayer: number[];
  /** Elements of one tensor. */
  readonly each: number;
  /** Whether its tensors are parameters. */
  readonly counted: boolean;
}

/** Collects tensors one by one into groups. */
export class TensorCollector {
  private readonly byKey = new Map<string, OpenGroup>();
  private params = 0;
  private bytes = 0;
  private tensors = 0;

  /** Names follow no pattern of numbers between dots: all numbers are left out of templates from now on. */
  get unpatterned(): boolean {
    return this.byKey.size >= MANY_GROUPS;
  }

  /** Adds a tensor like one added before, in the same group. */
  addAlike(group: OpenGroup, layer: number, bytes: number): void {
    this.tensors += 1;
    this.bytes += bytes;
    group.bytes += bytes;
    group.count += 1;
    if (!group.counted) return;
    this.params += group.each;
    group.params += group.each;
    if (layer >= 0 && layer < MAX_LAYER) group.perLayer[layer] = (group.perLayer[layer] ?? 0) + 1;
  }

  /** Adds a tensor: `shape` logical, outermost first; `type` as stored; `bytes` stored. */
  add(name: string, shape: readonly number[], type: string, bytes: number): void {
    this.addAlike(this.group(name, shape, type), this.read(name).layer, bytes);
  }

  /** The group tensors of this name, shape and type belong to. */
  group(name: string, shape: readonly number[], type: string): OpenGroup {
    const counted = isParameter(name, shape);
    const template =
      this.byKey.size < NAMED_GROUPS ? this.read(name).template : counted ? 'further tensors' : 'further buffers';
    const key = `${template}|${type}|${shape.join('x')}`;
    let group = this.byKey.get(key);
    if (group === undefined) {
      if (this.byKey.size >= MOST_GROUPS)
        throw new FlopsheetError(
          'model-tensors',
          `More than ${MOST_GROUPS.toLocaleString('en-US')} tensors differ in shape or type: these are not the weights of a model.`,
          { where: name.slice(0, 80), hint: 'Choose the weight file of a model, or its config.json.' },
        );
      let each = 1;
      for (const dim of shape) each *= dim;
      group = {
        template,
        shape: [...shape],
        type,
        count: 0,
        params: 0,
        bytes: 0,
        perLayer: [],
        each,
        counted,
      };
      this.byKey.set(key, group);
    }
    return group;
  }

  private read(name: string): { template: string; layer: number } {
    return this.unpatterned ? templateOfAllNumbers(name) : templateOf(name);
  }

  finish(): TensorInventory {
    const bytesByType = new Map<string, number>();
    const groups: TensorGroup[] = [];
    for (const group of this.byKey.values()) {
      const { template, shape, type, count, params, bytes, perLayer } = group;
      bytesByType.set(type, (bytesByType.get(type) ?? 0) + bytes);
      const layers = new Map<number, number>();
      perLayer.forEach((tensors, layer) => void layers.set(layer, tensors));
      if (group.counted) groups.push({ template, shape, type, count, params, bytes, layers });
    }
    return { groups, params: this.params, bytes: this.bytes, tensors: this.tensors, bytesByType };
  }
}
