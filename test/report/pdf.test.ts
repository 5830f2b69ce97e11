import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { reportFonts } from '../../src/report/fonts.ts';
import { renderPdf } from '../../src/report/pdf.ts';
import { planPdf, planReportModel } from '../../src/report/plan-report.ts';
import { HAS_POPPLER, INFO, pdfText, planOf, poppler, scenarioSheets, sheetOf, template } from './plans.ts';

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const llama = sheetOf(template('03-llama-3.1-405b'));

describe('the PDF file', () => {
  it('has the same bytes for the same plan and date, also in another process', async () => {
    const first = sha(await planPdf(llama, INFO));
    expect(sha(await planPdf(llama, INFO))).toBe(first);
    const script = `
      const { planPdf } = await import(${JSON.stringify(new URL('../../src/report/plan-report.ts', import.meta.url).href)});
      const { sheetOf, template, INFO } = await import(${JSON.stringify(new URL('./plans.ts', import.meta.url).href)});
      const { createHash } = await import('node:crypto');
      process.stdout.write(createHash('sha256').update(await planPdf(sheetOf(template('03-llama-3.1-405b')), INFO)).digest('hex'));`;
    const other = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    });
    expect(other).toBe(first);
    expect(sha(await planPdf(llama, { ...INFO, date: '2026-11-26' }))).not.toBe(first);
  }, 30_000);

  it.runIf(HAS_POPPLER)(
    'is tagged, embeds its fonts, holds no pixels and keeps its text',
    async () => {
      const plan = template('02-7b-1t-rented-h100');
      const pdf = await planPdf(sheetOf(plan), { ...INFO, scenarios: scenarioSheets(plan) });
      const fonts = poppler('pdffonts', pdf).trim().split('\n').slice(2);
      expect(fonts.length).toBeGreaterThanOrEqual(3);
      for (const font of fonts) expect(font).toMatch(/\+(Inter|JetBrainsMono)-\w+ .* yes yes yes /);
      expect(poppler('pdfimages', pdf, ['-list']).trim().split('\n')).toHaveLength(2);
      const info = poppler('pdfinfo', pdf);
      expect(info).toMatch(/Tagged: +yes/);
      expect(info).toMatch(/Title: +7B on 1T tokens on rented H100s/);
      expect(info).toMatch(/Page size: +595\.\d+ x 841\.\d+ pts \(A4\)/);
      expect(pdf.length).toBeLessThan(3_000_000);
      expect(Buffer.from(pdf).includes('/Outlines')).toBe(true);
    },
    30_000,
  );

  it.runIf(HAS_POPPLER)('is set on Letter when asked', async () => {
    expect(poppler('pdfinfo', await planPdf(llama, { ...INFO, paper: 'letter' }))).toMatch(/612 x 792 pts \(letter\)/);
  });

  it.runIf(HAS_POPPLER)('numbers its pages and names the plan on each', async () => {
    const pdf = await planPdf(llama, INFO);
    const pages = Number(/Pages: +(\d+)/.exec(poppler('pdfinfo', pdf))?.[1]);
    const hash = planReportModel(llama, INFO).hash.slice(0, 12);
    for (let page = 1; page <= pages; page++) {
      const text = pdfText(pdf, [page, page]);
      expect(text).toContain(`${page} of ${pages}`);
      expect(text).toContain(`Plan ${hash}, revision 3`);
      expect(text).toContain('Llama 3.1 405B · Base');
    }
  });

  it('refuses a date that is none, and says which font is missing', async () => {
    await expect(planPdf(llama, { ...INFO, date: 'today' })).rejects.toMatchObject({ code: 'ARG', where: 'date' });
    expect(() => reportFonts('/nowhere')).toThrow(
      expect.objectContaining({ code: 'FONTS_MISSING', where: '/nowhere/Inter-Regular.ttf' }),
    );
  });
});

