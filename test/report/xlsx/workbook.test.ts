import { strFromU8, unzipSync } from 'fflate';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { programmeLines } from '../../../src/core/plan/programme/lines.ts';
import type { Sheet } from '../../../src/core/sheet/sheet.ts';
import { assumptionNames } from '../../../src/report/xlsx/layout.ts';
import type { Workbook } from '../../../src/report/xlsx/model.ts';
import { planWorkbook, planWorkbookModel } from '../../../src/report/xlsx/plan-workbook.ts';
import { workbookParts, writeWorkbook } from '../../../src/report/xlsx/write.ts';
import { columnName, escapeText, sheetNames } from '../../../src/report/xlsx/xml.ts';
import { INFO, planOf, scenarioSheets, sheetOf, template } from '../plans.ts';
import { Calculator } from './evaluate.ts';

/** Every kind of formula: names, lookups, dates, aggregates with conditions, texts, unknowns, excluded rows. */
const EVERYTHING = planOf({
  name: 'Everything',
  assumptions: [
    { key: 'rate', value: '2.10 to 3.10', unit: 'USD/(chip·h)' },
    { key: 'tax2026', value: '0.19' },
    { key: 'launch', value: '2027-03-01' },
    { key: 'dbl', value: '=rate * 2', unit: 'USD/(chip·h)' },
    { key: 'r1', value: '5' },
  ],
  runs: [
    {
      key: 'r1',
      name: 'A "q" <&>',
      status: 'approved',
      model: 'llama-3.1-8b',
      tokens: '15T',
      hardware: 'h100-sxm',
      chips: '512',
      mfu: '0.36 to 0.44',
      goodput: '0.95',
      chip_hour_price: '=rate',
      start_date: '2027-01-04',
      flop_convention: 'exact_causal',
      region: 'gcp-us-central1',
      contingency: '10%',
    },
    {
      key: 'r2',
      name: 'B',
      status: 'approved',
      params_total: '=runs.r1.params_total * 2',
      tokens: '=tokens_per * 1000000 token',
      hardware: 'h200-sxm',
      chips: '=ceil(300.2) * 1 chip',
      start_date: '=launch + 10 day',
      payment: 'owned',
      electricity_price: '0.09 USD/kWh',
      chip_hour_price: '=max(dbl, 1.5 USD/(chip·h)) * (1 + tax2026)',
    },
    {
      key: 'r3',
      name: 'C',
      included: 'no',
      params_total: '3B',
      tokens: '60B',
      hardware: 'b200',
      chips: '64',
      mfu: '=clamp(0.5, 0, 0.45)',
      count: '24',
    },
  ],
  costs: [
    { key: 'c1', name: 'Staff', category: 'staff', quantity: '12', unit_cost: '=200000 USD * (1 + tax2026)' },
    { key: 'c2', name: 'Share', unit_cost: '=0.05 * sum(runs.compute_cost, runs.status = "approved")' },
    { key: 'c3', name: 'Largest', unit_cost: '=max(runs.total_cost)' },
    { key: 'c4', name: 'Number', unit_cost: '=count(runs) * 10 USD' },
  ],
  columns: [
    { table: 'runs', id: 'tokens_per', label: 'Tok', formula: 'if(name = "B", 2000000, 5)' },
    { table: 'runs', id: 'per_day', label: 'Per day', unit: 'USD/day', formula: 'total_cost / train_days' },
    { table: 'runs', id: 'days_to_launch', label: 'To launch', unit: 'day', formula: 'launch - start_date' },
    { table: 'runs', id: 'starts_in', label: 'Starts', formula: 'year(start_date) * 100 + month(start_date)' },
    {
      table: 'runs',
      id: 'small',
      label: 'Small',
      formula: 'if(contains(hardware, "H") and not (chips > 400 chip), 1, 0)',
    },
    { table: 'runs', id: 'rounded', label: 'Rounded', unit: 'USD', formula: 'round(total_cost, 1000 USD) - -5 USD' },
    { table: 'runs', id: 'power', label: 'Power', formula: '(params_total / (1e9 param))^0.5 * 2^-1 - -2^2' },
    { table: 'runs', id: 'share', label: 'Share', formula: 'total_cost / sum(runs.total_cost)' },
    { table: 'runs', id: 'log', label: 'Log', formula: 'log10(train_flop / (1 FLOP)) - ln(2) / exp(-1)' },
  ],
});

