import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Terminal } from './in-process.ts';
import { workbookOf } from '../import/table/workbooks.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

const PLAN = {
  format: 'flopsheet-plan',
  version: 1,
  name: 'Target',
  runs: [{ key: 'pilot', name: 'Pilot', params_total: '7B', tokens: '140B', hardware: 'h100-sxm', chips: '64' }],
};

async function runsOf(file: string): Promise<Record<string, unknown>[]> {
  return (await terminal.json('plan', file))['runs'] as Record<string, unknown>[];
}

describe('import', () => {
  it('takes runs from a CSV with units in its headers and changes those that are there', async () => {
    const plan = terminal.file('plan.json', PLAN);
    const out = join(terminal.folder, 'out.json');
    const csv = terminal.file(
      'runs.csv',
      [
        'Run name,Parameters (B),Training tokens [T],GPU type,GPUs,GPU hour price,Start,Owner',
        // Llama 2 70B, Touvron et al. 2023: 2.0T tokens, 1,720,320 A100 hours; the rest is made up.
        'Llama 2 70B,70,2,a100-80gb-sxm,2048,$1.80,31.01.2027,somebody',
        'Pilot,,0.15,,128,"2,10 ?",2027-02-01,',
        '"=HYPERLINK(""http://x"")",1,1,h100-sxm,8,2,,',
      ].join('\n'),
    );
    const result = await terminal.json('import', csv, '--into', plan, '--out', out);
    expect(result).toMatchObject({ added: 2, changed: 1, file: out });
    expect(
      (result['mapping'] as { from: string; to: string | null; unit: string }[]).map(({ to, unit }) => [to, unit]),
    ).toEqual([
      ['name', ''],
      ['params_total', 'B'],
      ['tokens', 'T'],
      ['hardware', ''],
      ['chips', ''],
      ['chip_hour_price', ''],
      ['start_date', ''],
      [null, ''],
    ]);
    const problems = result['problems'] as { row: number; column: string; message: string }[];
    expect(problems.map(({ row, column }) => [row, column])).toEqual([[4, 'Run']]);
    const runs = await runsOf(out);
    expect(runs.map((run) => run['key'])).toEqual(['pilot', 'llama_2_70b', 'row']);
    const llama = runs[1] ?? {};
    // 6 FLOP a parameter and token: 6 x 70e9 x 2e12.
    expect(llama['train_flop']).toBeCloseTo(6 * 70e9 * 2e12, -10);
    expect(llama).toMatchObject({ chip_hour_price: 1.8, start_date: '2027-01-31', chips: 2048 });
    expect(runs[0]).toMatchObject({ tokens: 150e9, chips: 128, params_total: 7e9 });
    expect(readFileSync(out, 'utf8')).not.toContain('HYPERLINK');
    expect(JSON.parse(readFileSync(plan, 'utf8'))).toEqual(PLAN);
  });

  it('takes measurements from a workbook, under columns that people name', async () => {
    const plan = terminal.file('plan2.json', PLAN);
    const out = join(terminal.folder, 'out2.json');
    const book = join(terminal.folder, 'measured.xlsx');
    const cell = (ref: string, content: string): string => `<c r="${ref}" t="inlineStr"><is><t>${content}</t></is></c>`;
    writeFileSync(
      book,
      workbookOf(
        `<row r="1">${cell('A1', 'Which')}${cell('B1', 'Model FLOP utilisation')}${cell('C1', 'Up')}</row>` +
          `<row r="2">${cell('A2', 'Pilot')}<c r="B2"><v>38.5</v></c><c r="C2"><v>0.93</v></c></row>`,
      ),
    );
    const map = 'Which=name; Model FLOP utilisation=mfu %; Up=goodput';
    const dry = await terminal.json('import', book, '--into', plan, '--map', map, '--dry-run');
    expect(dry).toMatchObject({ added: 0, changed: 1, problems: [], file: null });
    await terminal.json('import', book, '--into', plan, '--map', map, '--out', out);
    expect((await runsOf(out))[0]).toMatchObject({ mfu: 0.385, goodput: 0.93 });
  });

  it('takes a price list into the price book, and says which rows are none', async () => {
    const csv = terminal.file(
      'prices.csv',
      [
        'Vendor;GPU;Price per GPU hour (USD/h);Term;Quote date',
        'Acme;h100-sxm;2,35;reserved_1y;01.11.2026',
        'Acme;h200-sxm;;spot;01.11.2026',
        'Acme;b200;€ 3,90;spot;01.11.2026',
      ].join('\n'),
    );
    const result = await terminal.json('import', csv, '--table', 'prices');
    expect(result).toMatchObject({ added: 1 });
    expect((result['problems'] as { row: number; message: string }[]).map(({ row }) => row)).toEqual([3, 4]);
    const shown = await terminal.run('catalog', 'show', 'price', 'yours-acme-h100-sxm-reserved-1y-2026-11-01');
    expect(shown.out).toContain('2.35');
  });

  it('says what is wrong and where', async () => {
    const plan = terminal.file('plan3.json', PLAN);
    const csv = terminal.file('x.csv', 'colour,shape\nred,round\n');
    const cases: [string[], RegExp][] = [
      [['nothing.csv', '--into', plan], /there is no file nothing\.csv/],
      [[csv, '--into', plan], /no column of x\.csv has a name/],
      [[csv, '--into', plan, '--map', 'colour=nmae'], /there is no column "nmae"[\s\S]*did you mean "name"/],
      [[csv, '--into', plan, '--map', 'colour=name'], /where should the plan with its new rows go\?/],
      [[csv, '--into', plan, '--table', 'cars'], /there is no table "cars"/],
      [[csv], /which plan should take the rows\?/],
    ];
    for (const [args, message] of cases) {
      const done = await terminal.run('import', ...args);
      expect(done.err).toMatch(message);
      expect(done.status).toBe(2);
    }
  });
});

