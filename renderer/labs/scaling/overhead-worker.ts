/** Looks for a layout beside the page. */
import { expertOverhead, type OverheadAsked } from './moe-jobs.ts';

self.addEventListener('message', (event: MessageEvent<OverheadAsked>) => {
  try {
    self.postMessage({ overhead: expertOverhead(event.data) });
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    self.postMessage({ failure: `${message} ${hint ?? ''}` });
  }
});
