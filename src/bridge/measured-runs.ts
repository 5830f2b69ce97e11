/** A training log used in a run: what the row knows, and the commands that put the measured MFU there. */
import { measuredRun, measuredSource, type MeasuredRun, type RunFacts } from '../core/calibrate/measured-run.ts';
import type { LogSummary } from '../core/calibrate/summarize-log.ts';
import type { Command, Plan } from '../core/document/plan.ts';
import { FlopsheetError } from '../core/errors.ts';
import { RowReader } from '../core/plan/programme/row-reader.ts';
import { nearest } from '../core/quantity/nearest.ts';
import type { Sheet } from '../core/sheet/sheet.ts';

/** What the row of a run knows of what a log leaves out. Throws `NOT_FOUND` naming the nearest run. */
function runFacts(sheet: Sheet, run: string): RunFacts {
  const { keys, rowNumber } = sheet.state.tables.runs;
  const row = rowNumber.get(run);
  if (row === undefined) {
    const guess = nearest(run, keys);
    throw new FlopsheetError('NOT_FOUND', `the plan has no run "${run}"`, {
      where: run,
      hint: guess ? `did you mean "${guess}"?` : `runs: ${keys.slice(0, 20).join(', ')}`,
    });
  }
  const read = new RowReader(sheet, 'runs');
  const number = (id: string): number | null => {
    const value = read.number(id, row);
    return Number.isFinite(value) ? value : null;
  };
  return {
    seqLen: number('seq_len'),
    batchTokens: number('batch_tokens'),
    chips: number('chips'),
    peakFlopPerS: number('peak_flop_per_s'),
    trainFlopPerToken: number('train_flop_per_token'),
  };
}

/** MFU of a log for a run of an evaluated sheet. Throws what `measuredRun` throws. */
export function measureRun(sheet: Sheet, run: string, summary: LogSummary, chips: number | undefined): MeasuredRun {
  const facts = runFacts(sheet, run);
  return measuredRun(summary, chips === undefined ? facts : { ...facts, chips });
}

/** The commands that make a run use a measured MFU: the number, its source, and no typed MFU in its way. */
export function useCommands(
  plan: Plan,
  run: string,
  file: { readonly name: string; readonly date: string },
  summary: LogSummary,
  measured: MeasuredRun,
): Command[] {
  const cells = plan.tables.runs.find((row) => row.key === run)?.cells ?? {};
  const set = (column: string, to: string | null): Command => ({ set: ['runs', run, column], to });
  return [
    set('mfu_measured', String(Number(measured.mfu.toPrecision(6)))),
    set('mfu_measured_source', measuredSource(file, summary, measured)),
    set('mfu_mode', 'measured'),
    ...(cells['mfu'] === undefined ? [] : [set('mfu', null)]),
  ];
}
