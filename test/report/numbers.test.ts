/** What is printed is what `plan --json` says, at the shown rounding. */
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogRow } from '../../src/core/sheet/catalog.ts';
import { distributionOf } from '../../src/core/sheet/distribution.ts';
import type { Sheet } from '../../src/core/sheet/sheet.ts';
import type { ColumnState } from '../../src/core/sheet/state.ts';
import { totalNode } from '../../src/core/sheet/totals.ts';
import { planPdf } from '../../src/report/plan-report.ts';
import { Terminal } from '../cli/in-process.ts';
import { HAS_POPPLER, INFO, pdfText, scenarioSheets, sheetOf, template } from './plans.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const SCALES: Record<string, number> = { K: 1e3, M: 1e6, B: 1e9, T: 1e12, '%': 0.01 };
const GIB = 2 ** 30;

/** Every number of a text with the half unit of its last digit. */
function numbersIn(text: string): { shown: string; value: number; tolerance: number }[] {
  return [
    ...text.matchAll(
      /(?<![\w.,-])([−+]?)(\d[\d,]*)(\.\d+)?(?:×10(⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)| ?([KMBT%])(?!\w))?\*?(?![\w.,-]\d|\w)/g,
    ),
  ].map(([shown, sign, whole, fraction = '', power, suffix]) => {
    const exponent = power ? Number([...power].map((c) => (c === '⁻' ? '-' : SUPERSCRIPTS.indexOf(c))).join('')) : 0;
    const scale = (suffix ? (SCALES[suffix] as number) : 1) * 10 ** exponent;
    const value = Number(`${whole?.replaceAll(',', '')}${fraction}`) * scale * (sign === '−' ? -1 : 1);
    return { shown, value, tolerance: 0.5 * 10 ** -Math.max(0, fraction.length - 1) * scale };
  });
}

type Json = Record<string, unknown>;

function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

/** What the first page works out from the numbers of the plan: shares and differences. */
function workedOut(plan: Json): number[] {
  const whole = plan['programme_cost'] as number;
  const runs = plan['runs'] as Json[];
  const totals = (of: unknown): number[] => numbersOf((of as Json)['totals']);
  const idle = (plan['capacity'] as Json[]).map((row) => Number(row['idle_cost'] ?? 0));
  const sum = (list: readonly unknown[]): number => list.reduce<number>((total, own) => total + Number(own ?? 0), 0);
  const amounts = sum((plan['costs'] as Json[]).map((row) => row['amount']));
  const extra = sum((plan['costs'] as Json[]).map((row) => row['contingency_cost']));
  const parts = [...runs.map((run) => run['total_cost'] as number), amounts, extra, sum(idle)];
  const scenarios = plan['scenarios'] as Json[];
  const cash = (plan['cash'] as Json)['months'] as Json[];
  return [
    ...parts,
    ...parts.map((part) => part / whole),
    ...runs.map((run) => Number(run['total_cost'])).flatMap((cost, _, all) => [sum(all) - cost]),
    1,
    ...scenarios.flatMap((own) => [Number(own['programme_cost']) - whole, ...totals(own)]),
    sum(cash.map((month) => month['committed_cash'] ?? month['committed'])),
  ];
}

/** Inputs that move the total, as the inspector shows them; the chart's title has its central value in thousands or millions. */
function drivers(sheet: Sheet): number[] {
  const total = sheet.column('runs', 'total_cost') as ColumnState;
  const view = distributionOf(sheet, { node: totalNode(sheet, 'runs', total) }, total.unit.scale, total.unit.text);
  return view
    ? [...view.drivers.flatMap(({ low, high, share }) => [low, high, share]), view.central / 1e3, view.central / 1e6]
    : [];
}

describe.runIf(HAS_POPPLER)('numbers in the PDF', () => {
  it.each(['02-7b-1t-rented-h100', '03-llama-3.1-405b', '04-gpt-3-175b', '05-deepseek-v3', '21-yearly-programme'])(
    'of %s are those of plan --json',
    async (id) => {
      const file = fileURLToPath(new URL(`../../assets/templates/${id}.json`, import.meta.url));
      const plan = await terminal.json('plan', file);
      const document = template(id);
      const sheet = sheetOf(document);
      const chips = sheet.state.tables.runs.keys.map((key) =>
        catalogRow(sheet.options.catalog, 'hardware', sheet.text('runs', key, 'hardware')),
      );
      const values = [
        ...numbersOf(plan),
        ...workedOut(plan),
        ...drivers(sheet),
        ...chips.map((chip) => Number(chip?.fields['memory_usable_bytes']) / GIB),
      ];
      const words = [
        document.settings.name,
        ...sheet.state.tables.runs.columns.map((column) => column.def.label),
        ...Object.values(document.tables).flatMap((rows) => rows.map((row) => row.cells['name'] ?? '')),
        ...document.scenarios.map((scenario) => scenario.name),
        ...chips.map((chip) => chip?.name ?? ''),
        ...(plan['runs'] as Json[]).flatMap((run) => Object.values(run).filter((value) => typeof value === 'string')),
        'enough in 9 of 10 cases',
        'in 8 of 10 cases',
        '1e18',
      ] as string[];
      const sections = ['runs', 'uncertainty'] as const;
      const pdf = await planPdf(sheet, { ...INFO, sections, scenarios: scenarioSheets(document) });
      const body = pdfText(pdf)
        .split('\n')
        .filter((line) => !/Flopsheet (budget report|0\.1\.0)| \. \. \. |[Nn]ot say enough/.test(line))
        .join('\n')
        .replace(/ +/g, ' ');
      const bare = words
        .filter(Boolean)
        .sort((a, b) => b.length - a.length)
        .reduce((rest, word) => rest.replaceAll(word, '|'), body)
        .replace(/\bP(5|10|50|90|95)\b|\d{4}-\d\d-\d\d|CO₂e|10²¹ FLOP|\br\.\d+|^\d+\. (Check|Error) .*$/gm, '|');
      expect(numbersIn(bare).length).toBeGreaterThan(40);
      const strangers = (text: string): string[] =>
        numbersIn(text)
          .filter(({ value, tolerance }) => !values.some((own) => Math.abs(own - value) <= tolerance * 1.0001))
          .map((number) => number.shown);
      expect(strangers(bare)).toEqual([]);
      // The twin: one wrong cent in the text is found.
      const money = /\d{1,3},\d[\d,]*\.\d\d(?=\s)/.exec(bare)?.[0] as string;
      const wrong = money.slice(0, -1) + ((Number(money.at(-1)) + 5) % 10);
      expect(strangers(bare.replace(money, wrong))).toEqual([wrong]);
    },
    30_000,
  );
});
