/** A dropped log or profile, read in a worker of its own. */
import type { CountedAs } from '../../../src/core/calibrate/profile/op-table.ts';
import type { ProfileSummary } from '../../../src/core/calibrate/profile/read-profile.ts';
import type { ReadAnswer } from './read-worker.ts';

/** A file as read, with the day it was last written. */
export interface DroppedLog {
  readonly name: string;
  readonly date: string;
  readonly file: File;
  /** Null: the file is an operation counter's and does not say whether it counts MAC or FLOP. */
  readonly profile: ProfileSummary | null;
}

/** What a log or profile says. Rejects with code, message and hint when it is none, with CANCELLED when stopped. */
export function readDropped(
  file: File,
  tell: (fraction: number) => void,
  counted?: CountedAs,
  stop?: AbortSignal,
): Promise<DroppedLog> {
  const worker = new Worker(new URL('./read-worker.ts', import.meta.url), { type: 'module' });
  const dropped = { name: file.name, date: new Date(file.lastModified).toISOString().slice(0, 10), file };
  return new Promise<DroppedLog>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ReadAnswer>) => {
      if ('fraction' in data) tell(data.fraction);
      else if ('profile' in data) resolve({ ...dropped, profile: data.profile });
      else if (data.failure.code === 'OPS_ASK') resolve({ ...dropped, profile: null });
      else reject(data.failure);
    };
    stop?.addEventListener('abort', () =>
      reject({ code: 'CANCELLED', message: `Reading ${file.name} was stopped.`, hint: '' }),
    );
    worker.onerror = () => reject(new Error(`${file.name} could not be read.`));
    worker.postMessage({ file, counted });
  }).finally(() => worker.terminate());
}