describe('files that leave and come', () => {
  const template = fileURLToPath(new URL('../../assets/templates/21-yearly-programme.json', import.meta.url));

  it('with odd characters in their path are written and read like any other', async () => {
    const odd = join(terminal.folder, 'Plan α; $(rm) "quoted" 🚀 %s');
    mkdirSync(odd);
    const [pdf, xlsx] = [join(odd, 'report #1.pdf'), join(odd, 'book\u00a0&.xlsx')];
    const report = await terminal.json(
      'report',
      template,
      '--pdf',
      pdf,
      '--xlsx',
      xlsx,
      '--sections',
      'approval',
      '--redact',
    );
    expect(report['files']).toEqual([pdf, xlsx]);
    expect(readFileSync(pdf, 'latin1').slice(0, 5)).toBe('%PDF-');
    const plan = terminal.file('plan4.json', PLAN);
    const back = await terminal.json('import', xlsx, '--sheet', 'Runs', '--into', plan, '--dry-run');
    expect(back).toMatchObject({ added: 4, changed: 0, problems: [] });
  });

  it('say which catalog rows they bring that are not here', async () => {
    const row = {
      kind: 'hardware',
      key: 'x1',
      name: 'X1',
      fields: {},
      source: '',
      source_url: '',
      as_of: '',
      confidence: '',
      licence: '',
    };
    const plan = terminal.file('shared.json', { ...PLAN, catalog: [row] });
    const { notes } = (await terminal.json('plan', plan)) as { notes: string[] };
    expect(notes.join(' ')).toContain('catalog rows that this store lacks: hardware x1');
  });

  it('of our own come back without a change', async () => {
    const xlsx = join(terminal.folder, 'own.xlsx');
    await terminal.run('report', template, '--xlsx', xlsx);
    const back = await terminal.json('import', xlsx, '--sheet', 'Runs', '--into', template, '--dry-run');
    expect(back).toMatchObject({ added: 0, changed: 0, problems: [] });
  });

  it('that are large and hostile are read in a thread that is ended', async () => {
    const bomb = join(terminal.folder, 'bomb.xlsx');
    const noise = Array.from({ length: 60_000 }, (_, i) => `<c r="A1"><v>${(i * 7919) % 100_003}</v></c>`).join('');
    writeFileSync(bomb, workbookOf(`<row>${noise.repeat(12)}</row>`));
    expect(statSync(bomb).size).toBeGreaterThan(200_000);
    const done = await terminal.run('import', bomb, '--into', template);
    expect(done.err).toMatch(/more than 500000 cells[\s\S]*bomb\.xlsx/);
    expect(done.status).toBe(2);
  });
});
