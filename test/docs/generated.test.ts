/** Pages that scripts write are what the scripts write, so that what is documented is what runs. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { FitReport } from '../../scripts/fit-predictor.ts';
import type { ServingReport } from '../../scripts/fit-serving.ts';
import { methodsPage, sourceOf } from '../../scripts/docs-methods.ts';
import { noticesPage, shippedLibraries } from '../../scripts/docs-notices.ts';
import { accuracyPage } from '../../scripts/predictor-accuracy.ts';
import { servingAccuracy } from '../../scripts/serving-accuracy.ts';
import type { PredictorFitFile } from '../../src/core/cluster/predictor-fit.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../src/core/plan/planner.ts';
import type { ServingFitFile } from '../../src/core/serving/serving-fit.ts';

test.each([
  ['docs/methods.md', methodsPage],
  ['NOTICE.md', noticesPage],
])('%s: "npm run docs" changes nothing', (file, page) => expect(readFileSync(file, 'utf8')).toBe(page()));

describe('docs/methods.md', () => {
  const page = methodsPage();
  test('has every formula of every column, each with a source or as a definition', () => {
    for (const column of BUILT_IN_COLUMNS.filter(({ formula }) => formula !== undefined)) {
      expect(page, column.id).toContain(`\`${column.formula!.replaceAll('|', '\\|')}\``);
      expect(sourceOf(column), column.id).not.toBe('');
    }
  });

  test('a formula without a source of its own has that of the functions it calls', () => {
    const fits = BUILT_IN_COLUMNS.find(({ id }) => id === 'memory_fits')!;
    expect(sourceOf(fits)).toContain(REGISTRY.get('fits_memory')!.source!);
    expect(sourceOf({ formula: 'tokens * epochs' })).toBe('definition');
  });
});

describe('NOTICE.md', () => {
  test('lists what runs in Node and what is built into the page, under licences that let it ship', () => {
    const libraries = shippedLibraries();
    const names = libraries.map(({ name }) => name);
    for (const name of ['better-sqlite3', 'decimal.js', 'svelte', '@codemirror/view', '@lezer/common', 'electron'])
      expect(names).toContain(name);
    expect(names).not.toContain('vitest');
    for (const { name, licence } of libraries)
      expect(licence, name).toMatch(/^\(?(MIT|Apache-2\.0|BSD-[23]-Clause|ISC|0BSD|BlueOak-1\.0\.0|CC0-1\.0|MPL-2\.0)/);
  });
});

test('docs/accuracy.md says what the reports of the shipped fits say, the bad rows too', () => {
  const page = readFileSync('docs/accuracy.md', 'utf8');
  const fit = <T>(name: string): T => JSON.parse(readFileSync(`assets/fits/${name}.json`, 'utf8')) as T;
  expect(accuracyPage(page, fit<FitReport>('predictor-report'), fit<PredictorFitFile>('predictor'))).toBe(page);
  expect(servingAccuracy(page, fit<ServingReport>('serving-report'), fit<ServingFitFile>('serving'))).toBe(page);
});
