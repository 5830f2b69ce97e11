import type { Architecture } from '../model/architecture.ts';
import type { HardwareSpec } from '../cluster/hardware.ts';
import { decimalYear } from '../cluster/hardware.ts';
import type { CaseContext, CaseRow } from '../cluster/cases/case.ts';
import { integerIn, numberIn } from '../cluster/cases/case.ts';
import { FlopsheetError } from '../errors.ts';
import type { ServingPrecision } from './format.ts';
import { servingPrecision } from './format.ts';
import type { ServingLayout } from './layout.ts';
import type { Engine } from './parameters.ts';
import { engineOf } from './parameters.ts';

/** Columns a table of closed-loop serving points has (data/check/inferencex_silicon_points.csv). */
export const SERVING_COLUMNS = ['model', 'system', 'backend', 'precision', 'isl', 'osl', 'concurrency', 'tp'] as const;

/** The benchmark draws each length evenly between 80 and 100 % of the nominal one (InferenceX, `--random-range-ratio 0.8`). */
const MEAN_LENGTH = 0.9;
/** When a row states no date: the middle of the fitted ones. */
const USUAL_YEAR = 2026.1;

/** One row of a table of serving points, read without its measured columns. */
export interface ServingCase {
  readonly row: number;
  readonly model: string;
  readonly chip: string;
  readonly architecture: Architecture | null;
  readonly hardware: HardwareSpec | null;
  readonly engine: Engine | null;
  readonly precision: ServingPrecision;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly nominalInput: number;
  readonly nominalOutput: number;
  readonly concurrency: number;
  /** Of the replica that decodes. */
  readonly layout: ServingLayout;
  /** Replicas that decode, each with its share of the concurrency. */
  readonly replicas: number;
  /** Chips that only compute prompts; 0 when the same chips do both. */
  readonly prefillChips: number;
  readonly prefillLayout: ServingLayout | null;
  readonly separatePrefill: boolean;
  readonly softwareYear: number;
  readonly notes: readonly string[];
  /** Why the row cannot be answered; empty when it can. */
  readonly refused: string;
}

/** Cells of the layout columns, empties and zeros as null. */
const degree = (text: string | undefined): number | null => {
  const value = integerIn(text, 0);
  return value >= 1 ? value : null;
};

function readLayout(row: CaseRow): { layout: ServingLayout; notes: string[] } {
  const notes: string[] = [];
  const pp = degree(row['pp']) ?? 1;
  let tp = degree(row['tp']) ?? 1;
  let dp = degree(row['attn_dp']) ?? 1;
  let ep = degree(row['moe_ep']) ?? 1;
  const moeTp = degree(row['moe_tp']);
  if (moeTp !== null && ep > 1 && moeTp === ep && tp * dp === ep * ep) {
    // Such rows print tensor-parallel and expert-parallel width of the same chips and multiply them.
    notes.push(`Read as ${ep} chips: tensor and expert parallelism share them.`);
    tp = dp > 1 ? 1 : ep;
    dp = dp > 1 ? ep : 1;
  }
  const width = tp * dp;
  if (width % ep !== 0) {
    notes.push(`${ep} expert groups do not divide ${width} chips: expert parallelism is left out.`);
    ep = 1;
  }
  return { layout: { tp, dp, pp, ep, moeTp: width / ep }, notes };
}

function splitLayout(tp: number, dp: number): ServingLayout {
  // The printed data-parallel width counts ranks inside the same chips; wider than a server means one rank per chip.
  const groups = tp > 8 ? tp : Math.max(1, dp);
  const width = Math.max(tp, groups);
  return { tp: width / groups, dp: groups, pp: 1, ep: groups > 1 ? width : 1, moeTp: groups > 1 ? 1 : width };
}

/** Largest power of two that divides a whole number. */
const largestPowerOfTwoIn = (n: number): number => n & -n;