/** Formulas whose recomputed value differs from the one written beside them by more than 1e-9. */
function differences(calculator: Calculator, written: Workbook): string[] {
  const found: string[] = [];
  for (const sheet of written.sheets)
    sheet.rows.forEach((row, r) =>
      row.forEach((cell, c) => {
        if (cell?.formula === undefined) return;
        const got = calculator.get(`${sheet.name}!${columnName(c)}${r + 1}`);
        const want = cell.value;
        const same =
          want === null
            ? typeof got === 'number' && Number.isNaN(got)
            : typeof want === 'number'
              ? typeof got === 'number' && Math.abs(got - want) <= 1e-9 * Math.max(1, Math.abs(want))
              : got === want;
        if (!same)
          found.push(
            `${sheet.name} ${columnName(c)}${r + 1} =${cell.formula}: ${String(want)}, recomputed ${String(got)}`,
          );
      }),
    );
  return found;
}

function formulas(workbook: Workbook): string[] {
  return workbook.sheets.flatMap((sheet) =>
    sheet.rows.flatMap((row) => row.flatMap((cell) => (cell?.formula !== undefined ? [cell.formula] : []))),
  );
}

function place(workbook: Workbook, sheet: string, row: number, id: string): string {
  const column =
    workbook.sheets.find((own) => own.name === sheet)?.rows[2]?.findIndex((cell) => cell?.value === id) ?? -1;
  if (column < 0) throw new Error(`no column ${id}`);
  return `${sheet}!${columnName(column)}${row + 4}`;
}

/** What the predictor says of a layout is ours to say: it stands as a kept value. */
const PREDICTED = ['tokens_per_s_predicted', 'memory_per_chip_gib', 'memory_fits'];

function keepPredictions(calculator: Calculator, written: Workbook): void {
  const runs = written.sheets.find((own) => own.name === 'Runs')?.rows ?? [];
  for (const id of PREDICTED) {
    const column = runs[2]?.findIndex((cell) => cell?.value === id) ?? -1;
    runs.slice(3).forEach((row, r) => {
      const value = row[column]?.value;
      if (typeof value === 'number' || typeof value === 'boolean') calculator.set(place(written, 'Runs', r, id), value);
    });
  }
}

function edited(sheet: Sheet, cells: Record<string, string>): Sheet {
  sheet.apply(Object.entries(cells).map(([cell, to]) => ({ set: cell.split('.') as ['runs', string, string], to })));
  sheet.recalculate();
  return sheet;
}

function wellFormed(path: string, xml: string): void {
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw new Error(`${path}: ${error.message}`);
  });
  parser.write(xml).close();
}

