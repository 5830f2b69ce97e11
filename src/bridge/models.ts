/** Models people bring, and the anatomy of any model of the catalog. */
import { FlopsheetError } from '../core/errors.ts';
import type { Architecture } from '../core/model/architecture.ts';
import { forwardFlopPerToken, hardwareFlopPerToken, trainFlopPerToken } from '../core/model/flops.ts';
import { architectureFromConfig } from '../core/model/hf-config.ts';
import { kvBytesPerToken } from '../core/model/kv.ts';
import { countParameters } from '../core/model/parameters.ts';
import { blockShapes, weightParams } from '../core/model/shapes.ts';
import { catalogRow, type Catalog } from '../core/sheet/catalog.ts';
import { FAMILIES } from '../import/model/families.ts';
import { putUserRow } from '../store/catalog.ts';
import type { WritableDb } from '../store/database.ts';
import type { ModelAnatomy, Results } from './contract.ts';

/**
 * Adds the model of a Hugging Face config.json to the catalog as the user's own. Throws FlopsheetError when the text is
 * not JSON or lacks what a model needs.
 */
export function importModel(db: WritableDb, name: string, file: string, now: number): Results['model.import'] {
  let json: unknown;
  try {
    json = JSON.parse(file);
  } catch (cause) {
    throw new FlopsheetError('FILE', `${name} is not JSON: ${(cause as Error).message}`, {
      where: name,
      hint: 'choose the config.json that lies beside the weights',
      cause,
    });
  }
  const { architecture, approximate, notes } = architectureFromConfig(json, FAMILIES, name);
  const count = countParameters(architecture);
  const row = putUserRow(
    db,
    {
      kind: 'model',
      name,
      fields: { architecture: JSON.stringify(architecture), approximate, import_notes: notes.join(' ') },
      source: `config.json of ${name}, imported`,
      asOf: new Date(now).toISOString().slice(0, 10),
      confidence: approximate ? 'approximate' : 'counted',
    },
    now,
  );
  return { key: row.key, paramsTotal: count.total, approximate, notes };
}

/** The anatomy of a catalog model at a sequence length in tokens. Throws `NOT_FOUND` when its architecture is not known. */
export function modelAnatomy(catalog: Catalog, key: string, seq: number): ModelAnatomy {
  const row = catalogRow(catalog, 'model', key);
  const architecture = row?.payload as Architecture | undefined;
  if (!row || !architecture)
    throw new FlopsheetError('NOT_FOUND', `the architecture of "${key}" is not known`, {
      where: key,
      hint: 'drop its config.json on the start screen',
    });
  const count = countParameters(architecture);
  const forward = forwardFlopPerToken(architecture, seq);
  const flopOf = new Map(forward.parts.map((part) => [part.part, part.weightFlop + part.coreFlop]));
  return {
    key: row.key,
    name: row.name,
    approximate: row.fields['approximate'] === 1,
    notes: row.fields['import_notes'] ? [String(row.fields['import_notes'])] : [],
    seq,
    paramsTotal: count.total,
    paramsActive: count.active,
    kvBytesPerToken: kvBytesPerToken(architecture),
    trainFlop: {
      sixN: trainFlopPerToken(architecture, seq, '6nd'),
      exactCausal: trainFlopPerToken(architecture, seq, 'exact_causal'),
      exactFull: trainFlopPerToken(architecture, seq, 'exact_full'),
      fullRecompute: hardwareFlopPerToken(architecture, seq, 'full'),
    },
    parts: count.parts.map(({ part, params, active }) => ({
      part,
      params,
      active,
      forwardFlop: flopOf.get(part) ?? 0,
    })),
    matrices: architecture.blocks.flatMap((group) =>
      blockShapes(group.block, architecture.hiddenSize, architecture.norm).weights.map((weight) => ({
        part: weight.part,
        name: weight.name,
        layers: group.count,
        inputs: weight.inputs,
        outputs: weight.outputs,
        copies: weight.stored,
        used: weight.used,
        params: weightParams(weight) * group.count,
      })),
    ),
  };
}