describe.runIf(HAS_POPPLER)('the first page', () => {
  it('shows FLOP, wall-clock, hardware and memory together for the published Llama 3.1 405B run', async () => {
    // Llama Team 2024: 405B parameters, 15.6T tokens, 3.8×10²⁵ FLOP, 16,384 H100.
    const text = pdfText(await planPdf(llama, INFO), [1, 1]);
    for (const part of [
      '3.791×10²⁵ FLOP',
      '67.67',
      '16,384',
      'H100 SXM5 80GB',
      '79.6',
      '53.21 M USD',
      '26.61M',
      '53,214,069.13',
    ])
      expect(text).toContain(part);
    expect(text).toContain('Largest runs');
    expect(text).toContain('Open points before approval');
  });

  it('adds up: listed runs, other runs and cost lines give the total to the cent', async () => {
    const runs = Array.from({ length: 12 }, (_, i) => ({
      key: `r${i}`,
      name: `Run ${i}`,
      params_total: `${i + 1}B`,
      tokens: '333B',
      hardware: 'h100-sxm',
      chips: '96',
      chip_hour_price: '2.37 USD/h',
    }));
    const sheet = sheetOf(
      planOf({ runs, costs: [{ key: 'c', name: 'People', quantity: '3', unit_cost: '33333.33' }] }),
    );
    const { largest } = planReportModel(sheet, INFO);
    const at = largest.columns.findIndex((column) => column.label === 'Total cost');
    const cents = (text: string): number => Math.round(Number(text.replaceAll(',', '')) * 100);
    const parts = largest.rows.map((row) => cents(row[at]?.text ?? ''));
    expect(largest.rows.map((row) => row[0]?.text)).toContain('6 other runs');
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(cents(largest.totals?.[at]?.text ?? ''));
    const text = pdfText(await planPdf(sheet, INFO), [1, 1]);
    expect(text).toContain(largest.totals?.[at]?.text);
  });
});

describe.runIf(HAS_POPPLER)('plan text', () => {
  const HOSTILE =
    '#eval("1+1") $x^2$ *bold* _it_ @ref <lab> [#read("/etc/passwd")] \\u{41} // c /* c */ `raw` "q" -- ---';

  it('is printed as it is, never read as markup', async () => {
    const sheet = sheetOf(
      planOf({
        name: HOSTILE,
        assumptions: [
          { key: 'a1', value: '3', unit: 'USD', source: HOSTILE, note: `Ünïcödé Привет Ελλάδα ±≤→ ${HOSTILE}` },
        ],
        runs: [
          {
            key: 'r1',
            name: HOSTILE.slice(0, 58),
            params_total: '7B',
            tokens: '140B',
            hardware: 'h100-sxm',
            chips: '64',
          },
        ],
      }),
    );
    const pdf = await planPdf(sheet, INFO);
    const flat = pdfText(pdf).replace(/\s+/g, '');
    expect(flat).toContain(HOSTILE.slice(0, 58).replace(/\s+/g, ''));
    expect(flat).not.toContain('root:x:');
    for (const word of [
      'Ünïcödé',
      'Привет',
      'Ελλάδα',
      '±≤→',
      '#eval("1+1")',
      '[#read("/etc/passwd")]',
      '\\u{41}',
      '/*c*/',
      '`raw`',
      '---',
    ])
      expect(flat).toContain(word);
    expect(poppler('pdfinfo', pdf)).toContain('Title:           #eval("1+1") $x^2$ *bold*');
  });

  it('with control characters, broken surrogates, other scripts and endless words still prints', async () => {
    const name = `a\u0000b\u0007c\ud800d\u2028e 中文 \u05e9\u05dc\u05d5\u05dd 🚀`;
    const sheet = sheetOf(
      planOf({
        name,
        runs: [
          { key: 'r1', name: 'x'.repeat(4000), params_total: '7B', tokens: '1T', hardware: 'h100-sxm', chips: '8' },
        ],
      }),
    );
    const pdf = await planPdf(sheet, INFO);
    expect(pdfText(pdf, [1, 1])).toContain('a b c');
    expect(sha(await planPdf(sheet, INFO))).toBe(sha(pdf));
  });

  it('of a plan with errors prints and names every cell that is wrong', async () => {
    const sheet = sheetOf(
      planOf({
        runs: [
          { key: 'r1', name: 'No number', params_total: '7B', tokens: 'many', hardware: 'h100-sxm', chips: '64' },
          { key: 'r2', name: 'No chip', params_total: '7B', tokens: '140B', hardware: 'h999', chips: '64' },
          {
            key: 'r3',
            name: 'Circle',
            params_total: '7B',
            tokens: '140B',
            hardware: 'h100-sxm',
            chips: '64',
            mfu: '=mfu + 1',
          },
        ],
      }),
    );
    const model = planReportModel(sheet, INFO);
    const text = pdfText(await renderPdf(model));
    for (const cell of ['runs.r1.tokens', 'runs.r3.mfu']) expect(text).toContain(cell);
    expect(text).toContain('h999');
    expect(text).toContain('#CYCLE');
    expect(model.figures.find((figure) => figure.label.startsWith('Total cost'))).toMatchObject({ value: 'unknown' });
    expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });
});

