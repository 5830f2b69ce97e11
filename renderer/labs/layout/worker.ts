/** Searches beside the page; the page ends the worker to cancel. */
import { find, type Asked } from './jobs.ts';

let told = 0;
self.addEventListener('message', (event: MessageEvent<{ id: number; asked: Asked }>) => {
  const { id, asked } = event.data;
  try {
    const found = find(asked, (progress, early) => {
      const now = performance.now();
      if (early === null && now - told < 50) return;
      told = now;
      self.postMessage({ id, progress, ...(early === null ? {} : { found: early }) });
    });
    self.postMessage({ id, progress: null, found });
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    self.postMessage({ id, progress: null, failure: `${message} ${hint ?? ''}` });
  }
});