/** Reads a row. Throws nothing: `refused` says what is wrong with it. */
export function readServingCase(row: CaseRow, index: number, context: CaseContext): ServingCase {
  let refused = '';
  const refuse = (reason: string): void => void (refused ||= reason);
  const notes: string[] = [];
  const model = (row['model'] ?? '').trim();
  const chip = (row['system'] ?? '').trim();
  const architecture = context.architecture(model) ?? context.architecture(model.split(/--|\//).at(-1) ?? model);
  const hardware = context.hardware(chip);
  if (architecture === null)
    refuse(`The architecture of "${model}" is not known: give its config.json with --configs.`);
  if (hardware === null) refuse(`The chip "${chip}" is not in the catalog: add it, or use a name the catalog knows.`);
  let engine: Engine | null = null;
  let precision: ServingPrecision = 'bf16';
  try {
    engine = engineOf(row['backend'] ?? '');
    if ((row['precision'] ?? '').trim() === '') notes.push('Precision not printed: bf16 assumed.');
    else precision = servingPrecision(row['precision'] ?? '');
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    refuse(`${error.message} ${error.hint}`);
  }
  const isl = numberIn(row['isl']) ?? 0;
  const osl = numberIn(row['osl']) ?? 0;
  if (!(isl >= 1 && osl >= 1)) refuse('The row states no input or output length.');
  const concurrency = numberIn(row['concurrency']) ?? 0;
  if (!(concurrency >= 1)) refuse('The row states no concurrency.');
  const printed = readLayout(row);
  let layout = printed.layout;
  let layoutNotes = printed.notes;
  let replicas = 1;
  let prefillChips = 0;
  let prefillLayout: ServingLayout | null = null;
  let separatePrefill = (row['mode'] ?? '').trim() === 'disagg';
  if (separatePrefill) {
    layout = splitLayout(degree(row['decode_tp']) ?? layout.tp, degree(row['decode_dp']) ?? 1);
    replicas = degree(row['decode_workers']) ?? 1;
    prefillLayout = splitLayout(degree(row['prefill_tp']) ?? 1, degree(row['prefill_dp']) ?? 1);
    prefillChips = (degree(row['prefill_workers']) ?? 1) * prefillLayout.tp * prefillLayout.dp;
    layoutNotes =
      degree(row['decode_workers']) === null
        ? ['The number of workers is not printed: one of each kind is assumed.']
        : [];
  } else if (layout.tp * layout.dp > 8) {
    // More than eight chips of one aggregated row are prefill and decode workers added up.
    const chips = layout.tp * layout.dp;
    const decode = Math.max(4, 8 * Math.ceil(chips / 8 - 1));
    prefillChips = chips - decode;
    layoutNotes = [`${chips} chips in one row are read as ${decode} that decode and ${prefillChips} that prefill.`];
    separatePrefill = true;
    prefillLayout = splitLayout(Math.min(4, prefillChips), 1);
    const wide = concurrency > 4 * decode;
    const group = wide ? largestPowerOfTwoIn(decode) : Math.min(8, decode);
    layout = splitLayout(group, wide ? group : 1);
    replicas = decode / group;
  }
  notes.push(...layoutNotes);
  if (hardware !== null && precision === 'fp4' && hardware.fp4FlopPerS === null)
    notes.push('The chip has no 4-bit units: 4-bit weights, 16-bit products.');
  return {
    row: index,
    model,
    chip,
    architecture,
    hardware,
    engine,
    precision,
    inputTokens: Math.max(1, isl * MEAN_LENGTH),
    outputTokens: Math.max(1, osl * MEAN_LENGTH),
    nominalInput: isl,
    nominalOutput: osl,
    concurrency,
    layout,
    replicas,
    prefillChips,
    prefillLayout,
    separatePrefill,
    softwareYear: decimalYear(row['measured']) ?? USUAL_YEAR,
    notes,
    refused,
  };
}
