/** Runs serving jobs beside the page, one at a time; the page ends the worker to cancel. */
import type { JobName, Jobs } from './jobs.ts';
import { runJob } from './jobs.ts';

interface Asked {
  readonly id: number;
  readonly name: JobName;
  readonly input: Jobs[JobName]['input'];
}

let told = 0;
self.addEventListener('message', (event: MessageEvent<Asked>) => {
  const { id, name, input } = event.data;
  try {
    const result = runJob(name, input, (share) => {
      const now = performance.now();
      if (now - told < 50) return;
      told = now;
      self.postMessage({ id, progress: share });
    });
    self.postMessage({ id, result });
  } catch (error) {
    const { message, hint, where } = error as { message: string; hint?: string; where?: string };
    self.postMessage({ id, error: { message, hint: hint ?? '', where: where ?? '' } });
  }
});
