/** Searches and fits beside the page; the page ends the worker to cancel. */
import { find, refit, type Asked, type RefitAsked } from './jobs.ts';

/** What the page asks: a search, or a refit. */
export type Question =
  { readonly id: number; readonly asked: Asked } | { readonly id: number; readonly refit: RefitAsked };

let told = 0;
self.addEventListener('message', (event: MessageEvent<Question>) => {
  const question = event.data;
  const { id } = question;
  try {
    if ('refit' in question) {
      self.postMessage({ id, progress: null, refit: refit(question.refit) });
      return;
    }
    const found = find(question.asked, (progress, early) => {
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
