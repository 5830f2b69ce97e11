/** What `predict` and `layout` are asked about: model, chip, batch, format, software date. */
import { readFileSync } from 'node:fs';
import {
  PRECISIONS,
  SHIPPED_PREDICTOR_FIT,
  STACKS,
  decimalYear,
  profileModel,
  readPredictorFit,
  trainingSetup,
  type HardwareSpec,
  type ModelProfile,
  type Precision,
  type PredictorFit,
  type Stack,
  type TrainingSetup,
} from '../core/cluster/index.ts';
import { FlopsheetError } from '../core/errors.ts';
import { textFlag, type Invocation } from './command.ts';
import { trainingHardware } from './cluster-context.ts';
import { assertFile, readModelArgument } from './models.ts';
import { numberFlag, wholeFlag } from './numbers.ts';
import { withCatalog } from './store.ts';

export interface TrainingQuestion {
  readonly name: string;
  readonly profile: ModelProfile;
  readonly hardware: HardwareSpec;
  readonly hardwareKey: string;
  readonly chips: number;
  readonly setup: TrainingSetup;
  readonly notes: readonly string[];
}

/** The value of a flag that must be given. Throws `ARG`. */
export function need<T>(value: T | undefined, command: string, flag: string, hint: string): T {
  if (value === undefined) throw new FlopsheetError('ARG', `${command} needs --${flag}`, { where: `--${flag}`, hint });
  return value;
}

/** One of some words given by a flag, in any case. Throws `ARG` with the words. */
export function choiceFlag<T extends string>(
  invocation: Invocation,
  flag: string,
  choices: readonly T[],
): T | undefined {
  const text = textFlag(invocation, flag);
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice === text.trim().toLowerCase().replaceAll('-', '_'));
  if (found === undefined)
    throw new FlopsheetError('ARG', `--${flag} is ${choices.join(', ')}, not "${text}"`, {
      where: `--${flag}`,
      hint: `choose one of ${choices.join(', ')}`,
    });
  return found;
}

/** Other spellings of a number format. */
const SPELLINGS: Readonly<Record<string, Precision>> = { nvfp4: 'fp4', mxfp4: 'fp4' };

function precisionFlag(invocation: Invocation): Precision | undefined {
  const spelled = SPELLINGS[textFlag(invocation, 'precision')?.trim().toLowerCase() ?? ''];
  return spelled ?? choiceFlag(invocation, 'precision', PRECISIONS);
}

/** Decimal year of `2025-06` or of a release named `25.06`. */
function stackYearFlag(invocation: Invocation): number | undefined {
  const text = textFlag(invocation, 'stack-date');
  if (text === undefined) return undefined;
  const release = /^(\d\d)\.(\d\d)/.exec(text);
  const year = release ? 2000 + Number(release[1]) + (Number(release[2]) - 0.5) / 12 : decimalYear(text);
  if (year === null)
    throw new FlopsheetError('ARG', `--stack-date is a date, not "${text}"`, {
      where: '--stack-date',
      hint: 'write for example 2025-06, or a release as 25.06',
    });
  return year;
}

/** Reads what both commands share; `batchSeqs` comes from the sequence length. Throws FlopsheetError naming the flag. */
export async function trainingQuestion(
  invocation: Invocation,
  command: string,
  batchSeqs: (seqLen: number) => number,
): Promise<TrainingQuestion> {
  const modelName = need(textFlag(invocation, 'model'), command, 'model', 'a config.json or a catalog key');
  const chip = need(textFlag(invocation, 'hardware'), command, 'hardware', 'for example h100-sxm');
  const chips = need(wholeFlag(invocation, 'chips', 1, 10_000_000), command, 'chips', 'for example 64');
  const seqLen = need(wholeFlag(invocation, 'seq', 1, 100_000_000), command, 'seq', 'tokens, for example 4096');
  const model = await readModelArgument(modelName, invocation);
  if (model.architecture?.kind !== 'transformer')
    throw new FlopsheetError('MODEL', `the architecture of ${model.name} is not known: its step cannot be timed`, {
      where: '--model',
      hint: 'give its config.json',
    });
  const precision = precisionFlag(invocation);
  const stackYear = stackYearFlag(invocation);
  const stack: Stack | undefined = choiceFlag(invocation, 'stack', STACKS);
  const setup = trainingSetup({
    seqLen,
    batchSeqs: batchSeqs(seqLen),
    ...(precision === undefined ? {} : { precision }),
    ...(stackYear === undefined ? {} : { stackYear }),
    ...(stack === undefined ? {} : { stack }),
  });
  const { key, hardware } = await withCatalog(invocation, (catalog, store) => trainingHardware(catalog, store, chip));
  return {
    name: model.name,
    profile: profileModel(model.architecture, seqLen, setup.multiTokenPrediction),
    hardware,
    hardwareKey: key,
    chips,
    setup,
    notes: model.notes,
  };
}

/** The fit `--fit` names, written by `predict --csv FILE --refit OUT.json`; else the one that ships with the product. */
export function fitFlag(invocation: Invocation): PredictorFit {
  const file = textFlag(invocation, 'fit');
  if (file === undefined) return SHIPPED_PREDICTOR_FIT;
  assertFile(file, 10_000_000, 'name a fit written by predict --csv FILE --refit OUT.json');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new FlopsheetError('FILE', `${file} is not JSON`, {
      where: '--fit',
      hint: 'name a fit written by predict --csv FILE --refit OUT.json',
    });
  }
  return readPredictorFit(json);
}

/** The batch in sequences. */
export function batchSeqsFlag(invocation: Invocation): number {
  const value = need(
    numberFlag(invocation, 'batch-seqs'),
    'predict',
    'batch-seqs',
    'sequences a step, for example 512',
  );
  if (!Number.isInteger(value) || value < 1)
    throw new FlopsheetError('ARG', `a batch of ${value} sequences cannot be trained on`, {
      where: '--batch-seqs',
      hint: `use ${Math.max(1, Math.round(value) || 1)}`,
    });
  return value;
}
