import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parsePlanFile, planToJson, writePlanFile } from '../../../src/core/document/plan-file.ts';
import { scenarioPlan } from '../../../src/core/document/apply.ts';

const TEMPLATES = readdirSync('assets/templates');

describe('plan files', () => {
  test.each(TEMPLATES)('%s: reading and writing changes nothing', (file) => {
    const { plan, notes } = parsePlanFile(readFileSync(`assets/templates/${file}`, 'utf8'));
    expect(notes).toEqual([]);
    const text = writePlanFile(plan);
    const again = parsePlanFile(text);
    expect(again.plan).toEqual(plan);
    expect(writePlanFile(again.plan)).toBe(text);
  });

  const cells = fc.dictionary(
    fc.constantFrom('name', 'tokens', 'mfu', 'my_column', '__proto__'),
    fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
  );
  test('any plan: the round trip is exact', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.tuple(
            fc.string({ minLength: 1 }).filter((key) => key.trim() !== ''),
            cells,
          ),
          { selector: ([key]) => key, maxLength: 5 },
        ),
        (rows) => {
          const json = JSON.stringify({
            format: 'flopsheet-plan',
            version: 1,
            runs: rows.map(([key, own]) => ({ ...own, key })),
            future: { kept: [1] },
          });
          const { plan, notes } = parsePlanFile(json);
          expect(notes).toContain('unknown key "future" is kept but has no effect');
          expect(parsePlanFile(writePlanFile(plan)).plan).toEqual(plan);
          expect(planToJson(plan)['future']).toEqual({ kept: [1] });
        },
      ),
    ));

  test.each([
    ['{', 'PLAN_FILE', /not JSON/, 'plan file'],
    ['[]', 'PLAN_FILE', /not a Flopsheet plan/, 'format'],
    ['{"format":"flopsheet-plan","version":2}', 'PLAN_VERSION', /version 2.*up to version 1/, 'version'],
    ['{"format":"flopsheet-plan","version":1,"runs":[{"name":"x"}]}', 'PLAN_FILE', /no key/, 'runs[0]'],
    ['{"format":"flopsheet-plan","version":1,"runs":[{"key":"a"},{"key":"a"}]}', 'PLAN_FILE', /two rows/, 'runs[1]'],
    [
      '{"format":"flopsheet-plan","version":1,"runs":[{"key":"a","mfu":{"x":1}}]}',
      'PLAN_FILE',
      /text as typed/,
      'runs[0].mfu',
    ],
    ['{"format":"flopsheet-plan","version":1,"seed":-1}', 'PLAN_FILE', /whole number/, 'seed'],
    [
      '{"format":"flopsheet-plan","version":1,"scenarios":[{"key":"s","on":"nowhere"}]}',
      'PLAN_FILE',
      /nowhere/,
      'scenarios',
    ],
    [
      '{"format":"flopsheet-plan","version":1,"scenarios":[{"key":"s","commands":[{"go":1}]}]}',
      'PLAN_FILE',
      /set, exclude/,
      'scenarios[0].commands[0]',
    ],
  ])('%s is refused', (text, code, message, where) => {
    expect(() => parsePlanFile(text)).toThrow(
      expect.objectContaining({ code, where, message: expect.stringMatching(message) }),
    );
  });

  test('numbers and booleans mean what they would mean typed; phases and mixture stand inside their run', () => {
    const { plan } = parsePlanFile(
      '{"format":"flopsheet-plan","version":1,"runs":[{"key":"r1","tokens":15.6e12,"included":false,"phases":[{"tokens":"1T"}],"mixture":[{"key":"m","weight":0.5}]}]}',
    );
    expect(plan.tables.runs[0]?.cells).toEqual({ tokens: '15600000000000', included: 'no' });
    expect(plan.tables.phases).toEqual([{ key: 'r1.1', cells: { run: 'r1', tokens: '1T' } }]);
    expect(plan.tables.mixture[0]?.cells).toEqual({ run: 'r1', weight: '0.5' });
  });

  test('an uncertain column and its cells are numbered when the file does not number them; equal numbers are refused', () => {
    const file = {
      format: 'flopsheet-plan',
      version: 1,
      runs: [{ key: 'r1', mfu: '0.3 to 0.4' }],
      columns: [{ table: 'runs', id: 'risk', formula: '1 to 2' }],
      scenarios: [{ key: 's', commands: [{ correlation: ['runs.*.mfu', 'runs.*.risk'], to: 0.5 }] }],
    };
    const { plan } = parsePlanFile(JSON.stringify(file));
    expect(Object.keys(plan.sources)).toEqual(['runs.*.risk', 'runs.*.mfu', 'runs.r1.mfu']);
    expect(scenarioPlan(plan, 's').correlations).toEqual([{ a: 'runs.*.mfu', b: 'runs.*.risk', rank: 0.5 }]);
    const same = { ...file, sources: { 'runs.*.mfu': 1, 'runs.r1.mfu': 1 } };
    expect(() => parsePlanFile(JSON.stringify(same))).toThrow(/the same number/);
    const gap = { ...file, sources: { 'runs.*.mfu': 7 } };
    expect(parsePlanFile(JSON.stringify(gap)).plan.sources).toEqual({
      'runs.*.mfu': 7,
      'runs.*.risk': 8,
      'runs.r1.mfu': 9,
    });
  });

  test('scenarios stand on each other', () => {
    const { plan } = parsePlanFile(
      JSON.stringify({
        format: 'flopsheet-plan',
        version: 1,
        runs: [{ key: 'r1', chips: '8' }],
        scenarios: [
          { key: 'a', on: 'base', commands: [{ set: ['runs', 'r1', 'chips'], to: '16' }] },
          { key: 'b', on: 'a', commands: [{ exclude: ['runs', 'r1'] }] },
        ],
      }),
    );
    expect(scenarioPlan(plan, 'b').tables.runs[0]?.cells).toEqual({ chips: '16', included: 'no' });
    expect(plan.tables.runs[0]?.cells).toEqual({ chips: '8' });
  });
});
