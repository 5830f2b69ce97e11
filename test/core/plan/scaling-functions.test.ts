import { describe, expect, it } from 'vitest';
import { invertCommands } from '../../../src/core/document/apply.ts';
import { newPlan } from '../../../src/core/document/new-plan.ts';
import { parsePlanFile, writePlanFile } from '../../../src/core/document/plan-file.ts';
import type { Plan } from '../../../src/core/document/plan.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../../src/core/plan/planner.ts';
import { findLaw, fitLaw, lawKey, lawPoint, readLaw, savedLaw } from '../../../src/core/scaling/index.ts';
import { CATALOG_FIELDS } from '../../../src/core/plan/catalog-fields.ts';
import type { Catalog } from '../../../src/core/sheet/catalog.ts';
import { explainCell } from '../../../src/core/sheet/explain.ts';
import { Sheet } from '../../../src/core/sheet/sheet.ts';
import { syntheticPoints } from '../scaling/synthetic.ts';

const TRUTH = { E: 1.7, A: 400, B: 900, alpha: 0.33, beta: 0.31 };
const fit = fitLaw(syntheticPoints(TRUTH, 60, 0.004, 3), { starts: 60, bootstrap: { draws: 50, seed: 1 } });
const law = savedLaw(fit.law, 'fall-ladder', 'Fall ladder');

/** Every kind a formula may name, none with rows. */
const NO_ROWS: Catalog = new Map(
  Object.entries(CATALOG_FIELDS).map(([kind, fields]) => [kind, { fields, rows: new Map(), aliases: new Map() }]),
);

function sheetWith(cells: Record<string, string>, laws?: Plan['laws']): Sheet {
  const plan = newPlan({}, { runs: [{ key: 'r1', cells }] });
  const sheet = new Sheet(laws ? { ...plan, laws } : plan, {
    columns: BUILT_IN_COLUMNS,
    registry: REGISTRY,
    catalog: NO_ROWS,
  });
  sheet.recalculate();
  return sheet;
}

const PINNED = {
  params_total: '=optimal_params(1e22 FLOP, "fall-ladder")',
  tokens: '=optimal_tokens(1e22 FLOP, "fall-ladder")',
  scaling_law: 'fall-ladder',
};

describe('scaling laws in formulas', () => {
  it('give the numbers of the library', () => {
    const sheet = sheetWith({
      params_total: '=optimal_params(5.76e23 FLOP, "besiroglu2024")',
      tokens: '=optimal_tokens(5.76e23 FLOP, "besiroglu2024")',
    });
    const point = lawPoint(findLaw('besiroglu2024'), { flop: 5.76e23 });
    expect(sheet.value('runs', 'r1', 'params_total')).toBe(point.paramsOpt);
    expect(sheet.value('runs', 'r1', 'tokens')).toBe(point.tokensOpt);
    expect(sheet.value('runs', 'r1', 'train_flop') / 5.76e23).toBeCloseTo(1, 12);
    expect(sheet.value('runs', 'r1', 'predicted_loss')).toBeCloseTo(point.lossOpt!, 12);
  });

  it('reproduce the data-limited optimum of Muennighoff 2023: 7.0262e9 parameters, 2.3721e11 tokens', () => {
    const sheet = sheetWith({
      params_total: '=data_limited_params(1e22 FLOP, 25e9 token, "muennighoff2023")',
      tokens: '=data_limited_tokens(1e22 FLOP, 25e9 token, "muennighoff2023")',
    });
    expect(sheet.value('runs', 'r1', 'params_total') / 7.0262e9).toBeCloseTo(1, 4);
    expect(sheet.value('runs', 'r1', 'tokens') / 2.3721e11).toBeCloseTo(1, 4);
  });

  it('say in the derivation where they come from and what lies beyond the fit', () => {
    const sheet = sheetWith({ params_total: '=optimal_params(1e25 FLOP, "besiroglu2024")' });
    const text = JSON.stringify(explainCell(sheet, sheet.column('runs', 'params_total')!, 0));
    expect(text).toContain('arXiv:2404.10102');
    expect(text).toContain('trust grade');
    expect(text).toContain('outside the fitted range');
    // Each part once: the inspector lists them by name.
    for (const formula of [
      '=optimal_params(1e25 FLOP, "besiroglu2024")',
      '=data_limited_params(1e25 FLOP, 1e12 token, "besiroglu2024")',
      '=moe_params(1e25 FLOP, 0.95, "abnar2025")',
    ]) {
      const sheet = sheetWith({ params_total: formula });
      const ids = explainCell(sheet, sheet.column('runs', 'params_total')!, 0).inputs[0]!.inputs.map(
        (input) => input.id,
      );
      expect(ids.length).toBeGreaterThan(2);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('read a fitted law from the plan, and know it again when it comes and goes', () => {
    const sheet = sheetWith(PINNED);
    expect(sheet.value('runs', 'r1', 'params_total')).toBeNaN();
    const added = sheet.apply([{ law: 'fall-ladder', to: law }]);
    sheet.recalculate();
    const params = sheet.value('runs', 'r1', 'params_total');
    expect(params).toBe(lawPoint(law, { flop: 1e22 }).paramsOpt);
    sheet.apply(invertCommands(added.commands));
    sheet.recalculate();
    expect(sheet.plan.laws).toBeUndefined();
    expect(sheet.value('runs', 'r1', 'params_total')).toBeNaN();
  });

  it('travel with the plan file, which then stands alone and gives the same numbers', () => {
    const sheet = sheetWith(PINNED, { 'fall-ladder': law });
    const text = writePlanFile(sheet.plan);
    const { plan, notes } = parsePlanFile(text);
    expect(notes).toEqual([]);
    expect(plan.laws).toEqual({ 'fall-ladder': law });
    expect(writePlanFile(plan)).toBe(text);
    const again = new Sheet(plan, { columns: BUILT_IN_COLUMNS, registry: REGISTRY, catalog: NO_ROWS });
    again.recalculate();
    for (const id of ['params_total', 'tokens', 'predicted_loss', 'train_flop'])
      expect(again.value('runs', 'r1', id), id).toBe(sheet.value('runs', 'r1', id));
  });
});

describe('a saved law', () => {
  it('is refused with the place when the file is broken', () => {
    expect(() => readLaw({ ...law, constants: { ...law.constants, alpha: 'x' } }, 'laws[0]')).toThrow(/constant alpha/);
    expect(() => readLaw({ ...law, equation: 'abnar' }, 'laws[0]')).toThrow(/additive or allocation/);
    expect(() => readLaw({ ...law, uncertainty: { kind: 'draws', draws: [[1, 2]] } }, 'laws[0]')).toThrow(/draws of/);
    expect(() => readLaw({ ...law, id: 'Not a key' }, 'laws[0]')).toThrow(/small letters/);
  });

  it('keeps its intervals to three digits after rounding', () => {
    const before = lawPoint(fit.law, { flop: 1e23 }).ci!;
    const after = lawPoint(law, { flop: 1e23 }).ci!;
    expect(after.tokensPerParam.low / before.tokensPerParam.low).toBeCloseTo(1, 3);
    expect(after.tokensPerParam.high / before.tokensPerParam.high).toBeCloseTo(1, 3);
  });

  it('gets a key of its own, never that of a shipped law', () => {
    expect(lawKey('7B ladder, fall!', new Set())).toBe('7b-ladder-fall');
    expect(lawKey('Besiroglu2024', new Set())).toBe('besiroglu2024-2');
    expect(lawKey('a', new Set(['a', 'a-2']))).toBe('a-3');
    expect(lawKey('法则', new Set())).toBe('law');
  });
});
