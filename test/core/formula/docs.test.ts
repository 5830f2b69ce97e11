import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REGISTRY } from '../../../src/core/plan/planner.ts';
import { formulaLanguagePage } from '../../../scripts/docs-formula.ts';

test('docs/formula-language.md is what scripts/docs-formula.ts writes', () =>
  expect(readFileSync('docs/formula-language.md', 'utf8')).toBe(formulaLanguagePage()));

test('every function is on the page, with its documentation', () => {
  const page = formulaLanguagePage();
  for (const fn of REGISTRY.values()) {
    expect(page).toContain(fn.doc);
    expect(page).toContain(fn.example);
  }
});
