import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlopsheetError } from '../../../src/core/errors.ts';
import { actualCommands } from '../../../src/import/finance/actuals.ts';
import { parseTable } from '../../../src/import/finance/table.ts';
import { parseCsv } from '../../../src/import/model/csv.ts';
import { layerListsFromCsv } from '../../../src/import/model/layer-csv.ts';
import { parseCsv as parseShippedCsv } from '../../../src/store/csv.ts';
import { readTables } from '../../../src/import/table/read-tables.ts';
import { prototypes } from './prototypes.ts';

const TABLES = 10_000;
const SEED = 20_261_125;

/** Pieces that tables are made of, and pieces that break readers of tables. */
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(',', '\n', '\t', ';', '\r\n', '"', '""', '\r', ' ') },
  { weight: 4, arbitrary: fc.constantFrom('month', 'chip_hours', 'invoice', 'layer', 'type', 'in_channels', 'run', 'source') }, // prettier-ignore
  { weight: 4, arbitrary: fc.constantFrom('2026-01', '1,234.5', '1.234,5', '1e400', '-0', 'NaN', '0x10', '9'.repeat(400)) }, // prettier-ignore
  { weight: 3, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '\uFEFF', '\0', '\u2028', '=cmd()', '@x', '\uD800') }, // prettier-ignore
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
const table = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
const headed = fc
  .tuple(fc.constantFrom('month,chip_hours,invoice\n', 'layer,type,in,out,kernel,size\n', 'month\tinvoice\n'), table)
  .map(([head, rest]) => head + rest);

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'a pasted table': (text) => parseTable(text),
  'a table of layers': (text) => layerListsFromCsv(text),
  'a table of actuals': (text) =>
    actualCommands(text, { currency: 'USD', runs: [{ key: 'r1', name: 'Run' }], taken: [] }),
  'a comma-separated file': (text) => parseCsv(text, 1000),
  'a file of any table': (text) => readTables(new TextEncoder().encode(text)),
  'a shipped file': (text) => parseShippedCsv(text),
};

describe('tables somebody pastes or drops', () => {
  it(`${TABLES} made of broken pieces: a table or an error with a code, soon, and nothing else is touched`, () => {
    const before = prototypes();
    let refused = 0;
    for (const text of fc.sample(fc.oneof(table, headed), { numRuns: TABLES, seed: SEED }))
      for (const [name, read] of Object.entries(READERS)) {
        const started = performance.now();
        try {
          read(text);
        } catch (error) {
          if (!(error instanceof FlopsheetError)) throw new Error(`${name}: ${JSON.stringify(text)}`, { cause: error });
          refused++;
        }
        expect(performance.now() - started, `${name}: ${JSON.stringify(text)}`).toBeLessThan(2000);
      }
    expect(refused).toBeGreaterThan(1000);
    expect(prototypes()).toBe(before);
  });

  it.each<[string, string]>([
    ['an open quote of 20 MB', `month,invoice\n"${'x'.repeat(20_000_000)}`],
    ['two million columns', `${'a,'.repeat(2_000_000)}a\n1`],
    ['two million empty lines', `month,invoice\n${'\n'.repeat(2_000_000)}`],
    ['a million rows', `month,invoice\n${'2026-01,1\n'.repeat(1_000_000)}`],
  ])('%s: answered or refused within five seconds', (_what, text) => {
    for (const [name, read] of Object.entries(READERS)) {
      // Shipped files are ours; their reader has no limits.
      if (name === 'a shipped file') continue;
      const started = performance.now();
      try {
        read(text);
      } catch (error) {
        expect(error, name).toBeInstanceOf(FlopsheetError);
      }
      expect(performance.now() - started, name).toBeLessThan(5000);
    }
  });
});