describe('live formulas', () => {
  it.each(['02-7b-1t-rented-h100', '03-llama-3.1-405b', '04-gpt-3-175b', '05-deepseek-v3'])(
    'of %s give the values written beside them, before and after an edit',
    (id) => {
      const sheet = sheetOf(template(id));
      const before = planWorkbookModel(sheet, INFO);
      const calculator = new Calculator(before);
      expect(formulas(before).length).toBeGreaterThan(35);
      expect(differences(calculator, before)).toEqual([]);
      const key = sheet.state.tables.runs.keys[0] as string;
      calculator.set(place(before, 'Runs', 0, 'mfu'), 0.33);
      calculator.set(place(before, 'Runs', 0, 'tokens'), 3.3e12);
      calculator.set(place(before, 'Runs', 0, 'chips'), 777);
      expect(differences(calculator, before).length).toBeGreaterThan(5);
      const after = planWorkbookModel(
        edited(sheet, { [`runs.${key}.mfu`]: '0.33', [`runs.${key}.tokens`]: '3.3T', [`runs.${key}.chips`]: '777' }),
        INFO,
      );
      keepPredictions(calculator, after);
      expect(differences(calculator, after)).toEqual([]);
    },
  );

  it('of every kind follow edits of inputs, assumptions and choices', () => {
    const sheet = sheetOf(EVERYTHING);
    const before = planWorkbookModel(sheet, INFO);
    const calculator = new Calculator(before);
    expect(differences(calculator, before)).toEqual([]);
    calculator.set('Assumptions!B4', 4);
    calculator.set(place(before, 'Runs', 1, 'payment'), 'on_demand');
    calculator.set(place(before, 'Runs', 0, 'hardware'), 'b200');
    calculator.set(place(before, 'Runs', 2, 'included'), true);
    // What the peak and the server overhead become is ours to say: those stand as kept values.
    const after = planWorkbookModel(
      edited(sheet, {
        'assumptions.rate.value': '4',
        'runs.r2.payment': 'on_demand',
        'runs.r1.hardware': 'b200',
        'runs.r3.included': 'yes',
      }),
      INFO,
    );
    for (const id of ['peak_flop_per_s', 'server_overhead'])
      calculator.set(place(after, 'Runs', 0, id), sheet.value('runs', 'r1', id));
    keepPredictions(calculator, after);
    // Months are laid out by Flopsheet: kept values, as their sheet says.
    expect(differences(calculator, after).filter((line) => !line.startsWith('Cash flow'))).toEqual([]);
  });

  it('of the cash flow add up the months to the costs of the plan, to the cent', () => {
    const sheet = sheetOf(template('21-yearly-programme'));
    const rows = planWorkbookModel(sheet, INFO).sheets.find((own) => own.name === 'Cash flow')?.rows ?? [];
    const cost = rows[0]?.findIndex((cell) => cell?.value === 'Cost') ?? -1;
    const total = rows.find((row) => row[0]?.value === 'Total');
    expect(total?.[cost]?.formula).toBe(`SUM(${columnName(cost)}3:${columnName(cost)}14)`);
    const cents = programmeLines(sheet)
      .lines.filter((line) => line.view !== 'cash')
      .reduce((sum, line) => sum + line.months.cents.reduce((a, b) => a + b, 0), 0);
    expect(total?.[cost]?.value).toBeCloseTo(cents / 100, 6);
    const workbook = planWorkbookModel(sheet, INFO);
    const wrong = differences(new Calculator(workbook), workbook);
    expect(wrong.filter((line) => line.startsWith('Cash flow'))).toEqual([]);
  });

  it('say which method a kept value comes from', () => {
    const runs = planWorkbookModel(sheetOf(EVERYTHING), INFO).sheets.find((sheet) => sheet.name === 'Runs');
    const notes = runs?.rows.slice(3).flatMap((row) => row.flatMap((cell) => cell?.note ?? []));
    expect(notes).toContain(
      'dense_peak(): computed by Flopsheet and kept at this value; it does not follow changes in this file.',
    );
    expect(notes).toContain('Typed: 0.36 to 0.44. The central value stands here.');
  });

  it('use names for assumptions only, same-row references, and nothing that leaves the file', () => {
    const workbook = planWorkbookModel(sheetOf(EVERYTHING), INFO);
    expect(workbook.names.map(({ name }) => name)).toEqual(['rate', '_tax2026', 'launch', 'dbl', '_r1']);
    const all = formulas(workbook).join('\n');
    expect(all).not.toMatch(/WEBSERVICE|HYPERLINK|INDIRECT|https?:|\[\d|DDE|\|/i);
    const compute = workbook.sheets
      .find((sheet) => sheet.name === 'Runs')
      ?.rows[3]?.find((cell) => cell?.formula?.startsWith('ROUND('))?.formula;
    expect(compute).toMatch(/^ROUND\([A-Z]+4\*[A-Z]+4,2\)$/);
  });

  it('make unknown an error and never 0', () => {
    const workbook = planWorkbookModel(
      sheetOf(planOf({ runs: [{ key: 'r1', name: 'a', params_total: '7B', hardware: 'h100-sxm', chips: '8' }] })),
      INFO,
    );
    const calculator = new Calculator(workbook);
    const at = workbook.sheets
      .find((sheet) => sheet.name === 'Runs')
      ?.rows[2]?.findIndex((cell) => cell?.value === 'total_cost');
    expect(at === -1 || Number.isNaN(calculator.get(`Runs!${columnName(at as number)}4`))).toBe(true);
    expect(differences(calculator, workbook)).toEqual([]);
  });
});

describe('the file', () => {
  const plan = template('02-7b-1t-rented-h100');
  const bytes = planWorkbook(sheetOf(plan), { ...INFO, scenarios: scenarioSheets(plan) });
  const parts = Object.fromEntries(
    Object.entries(unzipSync(bytes)).map(([path, content]) => [path, strFromU8(content)]),
  );

  it('is the same for the same plan and date', () => {
    expect(Buffer.compare(planWorkbook(sheetOf(plan), { ...INFO, scenarios: scenarioSheets(plan) }), bytes)).toBe(0);
  });

  it('has well-formed parts, each with a content type, each target of a relation present', () => {
    expect(Object.keys(parts)[0]).toBe('[Content_Types].xml');
    for (const [path, xml] of Object.entries(parts)) {
      wellFormed(path, xml);
      if (!path.endsWith('.rels')) continue;
      const folder = path.replace(/_rels\/[^/]+$/, '');
      for (const [, target] of xml.matchAll(/Target="([^"]+)"/g))
        expect(Object.keys(parts)).toContain(new URL(target as string, `http://x/${folder}`).pathname.slice(1));
    }
    const types = parts['[Content_Types].xml'] ?? '';
    for (const path of Object.keys(parts))
      if (/^xl\/(worksheets\/sheet|comments)\d+\.xml$/.test(path)) expect(types).toContain(`PartName="/${path}"`);
  });

  it('has a sheet for each table, scenarios, percentiles and columns', () => {
    const names = [...(parts['xl/workbook.xml'] ?? '').matchAll(/<sheet name="([^"]+)"/g)].map((match) => match[1]);
    expect(names).toEqual([
      'Summary',
      'Assumptions',
      'Runs',
      'Catalog hardware',
      'Percentiles',
      'Scenarios',
      'Open points',
      'Sources',
      'Columns',
    ]);
  });

  it('writes texts as texts, whatever they look like', () => {
    const hostile = ['=cmd|"/c calc"!A1', '<f>1+1</f>', '_x0041_', '&amp;', 'a\u0000b\ud800', ']]>', '"><v>1</v>'];
    const workbook: Workbook = {
      title: hostile[1] as string,
      date: '2026-11-25',
      sheets: [{ name: "it's [a]:*?/\\", rows: [hostile.map((value) => ({ value, note: value }))], widths: [] }],
      names: [],
    };
    const xml = workbookParts(workbook);
    expect(xml['xl/worksheets/sheet1.xml']).not.toMatch(/<f>/);
    expect(xml['xl/worksheets/sheet1.xml']?.match(/t="inlineStr"/g)).toHaveLength(hostile.length);
    for (const [path, text] of Object.entries(xml)) wellFormed(path, text);
    expect(escapeText('_x0041_')).toBe('_x005F_x0041_');
    expect(writeWorkbook(workbook).length).toBeGreaterThan(500);
  });

  it('has these parts (golden)', async () => {
    const workbook: Workbook = {
      title: 'Small',
      date: '2026-11-25',
      sheets: [
        {
          name: 'Runs',
          rows: [
            [
              { value: 'Cost', style: { bold: true, fill: 'EEF1EF' }, note: 'What it costs.' },
              undefined,
              { value: true },
            ],
            [
              { value: 1234.5, style: { format: '#,##0.00', color: '1B4FC4' } },
              { value: 2469, formula: 'A2*rate' },
            ],
            [{ value: null, formula: 'NA()' }, { value: 'yes', formula: 'IF(A2<B2,"yes","no")' }, { value: null }],
          ],
          widths: [12, 20],
          frozen: { rows: 1, columns: 1 },
        },
      ],
      names: [{ name: 'rate', reference: 'Runs!$C$4' }],
    };
    const text = Object.entries(workbookParts(workbook))
      .map(([path, xml]) => `--- ${path}\n${xml.replaceAll('><', '>\n<')}\n`)
      .join('');
    await expect(text).toMatchFileSnapshot('../../golden/report/small-workbook.txt');
  });

  it('refuses a sheet larger than a worksheet can be', () => {
    const rows = new Array<[]>(1_048_577).fill([]);
    expect(() =>
      workbookParts({ title: '', date: '2026-11-25', sheets: [{ name: 'a', rows, widths: [] }], names: [] }),
    ).toThrow(expect.objectContaining({ code: 'XLSX_SIZE' }));
  });
});

it('names of assumptions never look like cells and are unique', () => {
  expect([...assumptionNames(['pue', 'A1', 'a1', 'R1C1', 'c', 'TRUE', 'xfd99', 'longer1', 'PUE']).values()]).toEqual([
    'pue',
    '_A1',
    '_a1_2',
    '_R1C1',
    '_c',
    '_TRUE',
    '_xfd99',
    'longer1',
    'PUE_2',
  ]);
});

it('sheet names are short, clean and unique', () => {
  expect(sheetNames(['Runs', 'runs', 'a/b', "'x'", '', 'n'.repeat(40), 'n'.repeat(50)])).toEqual([
    'Runs',
    'runs 2',
    'a b',
    'x',
    'Sheet',
    'n'.repeat(31),
    `${'n'.repeat(29)} 2`,
  ]);
});
