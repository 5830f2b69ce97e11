import { join } from 'node:path';
import { TABLE_IDS } from '../../core/document/plan.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { confidentialCells } from '../../core/plan/confidential.ts';
import type { Sheet } from '../../core/sheet/sheet.ts';
import { appVersion } from '../../host/version.ts';
import { plainTable, tableText, type TextFormat } from '../../report/csv.ts';
import { SECTION_IDS, type SectionId } from '../../core/plan/report-sections.ts';
import { planHash } from '../../store/plan-hash.ts';
import { textFlag, type Command } from '../command.ts';
import { openScenario, readPlanArgument } from '../plans.ts';
import { withCatalog } from '../store.ts';
import { assertWritable, makeFolder, writeWhole } from '../write-file.ts';

export const reportCommand: Command = {
  name: 'report',
  usage:
    'PLAN --pdf OUT.pdf [--xlsx OUT.xlsx] [--csv DIR [--format csv|tsv|json|markdown]] [--scenario KEY] [--sections LIST] [--paper a4|letter] [--date YYYY-MM-DD] [--redact]',
  summary: 'writes the PDF report of a plan, its workbook with live formulas, and its tables as text',
  flags: {
    pdf: { type: 'string' },
    xlsx: { type: 'string' },
    csv: { type: 'string' },
    format: { type: 'string' },
    sections: { type: 'string' },
    scenario: { type: 'string' },
    paper: { type: 'string' },
    date: { type: 'string' },
    redact: { type: 'boolean' },
  },
  minPositionals: 1,
  run: (invocation) =>
    withCatalog(invocation, async (catalog, store) => {
      const pdf = textFlag(invocation, 'pdf');
      const paper = textFlag(invocation, 'paper') ?? 'a4';
      const xlsx = textFlag(invocation, 'xlsx');
      const folder = textFlag(invocation, 'csv');
      const format = textFlag(invocation, 'format') ?? 'csv';
      const sections = sectionsOf(textFlag(invocation, 'sections'));
      if (!isTextFormat(format))
        throw new FlopsheetError('ARG', `--format is csv, tsv, json or markdown, not "${format}"`, {
          where: '--format',
        });
      if (!pdf && !xlsx && !folder)
        throw new FlopsheetError('ARG', 'where should the report go?', {
          where: '--pdf',
          hint: 'report PLAN --pdf report.pdf',
        });
      if (paper !== 'a4' && paper !== 'letter')
        throw new FlopsheetError('ARG', `--paper is a4 or letter, not "${paper}"`, { where: '--paper' });
      for (const file of [pdf, xlsx]) if (file) assertWritable(file);
      if (folder) makeFolder(folder);
      const { plan, revision } = readPlanArgument(invocation.positionals[0] ?? '', store);
      const key = textFlag(invocation, 'scenario') ?? 'base';
      const redact = invocation.flags['redact'] === true;
      const sheetOf = (scenario: string): Sheet => {
        const { sheet } = openScenario(plan, scenario, catalog);
        if (redact) sheet.hidden = confidentialCells(sheet);
        return sheet;
      };
      const sheet = sheetOf(key);
      const name = (scenario: string): string => plan.scenarios.find((own) => own.key === scenario)?.name ?? 'Base';
      const others = ['base', ...plan.scenarios.map((scenario) => scenario.key)].filter((scenario) => scenario !== key);
      const hash = planHash(plan);
      const info = {
        version: appVersion(),
        date: textFlag(invocation, 'date') ?? new Date().toISOString().slice(0, 10),
        catalogAsOf: newest(catalog),
        revision,
        hash,
        paper,
        scenario: name(key),
        ...(sections ? { sections } : {}),
        scenarios: others.map((scenario) => ({
          name: name(scenario),
          sheet: sheetOf(scenario),
        })),
      } as const;
      const files: string[] = [];
      const write = (file: string, bytes: Uint8Array): void => {
        writeWhole(file, bytes);
        files.push(file);
        if (!invocation.json) invocation.print(`${file} (${Math.round(bytes.length / 1024)} kB)`);
      };
      if (pdf) write(pdf, await (await import('../../report/plan-report.ts')).planPdf(sheet, info));
      if (xlsx) write(xlsx, (await import('../../report/xlsx/plan-workbook.ts')).planWorkbook(sheet, info));
      if (folder)
        for (const table of TABLE_IDS)
          if (sheet.state.tables[table].keys.length > 0)
            write(
              join(folder, `${table}.${EXTENSIONS[format]}`),
              Buffer.from(tableText(plainTable(sheet, table), format)),
            );
      invocation.print(invocation.json ? JSON.stringify({ files, hash }) : `plan hash ${hash}`);
      return 0;
    }),
};

/** The sections to print; undefined for all. Throws FlopsheetError `ARG` naming what is none. */
function sectionsOf(text: string | undefined): SectionId[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((part) => {
    const id = SECTION_IDS.find((own) => own === part.trim());
    if (!id)
      throw new FlopsheetError('ARG', `the report has no section "${part.trim()}"`, {
        where: '--sections',
        hint: `choose from ${SECTION_IDS.join(', ')}`,
      });
    return id;
  });
}

const EXTENSIONS: Readonly<Record<TextFormat, string>> = { csv: 'csv', tsv: 'tsv', json: 'json', markdown: 'md' };

function isTextFormat(text: string): text is TextFormat {
  return Object.hasOwn(EXTENSIONS, text);
}

function newest(catalog: Parameters<typeof openScenario>[2]): string {
  let found = '';
  for (const kind of ['hardware', 'price'])
    for (const row of catalog.get(kind)?.rows.values() ?? []) if (row.asOf > found) found = row.asOf;
  return found;
}
