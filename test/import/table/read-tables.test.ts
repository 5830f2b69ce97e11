import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readTables } from '../../../src/import/table/read-tables.ts';
import { planWorkbook } from '../../../src/report/xlsx/plan-workbook.ts';
import { INFO, sheetOf, template } from '../../report/plans.ts';
import { workbookOf } from './workbooks.ts';

const text = (content: string): readonly (readonly string[])[] => readTables(strToU8(content))[0]?.rows ?? [];

describe('text tables', () => {
  it('are read with any of the usual separators, quotes and line ends', () => {
    const rows = [
      ['a', 'b, c'],
      ['1', 'line\nbreak'],
    ];
    for (const separator of [',', ';', '\t'])
      expect(text(`a${separator}"b, c"\r\n1${separator}"line\nbreak"\r\n\r\n`)).toEqual(rows);
    expect(text('\uFEFFx\ty\n"say ""hi"""\t2')).toEqual([
      ['x', 'y'],
      ['say "hi"', '2'],
    ]);
  });

  it('in older encodings keep their letters', () => {
    expect(readTables(new Uint8Array([0x4e, 0x61, 0x6d, 0xe9, 0x0a, 0x31]))[0]?.rows[0]).toEqual(['Namé']);
    const utf16 = new Uint8Array([0xff, 0xfe, ...[...'a,b\n1,2'].flatMap((c) => [c.charCodeAt(0), 0])]);
    expect(readTables(utf16)[0]?.rows).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  it.each([
    ['a million columns', `${'a,'.repeat(1_000_000)}b\n1`, 'TABLE_SIZE'],
    ['a quote before megabytes', `a,b\n"${'x'.repeat(20_000_000)}`, 'TABLE_QUOTE'],
    ['an endless cell', `a,b\n${'x'.repeat(40_000)},1`, 'TABLE_SIZE'],
    ['too many rows', `a\n${'1\n'.repeat(30_000)}`, 'TABLE_SIZE'],
    ['nothing', '\n\n', 'TABLE_EMPTY'],
  ])('with %s are refused', (_, content, code) => {
    expect(() => text(content)).toThrow(expect.objectContaining({ code }));
  });
});

describe('workbooks', () => {
  it('of our own read back: every typed number of the sheet is there', () => {
    const sheet = sheetOf(template('21-yearly-programme'));
    const runs = readTables(planWorkbook(sheet, INFO)).find((table) => table.name === 'Runs')?.rows ?? [];
    const ids = runs.find((row) => row[0] === 'key') ?? [];
    const dense = runs.find((row) => row[0] === 'dense') ?? [];
    const at = (id: string): string => dense[ids.indexOf(id)] ?? '';
    // The template: 70B on 15T tokens, 2,048 chips.
    expect([Number(at('params_total')), Number(at('tokens')), Number(at('chips'))]).toEqual([70e9, 15e12, 2048]);
    expect(at('start_date')).toBe('2027-03-08');
  });

  it('give dates as days, shared and inline texts, and results in place of formulas', () => {
    const rows = readTables(
      workbookOf(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>When</t></is></c><c r="C1" t="s"><v>0</v></c></row>' +
          '<row r="900"><c r="A900" s="1"><v>46204</v></c><c r="C900"><f>WEBSERVICE("http://x")</f><v>0.1</v></c></row>',
        '<si><t>How </t><r><t>much</t></r><rPh><t>hint</t></rPh></si>',
      ),
    )[0]?.rows;
    expect(rows).toEqual([
      ['When', '', 'How much'],
      // Serial 46204 is 2026-07-01 (Excel, 1900 system).
      ['2026-07-01', '', '0.1'],
    ]);
  });

  const bomb = (): Uint8Array => workbookOf(`<row r="1">${'<c r="A1"/>'.repeat(600_000)}</row>`);
  const lie = (bytes: Uint8Array): Uint8Array => {
    const copy = bytes.slice();
    // The directory says that every part unpacks to 1 byte.
    for (let at = 0; at + 28 < copy.length; at++)
      if (copy[at] === 0x50 && copy[at + 1] === 0x4b && copy[at + 2] === 1 && copy[at + 3] === 2)
        copy.set([1, 0, 0, 0], at + 24);
    return copy;
  };

  it.each([
    ['a row of 600,000 cells', bomb, 'TABLE_SIZE'],
    ['a comment that unpacks to 70 MB', () => workbookOf(`<!--${' '.repeat(70_000_000)}-->`), 'TABLE_SIZE'],
    ['a bomb that lies about its size', () => lie(bomb()), 'TABLE_SIZE'],
    [
      'entities of its own (billion laughs)',
      () => workbookOf('<row r="1"><c r="A1" t="str"><v>&lol;</v></c></row>', '', '<!DOCTYPE x [<!ENTITY lol "lol">]>'),
      'XLSX',
    ],
    ['a million columns', () => workbookOf('<row r="1"><c r="BDWGN1"><v>1</v></c></row>'), 'TABLE_SIZE'],
    ['deep nesting', () => workbookOf(`${'<row>'.repeat(500)}${'</row>'.repeat(500)}`), 'TABLE_SIZE'],
    [
      'an endless text',
      () => workbookOf(`<row r="1"><c t="str"><v>${'x'.repeat(6_000_000)}</v></c></row>`),
      'TABLE_SIZE',
    ],
    ['broken XML', () => workbookOf('<row r="1"><c r="A1"></row>'), 'XLSX'],
    ['no sheets', () => zipSync({ 'a.txt': strToU8('x') }), 'XLSX'],
    ['its end cut off', () => bomb().subarray(0, 500), 'XLSX'],
    ['the old format', () => new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 1, 2, 3, 4]), 'XLSX'],
  ])('with %s are refused', (_, make, code) => {
    expect(() => readTables(make())).toThrow(expect.objectContaining({ code }));
  });
});
