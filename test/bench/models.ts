/** Models: `params` on a config.json and on the largest safetensors header the format allows, each in a fresh process. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figure, type BenchResult } from './measure.ts';

const RUNNER = join(import.meta.dirname, 'params-process.ts');
const CONFIG = join(import.meta.dirname, '..', 'data', 'hf_configs', 'deepseek-ai--DeepSeek-V3.json');

interface Run {
  readonly status: number;
  readonly milliseconds: number;
  readonly megabytes: number;
  readonly printed: string;
}

function params(file: string): Run {
  const run = JSON.parse(
    execFileSync(process.execPath, [RUNNER, 'params', file, '--json'], { encoding: 'utf8' }),
  ) as Run;
  if (run.status !== 0) throw new Error(`params ${file} ended with ${run.status}`);
  return run;
}

const best = (runs: readonly Run[]): Run => runs.reduce((a, b) => (b.milliseconds < a.milliseconds ? b : a));

/** The command after start-up, its own code still to be loaded. */
export function paramsOfConfig(): BenchResult[] {
  const { milliseconds } = best([1, 2, 3, 4, 5].map(() => params(CONFIG)));
  return [figure('params_config', milliseconds, 'ms', 50, 'config.json under 50 ms after start-up', 'less')];
}

/** Experts of a mixture in 8 bits with their scales, or names without any pattern; the file is sparse, as large as its weights. */
function header(path: string, patterned: boolean): number {
  const entries: string[] = [];
  let length = 30;
  let at = 0;
  for (let index = 0; length < 99_900_000; index += 1) {
    const name = patterned
      ? `model.layers.${Math.floor(index / 768)}.mlp.experts.${Math.floor(index / 3) % 256}.${['gate', 'up', 'down'][index % 3]}_proj.weight`
      : `tensor_${(index * 2654435761) % 2 ** 32}`;
    const entry = `"${name}":{"dtype":"BF16","shape":[2048,7168],"data_offsets":[${at},${at + 29360128}]}`;
    entries.push(entry);
    length += entry.length + 1;
    at += 29360128;
  }
  const json = Buffer.from(`{"__metadata__":{"format":"pt"},${entries.join(',')}}`);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path, Buffer.concat([prefix, json]));
  truncateSync(path, Math.min(8 + json.length + at, 4e12));
  return entries.length;
}

/** A header of 100 MB: seconds and memory, for names as models have them and for names without a pattern. */
export function largestHeader(): BenchResult[] {
  const folder = mkdtempSync(join(tmpdir(), 'flopsheet-bench-'));
  try {
    return [true, false].flatMap((patterned) => {
      const file = join(folder, 'model.safetensors');
      const tensors = header(file, patterned);
      const run = best([1, 2, 3].map(() => params(file)));
      const total = (JSON.parse(run.printed) as { params_total: number }).params_total;
      if (total !== tensors * 2048 * 7168) throw new Error(`${total} parameters counted`);
      const name = patterned ? 'header_100mb' : 'header_100mb_unpatterned';
      const what = `${tensors.toLocaleString('en-US')} tensors`;
      return [
        figure(name, run.milliseconds / 1000, 's', 1, `${what}: under 1 s`, 'less'),
        figure(`${name}_memory`, run.megabytes, 'MB', 400, `${what}: under 400 MB`, 'less'),
      ];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
