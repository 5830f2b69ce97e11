import { describe, expect, test } from 'vitest';
import { checkText, completionsAt } from '../../../src/core/sheet/ask.ts';
import { explainCell, explainText } from '../../../src/core/sheet/explain.ts';
import type { ExplainNode } from '../../../src/core/sheet/view.ts';
import { sheetOf } from './picture.ts';

const sheet = sheetOf({
  assumptions:
    'key | value | unit | source | as_of | note\nmarket | 2.5 | USD/(chip·h) | https://example.org/prices | 2026-10-01 | spot',
  runs: `
key | params_total | tokens | hardware | chips | chip_hour_price
r1  | 405B         | 15.6T  | h100-sxm | 16384 | =market
r2  | 7B           |        | h100-sxm | 8     | 2`,
  costs: 'key | quantity\nc1 | =sum(runs.chips) / 1 chip',
});

function explain(table: 'runs' | 'costs', id: string, row = 0): ExplainNode {
  return explainCell(sheet, sheet.column(table, id)!, row);
}

function find(node: ExplainNode, id: string): ExplainNode | undefined {
  if (node.id === id) return node;
  for (const input of node.inputs) {
    const found = find(input, id);
    if (found) return found;
  }
  return undefined;
}

describe('the derivation of a cost', () => {
  const tree = explain('runs', 'compute_cost');
  test('goes from the money over hours and FLOP down to what was typed, with values, units and sources', () => {
    expect(tree).toMatchObject({ id: 'runs.r1.compute_cost', formula: 'chip_hours * chip_hour_price', unit: 'USD' });
    expect(find(tree, 'runs.r1.train_flop')?.display).toBe('3.791×10²⁵');
    expect(find(tree, 'runs.r1.tokens')).toMatchObject({
      state: 'override',
      source: 'typed in this plan',
      value: 15.6e12,
    });
    expect(find(tree, 'runs.r1.goodput')).toMatchObject({ state: 'default', source: 'default of this column' });
    expect(find(tree, 'assumptions.market.value')?.source).toBe('https://example.org/prices, 2026-10-01, spot');
    expect(find(tree, 'runs.r1.peak_flop_per_s')?.source).not.toBe('');
  });
  test('as text: one line a value, indented, formula and source below', () => {
    const lines = explainText(tree).split('\n');
    expect(lines[0]).toBe('runs.r1.compute_cost = 66,517,586.42 USD');
    expect(lines[1]).toBe('  = chip_hours * chip_hour_price');
    expect(lines).toContain('    assumptions.market.value = 2.5 USD/(chip·h)');
  });
  test('an aggregate lists its rows; an unknown value says why', () => {
    expect(explain('costs', 'quantity').inputs[0]).toMatchObject({
      id: 'sum(runs.chips)',
      kind: 'aggregate',
      value: 16_392,
    });
    expect(explain('costs', 'quantity').inputs[0]?.inputs.map((input) => input.id)).toEqual([
      'runs.r1.chips',
      'runs.r2.chips',
    ]);
    expect(explainText(explain('runs', 'tokens_seen', 1))).toContain('unknown: Dataset is empty');
  });
});

describe('while typing', () => {
  test('completion: names by their beginning, fields after a dot, units after a number', () => {
    const labels = (text: string): string[] =>
      completionsAt(sheet, 'runs', text, text.length).map((item) => item.label);
    expect(labels('chip_ho').slice(0, 2)).toEqual(['chip_hours', 'chip_hour_price']);
    expect(labels('hardware.td')[0]).toBe('tdp_w');
    expect(labels('2 TFL')[0]).toBe('TFLOP');
    expect(labels('ove')).toContain('over');
    expect(labels('runs.')).toContain('total_cost');
    expect(labels('assumptions.')).toEqual(['market']);
  });
  test('a live check gives type, value and the place of a mistake in the typed text', () => {
    const place = { table: 'runs', row: 'r1', column: 'total_cost' } as const;
    expect(checkText(sheet, place, '=compute_cost * 2')).toMatchObject({ ok: true, type: 'USD' });
    const wrong = checkText(sheet, place, '=compute_cost * 2 + market');
    expect(wrong).toMatchObject({ ok: false, problem: { code: 'UNIT', from: 20, to: 26 } });
    expect(wrong.names.map((name) => `${name.kind} ${name.name}: ${name.hover}`)).toEqual([
      'column compute_cost: Compute',
      'assumption market: ',
    ]);
  });
});
