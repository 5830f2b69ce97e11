/** Fits beside the page; the page ends the worker to cancel. */
import { fitPoints, type FitAsked } from './fit-jobs.ts';

let told = 0;
self.addEventListener('message', (event: MessageEvent<{ id: number; asked: FitAsked }>) => {
  const { id, asked } = event.data;
  try {
    fitPoints(asked, (step) => {
      const now = performance.now();
      if (step.result === undefined && step.progress !== null && step.progress > 0 && now - told < 50) return;
      told = now;
      self.postMessage({ id, ...step });
    });
  } catch (error) {
    const { code, message, hint, where } = error as { code?: string; message: string; hint?: string; where?: string };
    self.postMessage({ id, failure: { code: code ?? 'INTERNAL', message, hint: hint ?? '', where: where ?? '' } });
  }
});
