/** Reading of logs and traces as they come in: megabytes a second of text, through the entry the app and the CLI call. */
import { readProfile } from '../../src/core/calibrate/profile/read-profile.ts';
import { figure, type BenchResult } from './measure.ts';

async function* repeated(head: string, block: string, times: number): AsyncGenerator<string> {
  yield head;
  for (let n = 0; n < times; n += 1) yield block;
}

async function rate(head: string, block: string, times: number): Promise<number> {
  const start = performance.now();
  await readProfile(repeated(head, block, times), 'bench');
  return (block.length * times) / 1e6 / ((performance.now() - start) / 1000);
}

/** A Megatron-LM log with noise between its steps, and a profiler trace: 2 GB in a minute is 33 MB/s. */
export async function readLogs(): Promise<BenchResult[]> {
  const noise = `[rank0]: ${'x'.repeat(180)}\n`;
  let step = 0;
  const line = (): string =>
    ` iteration ${(step += 1)}/ 9999999 | consumed samples: 5504 | elapsed time per iteration (ms): ${5444 + (step % 7)} | throughput per GPU (TFLOP/s/GPU): 239.8 | global batch size: 128 |\n`;
  const log = await rate('', Array.from({ length: 500 }, () => noise + line()).join(''), 300);
  const kernel = (at: number): string =>
    `{"ph":"X","cat":"kernel","name":"ampere_sgemm_128x64_nn","pid":0,"tid":7,"ts":${at * 12},"dur":10,"args":{"External id":${at},"device":0,"stream":7,"grid":[8,8,1],"block":[128,1,1],"est. achieved occupancy %":18}},`;
  const trace = await rate(
    '{"schemaVersion":1,"traceEvents":[',
    Array.from({ length: 2000 }, (_, at) => kernel(at)).join(''),
    120,
  );
  return [
    figure('read_log', log, 'MB/s', 33, 'a log of 2 GB in a minute', 'more'),
    figure('read_trace', trace, 'MB/s', 33, 'a trace of 2 GB in a minute', 'more'),
  ];
}
