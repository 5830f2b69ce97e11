import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../src/store/csv.ts';

describe('parseCsv', () => {
  it.each([
    ['a,b\n1,2\n', [{ a: '1', b: '2' }]],
    ['a,b\r\n1,2\r\n', [{ a: '1', b: '2' }]],
    ['a,b\n"x,""y""\n z",\n', [{ a: 'x,"y"\n z', b: '' }]],
    ['a,b\n1', [{ a: '1', b: '' }]],
    ['\uFEFFa,b\n1,2', [{ a: '1', b: '2' }]],
    ['a,b\n1,', [{ a: '1', b: '' }]],
    ['a\n\n1\n', [{ a: '1' }]],
    ['a,b\n"open', [{ a: 'open', b: '' }]],
  ])('reads %j', (text, records) => expect(parseCsv(text).records.map((r) => ({ ...r }))).toEqual(records)); // prettier-ignore

  it('reads back what was written, and a column called __proto__ pollutes nothing', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'é', '\r\n', '1') });
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field, field), { minLength: 1 }), (rows) => {
        const text = [['x', '__proto__', 'z'], ...rows]
          .map((row) => row.map((f) => `"${f.replaceAll('"', '""')}"`).join(','))
          .join('\n');
        expect(parseCsv(text).records.map((r) => [r['x'], r['__proto__'], r['z']])).toEqual(
          rows.map((row) => [...row]),
        );
      }),
    );
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});
