import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { kinetoAsLog, readProfile } from '../../core/calibrate/profile/read-profile.ts';
import type { LogSummary } from '../../core/calibrate/summarize-log.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { textFlag, type Command } from '../command.ts';
import { applyToRun } from '../measured-run.ts';
import { assertFile } from '../models.ts';
import { numberFlag, wholeFlag } from '../numbers.ts';
import { profileJson, profileText } from '../profile-text.ts';

export const importLogCommand: Command = {
  name: 'import-log',
  usage: 'FILE [--seq N] [--chips N] [--peak-tflops P] [--count mac|flop] [--plan PLAN --run KEY]',
  summary:
    'reads step time, tokens/s and measured MFU from a training log; also profiles of nvidia-smi, ncu, Kineto and operation counters',
  flags: {
    seq: { type: 'string' },
    chips: { type: 'string' },
    'peak-tflops': { type: 'string' },
    count: { type: 'string' },
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
    const counted = textFlag(invocation, 'count');
    if (counted !== undefined && counted !== 'mac' && counted !== 'flop')
      throw new FlopsheetError('ARG', '--count is mac or flop', {
        where: '--count',
        hint: 'a FLOP count is twice a MAC count',
      });
    const profile = await readProfile(readText(file), file, {
      ...(seqLen === undefined ? {} : { seqLen }),
      ...(chips === undefined ? {} : { chips }),
      ...(peak === undefined || !(peak > 0) ? {} : { peakFlopPerS: peak * 1e12 }),
      ...(counted === undefined ? {} : { counted }),
    });
    const summary =
      profile.kind === 'training' ? profile.summary : profile.kind === 'kineto' ? kinetoAsLog(profile) : null;
    if (plan !== undefined && summary === null)
      throw new FlopsheetError('LOG_RUN', `a run cannot take its MFU from this ${profile.kind} file`, {
        where: file,
        hint: 'give the log of the training run, or a profiler trace with its steps',
      });
    const used =
      plan === undefined || run === undefined || summary === null
        ? null
        : await applyToRun(invocation, { plan, run, chips }, file, summary);
    const ran = used && { run, run_mfu: used.mfu, run_mfu_basis: used.basis };
    if (invocation.json)
      invocation.print(
        JSON.stringify({
          ...(profile.kind === 'training' ? toJson(profile.summary) : profileJson(profile)),
          ...ran,
        }),
      );
    else
      invocation.print(
        [
          profile.kind === 'training' ? readable(profile.summary) : profileText(profile),
          ...(used === null
            ? []
            : [`MFU of run ${run}   ${(100 * used.mfu).toFixed(2)} %, from ${used.basis}; written to ${plan}`]),
        ].join('\n'),
      );
    return 0;
  },
};

/** Text of a file, unpacked when it is gzip (profilers write .json.gz). */
function readText(file: string): AsyncIterable<string> {
  if (!file.endsWith('.gz')) return createReadStream(file, 'utf8');
  return createReadStream(file).pipe(createGunzip()).setEncoding('utf8');
}

function toJson(summary: LogSummary): object {
  return {
    format: summary.format,
    points: summary.points,
    excluded: summary.excluded,
    step_s_p50: summary.stepSP50,
    step_s_p99: summary.stepSP99,
    step_s_drift: summary.drift,
    tokens_per_s: summary.tokensPerS,
    tokens_per_s_per_chip: summary.tokensPerSPerChip,
    model_flop_per_s_per_chip: summary.flopPerSPerChip,
    mfu: summary.mfu,
    hfu: summary.hfu,
    notes: summary.notes,
  };
}

function readable(summary: LogSummary): string {
  const text = (value: number | null, unit: string, scale = 1): string =>
    value === null ? 'unknown' : `${(value * scale).toLocaleString('en-US', { maximumSignificantDigits: 5 })} ${unit}`;
  return [
    `${summary.format}: ${summary.points} steps used, ${summary.excluded} left out`,
    `step time p50    ${text(summary.stepSP50, 's')}`,
    `step time p99    ${text(summary.stepSP99, 's')}`,
    `throughput       ${text(summary.tokensPerS, 'token/s')}`,
    `per chip         ${text(summary.tokensPerSPerChip, 'token/s')}, ${text(summary.flopPerSPerChip, 'TFLOP/s', 1e-12)}`,
    `MFU, HFU         ${text(summary.mfu, '%', 100)}, ${text(summary.hfu, '%', 100)}`,
    ...summary.notes.map((note) => `note: ${note}`),
  ].join('\n');
}
