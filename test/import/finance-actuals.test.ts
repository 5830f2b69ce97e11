/** Actuals from a pasted table: what can be used is used, everything else is said row by row. */
import { expect, test } from 'vitest';
import { actualCommands } from '../../src/import/finance/actuals.ts';

const TARGET = {
  currency: 'USD',
  runs: [
    { key: 'r1', name: 'Dense 70B' },
    { key: 'r2', name: 'MoE' },
  ],
  taken: ['a1'],
};

test('commas or tabs, names or keys, other people’s headers', () => {
  const csv = 'Month,Run,GPU hours,Tokens,Amount,Invoice number\n2027-03,dense 70b,"1,234.5",3.3T,-20.5,INV-7\n';
  const { commands, problems } = actualCommands(csv, TARGET);
  expect(problems).toEqual([]);
  expect(commands).toEqual([
    {
      row: ['actuals', 'a2'],
      to: {
        at: 1,
        cells: {
          month: '2027-03-01',
          run: 'r1',
          chip_hours: '1234.5',
          tokens: '3.3T',
          invoice: '-20.5',
          source: 'INV-7',
        },
      },
    },
  ]);
  const tsv = 'month\trun\tinvoice\r\n2028-02-29\tr2\t100\r\n';
  expect(actualCommands(tsv, TARGET).commands[0]).toMatchObject({
    to: { cells: { month: '2028-02-01', run: 'r2', invoice: '100' } },
  });
});

test('an instant falls in its UTC month; without a zone it is asked about', () => {
  const at = (month: string) => actualCommands(`month,invoice\n${month},1`, TARGET);
  expect(at('2027-04-01T00:30:00+02:00').commands[0]).toMatchObject({ to: { cells: { month: '2027-03-01' } } });
  expect(at('2027-04-01T00:30:00').problems[0]).toMatchObject({
    row: 1,
    message: '"2027-04-01T00:30:00" has a time but no time zone.',
  });
});

test.each([
  ['2027-13,r1,1,1,', '"2027-13" is not a month.'],
  ['2027-02-29,r1,1,1,', '2027-02-29 does not exist: 2027 is not a leap year.'],
  ['2027-03,r9,1,1,', '"r9" is no run of this plan.'],
  ['2027-03,r1,-5,1,', 'chip hours cannot be -5.'],
  ['2027-03,r1,lots,1,', '"lots" is not a number of chip hours.'],
  ['2027-03,r1,1,1,EUR', 'The invoice is in EUR, the plan in USD: they cannot be added.'],
  ['2027-03,r1,,,', 'The row says nothing that happened.'],
])('%s is left out: %s', (row, message) => {
  const { commands, problems } = actualCommands(`month,run,chip_hours,invoice,currency\n${row}`, TARGET);
  expect(commands).toEqual([]);
  expect(problems).toEqual([expect.objectContaining({ row: 1, message })]);
});

test('a table without months is refused whole', () => {
  expect(() => actualCommands('run,invoice\nr1,5', TARGET)).toThrow('The table has no column "month".');
});
