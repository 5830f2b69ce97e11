/** The engine's tests a second time, with every plan sent through JSON and a structured clone first. */
import { afterAll, describe } from 'vitest';

process.env['FLOPSHEET_TEST_SERIALISED'] = '1';
afterAll(() => void delete process.env['FLOPSHEET_TEST_SERIALISED']);

await describe('serialised', async () => {
  await import('./sheet.test.ts');
  await import('./sample.test.ts');
  await import('./correlations.test.ts');
  await import('./solve.test.ts');
  await import('../formula/features.test.ts');
});
