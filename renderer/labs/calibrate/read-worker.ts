/** Reads a dropped log beside the page, as a stream: a log of gigabytes never lies in memory. */
import type { CountedAs } from '../../../src/core/calibrate/profile/op-table.ts';
import { readProfile, type ProfileSummary } from '../../../src/core/calibrate/profile/read-profile.ts';

export interface ReadAsked {
  readonly file: File;
  /** What the person says an operation counter counts. */
  readonly counted: CountedAs | undefined;
}

export type ReadAnswer =
  | { readonly profile: ProfileSummary }
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
  const bytes = file.name.endsWith('.gz') ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
  const reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
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

self.addEventListener('message', (event: MessageEvent<ReadAsked>) => void read(event.data));

async function read({ file, counted }: ReadAsked): Promise<void> {
  try {
    answer({ profile: await readProfile(chunksOf(file), file.name, counted === undefined ? {} : { counted }) });
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
