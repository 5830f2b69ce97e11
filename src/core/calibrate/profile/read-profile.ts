/** A log or profile of any kind this app reads: the kind is told by how the file begins. */
import type { LogContext, LogSummary } from '../summarize-log.ts';
import { summarizeLog } from '../summarize-log.ts';
import { readLogSteps } from '../read-log.ts';
import { readKineto, type KinetoSummary } from './kineto.ts';
import { peek } from './lines.ts';
import { isNcuHeader, readNcu, type NcuSummary } from './ncu.ts';
import { isSmiHeader, readNvidiaSmi, type SmiSummary } from './nvidia-smi.ts';
import { isOpTable, readOpTable, type CountedAs, type OpSummary } from './op-table.ts';

export type ProfileSummary =
  { readonly kind: 'training'; readonly summary: LogSummary } | SmiSummary | NcuSummary | KinetoSummary | OpSummary;

/** Characters looked at to tell the kind. */
const HEAD = 65_536;

/** The kind of a file by its beginning; a training log when nothing else is recognised. */
export function profileKind(head: string): ProfileSummary['kind'] {
  const start = head.replace(/^\uFEFF/, '').trimStart();
  if (/^[[{]/.test(start) && /"traceEvents"|"ph"\s*:|"schemaVersion"/.test(start)) return 'kineto';
  const lines = start.split(/\r\n|\n|\r/);
  if (lines.some(isNcuHeader)) return 'ncu';
  if (lines.some((line) => line.length < 5_000 && isSmiHeader(line))) return 'nvidia-smi';
  return lines.some((line) => line.length < 5_000 && isOpTable(line)) ? 'op-table' : 'training';
}

/** Reads a file of any kind as a stream. Throws FlopsheetError with what, where and how to mend it. */
export async function readProfile(
  chunks: AsyncIterable<string>,
  name: string,
  context: LogContext & { readonly counted?: CountedAs } = {},
): Promise<ProfileSummary> {
  const { head, all } = await peek(chunks, HEAD);
  switch (profileKind(head)) {
    case 'kineto':
      return readKineto(all, name);
    case 'ncu':
      return readNcu(all, name);
    case 'nvidia-smi':
      return readNvidiaSmi(all, name);
    case 'op-table':
      return readOpTable(all, name, context.counted);
    default: {
      const thinned: string[] = [];
      const steps = await readLogSteps(all, name, (every) =>
        thinned.push(`the log is long: every ${every}th step was kept`),
      );
      const summary = summarizeLog(steps, context);
      return { kind: 'training', summary: { ...summary, notes: [...thinned, ...summary.notes] } };
    }
  }
}

/** A trace with step times as a log whose MFU a run can take: speed from the steps, tokens from the run's batch. */
export function kinetoAsLog(trace: KinetoSummary): LogSummary | null {
  if (trace.stepSP50 === null) return null;
  return {
    format: 'kineto',
    points: trace.steps.length,
    excluded: 0,
    stepSP50: trace.stepSP50,
    stepSP99: trace.stepSP99,
    drift: null,
    batchSequences: null,
    tokensPerS: null,
    tokensPerSPerChip: null,
    flopPerSPerChip: null,
    hardwareFlopPerSPerChip: null,
    mfu: null,
    hfu: null,
    notes: [...trace.notes, 'profiled steps are slower than others: the profiler costs time'],
  };
}
