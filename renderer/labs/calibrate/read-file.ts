/** A dropped log, read in a worker of its own. */
import type { LogSummary } from '../../../src/core/calibrate/summarize-log.ts';
import type { ReadAnswer } from './read-worker.ts';

/** A log as read, with the day its file was last written. */
export interface DroppedLog {
  readonly name: string;
  readonly date: string;
  readonly summary: LogSummary;
}

/** Summary of a training log. Rejects with code, message and hint when it is none. */
export function readDropped(file: File, tell: (fraction: number) => void): Promise<DroppedLog> {
  const worker = new Worker(new URL('./read-worker.ts', import.meta.url), { type: 'module' });
  return new Promise<DroppedLog>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ReadAnswer>) => {
      if ('fraction' in data) tell(data.fraction);
      else if ('failure' in data) reject(data.failure);
      else
        resolve({
          name: file.name,
          date: new Date(file.lastModified).toISOString().slice(0, 10),
          summary: data.summary,
        });
    };
    worker.onerror = () => reject(new Error(`${file.name} could not be read.`));
    worker.postMessage(file);
  }).finally(() => worker.terminate());
}