describe.runIf(HAS_POPPLER)('sections', () => {
  it('are those asked for, and an empty plan prints too', async () => {
    const text = pdfText(await planPdf(llama, { ...INFO, sections: ['approval'] }));
    expect(text).toContain('Approved by');
    expect(text).not.toContain('Method and conventions');
    const empty = pdfText(await planPdf(sheetOf(template('01-empty')), INFO));
    expect(empty).toContain('nothing to approve');
  });

  it('repeat the header of a table on every page it runs over', async () => {
    const runs = Array.from({ length: 120 }, (_, i) => ({
      key: `r${i}`,
      name: `Run ${i}`,
      params_total: `${i + 1}B`,
      tokens: '333B',
      hardware: 'h100-sxm',
      chips: '96',
      included: i % 10 === 3 ? 'no' : 'yes',
    }));
    const sheet = sheetOf(planOf({ runs }));
    const pdf = await planPdf(sheet, { ...INFO, sections: ['runs'] });
    const pages = Number(/Pages: +(\d+)/.exec(poppler('pdfinfo', pdf))?.[1]);
    expect(pages).toBeGreaterThan(5);
    let carrying = 0;
    for (let page = 3; page <= pages; page++) {
      const text = pdfText(pdf, [page, page]);
      if (!/^\s*Run \d+ /m.test(text)) continue;
      carrying++;
      expect(text).toMatch(/^\s*(Row|Run)\b(?! \d)/m);
    }
    expect(carrying).toBeGreaterThan(3);
    expect(pdfText(pdf)).toContain('Run 3 (excluded)');
  }, 30_000);

  it('compare scenarios by paired differences', async () => {
    const plan = template('02-7b-1t-rented-h100');
    const text = pdfText(
      await planPdf(sheetOf(plan), { ...INFO, scenarios: scenarioSheets(plan), sections: ['scenarios'] }),
    );
    expect(text).toContain('Base to Spot');
    expect(text).toContain('What Spot changes');
    expect(text).toContain('From Base to Spot, K USD');
    const { charts } = planReportModel(sheetOf(plan), { ...INFO, scenarios: scenarioSheets(plan) }).sections.find(
      (section) => section.id === 'scenarios',
    ) ?? { charts: [] };
    const amounts = charts[0]?.table.rows.map((row) => row.filter((cell) => typeof cell === 'number')[0] ?? 0) ?? [];
    const cents = amounts.map((amount) => Math.round(Number(amount) * 100));
    expect(cents.slice(0, -1).reduce((sum, step) => sum + step, 0)).toBe(cents.at(-1));
    expect(text).toMatch(/Total cost +USD +[\d,.]+ +[\d,.]+ +−[\d,.]+ +−[\d,.]+ +−[\d,.]+ +−[\d,.]+/);
  }, 30_000);
});
