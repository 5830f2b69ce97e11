import { createReadStream } from 'node:fs';
import { summarizeLog, type LogSummary } from '../../core/calibrate/summarize-log.ts';
import { readLogSteps } from '../../core/calibrate/read-log.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { textFlag, type Command } from '../command.ts';
import { applyToRun } from '../measured-run.ts';
import { assertFile } from '../models.ts';
import { numberFlag, wholeFlag } from '../numbers.ts';

export const importLogCommand: Command = {
  name: 'import-log',
  usage: 'FILE [--seq N] [--chips N] [--peak-tflops P] [--plan PLAN --run KEY]',
  summary: 'reads step time, tokens/s and measured MFU from a training log',
  flags: {
    seq: { type: 'string' },
    chips: { type: 'string' },
    'peak-tflops': { type: 'string' },
    plan: { type: 'string' },
    run: { type: 'string' },
  },
  minPositionals: 1,
  async run(invocation) {
    const file = invocation.positionals[0] ?? '';
    assertFile(file, 1e12, 'name the log of one training run');
    const seqLen = wholeFlag(invocation, 'seq', 1, 100_000_000);
    const chips = wholeFlag(invocation, 'chips', 1, 10_000_000);
    const peak = numberFlag(invocation, 'peak-tflops');
    const plan = textFlag(invocation, 'plan');
    const run = textFlag(invocation, 'run');
    if ((plan === undefined) !== (run === undefined))
      throw new FlopsheetError('ARG', '--plan and --run go together', {
        where: plan === undefined ? '--plan' : '--run',
        hint: 'as in --plan plan.json --run r1',
      });
    const thinned: string[] = [];
    const steps = await readLogSteps(createReadStream(file, 'utf8'), file, (every) =>
      thinned.push(`the log is long: every ${every}th step was kept`),
    );
    const found = summarizeLog(steps, {
      ...(seqLen === undefined ? {} : { seqLen }),
      ...(chips === undefined ? {} : { chips }),
      ...(peak === undefined || !(peak > 0) ? {} : { peakFlopPerS: peak * 1e12 }),
    });
    const summary = { ...found, notes: [...thinned, ...found.notes] };
    const used =
      plan === undefined || run === undefined
        ? null
        : await applyToRun(invocation, { plan, run, chips }, file, summary);
    invocation.print(
      invocation.json
        ? JSON.stringify({ ...toJson(summary), ...(used && { run, run_mfu: used.mfu, run_mfu_basis: used.basis }) })
        : readable(
            summary,
            used && `MFU of run ${run}   ${(100 * used.mfu).toFixed(2)} %, from ${used.basis}; written to ${plan}`,
          ),
    );
    return 0;
  },
};

function toJson(summary: LogSummary): object {
  return {
    format: summary.format,
    points: summary.points,
    excluded: summary.excluded,
    step_s_p50: summary.stepSP50,
    step_s_p99: summary.stepSP99,
    tokens_per_s: summary.tokensPerS,
    tokens_per_s_per_chip: summary.tokensPerSPerChip,
    model_flop_per_s_per_chip: summary.flopPerSPerChip,
    mfu: summary.mfu,
    hfu: summary.hfu,
    notes: summary.notes,
  };
}

function readable(summary: LogSummary, used: string | null): string {
  const text = (value: number | null, unit: string, scale = 1): string =>
    value === null ? 'unknown' : `${(value * scale).toLocaleString('en-US', { maximumSignificantDigits: 5 })} ${unit}`;
  return [
    `${summary.format}: ${summary.points} steps used, ${summary.excluded} left out`,
    `step time p50    ${text(summary.stepSP50, 's')}`,
    `step time p99    ${text(summary.stepSP99, 's')}`,
    `throughput       ${text(summary.tokensPerS, 'token/s')}`,
    `per chip         ${text(summary.tokensPerSPerChip, 'token/s')}, ${text(summary.flopPerSPerChip, 'TFLOP/s', 1e-12)}`,
    `MFU, HFU         ${text(summary.mfu, '%', 100)}, ${text(summary.hfu, '%', 100)}`,
    ...(used === null ? [] : [used]),
    ...summary.notes.map((note) => `note: ${note}`),
  ].join('\n');
}
