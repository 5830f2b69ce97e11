import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FlopsheetError } from '../../core/errors.ts';
import type { Command } from '../command.ts';

const RUNNER = join(import.meta.dirname, '..', '..', '..', 'test', 'bench', 'run.ts');

export const benchCommand: Command = {
  name: 'bench',
  usage: '[NAME …] [--save]',
  summary: 'measures the engine against its peers (in a checkout of the source)',
  flags: { save: { type: 'boolean' } },
  minPositionals: 0,
  async run(invocation) {
    if (!existsSync(RUNNER))
      throw new FlopsheetError('UNSUPPORTED', 'the benchmark is not part of the packaged app', {
        hint: 'run it in a checkout of the source',
      });
    const args = [
      RUNNER,
      ...invocation.positionals,
      ...['json', 'save'].filter((flag) => invocation.flags[flag] === true).map((flag) => `--${flag}`),
    ];
    return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 3;
  },
};
