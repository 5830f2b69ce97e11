/** Reads a dropped log beside the page, as a stream: a log of gigabytes never lies in memory. */
import { readLogSteps } from '../../../src/core/calibrate/read-log.ts';
import { summarizeLog, type LogSummary } from '../../../src/core/calibrate/summarize-log.ts';

export type ReadAnswer =
  | { readonly summary: LogSummary }
  | { readonly fraction: number }
  | {
      readonly failure: {
        readonly code: string;
        readonly message: string;
        readonly hint: string;
        readonly where: string;
      };
    };

async function* chunksOf(file: File): AsyncGenerator<string> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  let seen = 0;
  let told = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    seen += value.length;
    if (seen - told > 4_000_000) {
      told = seen;
      answer({ fraction: Math.min(0.99, seen / file.size) });
    }
    yield value;
  }
}

const answer = (message: ReadAnswer): void => self.postMessage(message);

self.addEventListener('message', (event: MessageEvent<File>) => void read(event.data));

async function read(file: File): Promise<void> {
  try {
    const thinned: string[] = [];
    const steps = await readLogSteps(chunksOf(file), file.name, (every) =>
      thinned.push(`the log is long: every ${every}th step was kept`),
    );
    const summary = summarizeLog(steps);
    answer({ summary: { ...summary, notes: [...thinned, ...summary.notes] } });
  } catch (error) {
    const {
      code = 'INTERNAL',
      message,
      hint = '',
      where = '',
    } = error as {
      code?: string;
      message: string;
      hint?: string;
      where?: string;
    };
    answer({ failure: { code, message, hint, where } });
  }
}
