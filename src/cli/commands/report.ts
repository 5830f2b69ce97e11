import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FlopsheetError } from '../../core/errors.ts';
import { appVersion } from '../../host/version.ts';
import { planHash } from '../../store/plan-hash.ts';
import { textFlag, type Command } from '../command.ts';
import { openScenario, readPlanArgument } from '../plans.ts';
import { withCatalog } from '../store.ts';

export const reportCommand: Command = {
  name: 'report',
  usage: 'PLAN --pdf OUT.pdf [--xlsx OUT.xlsx] [--scenario KEY] [--paper a4|letter] [--date YYYY-MM-DD]',
  summary: 'writes the PDF report of a plan, and its workbook with live formulas',
  flags: {
    pdf: { type: 'string' },
    xlsx: { type: 'string' },
    scenario: { type: 'string' },
    paper: { type: 'string' },
    date: { type: 'string' },
  },
  minPositionals: 1,
  run: (invocation) =>
    withCatalog(invocation, async (catalog, store) => {
      const pdf = textFlag(invocation, 'pdf');
      const paper = textFlag(invocation, 'paper') ?? 'a4';
      const xlsx = textFlag(invocation, 'xlsx');
      if (!pdf && !xlsx)
        throw new FlopsheetError('ARG', 'where should the report go?', {
          where: '--pdf',
          hint: 'report PLAN --pdf report.pdf',
        });
      if (paper !== 'a4' && paper !== 'letter')
        throw new FlopsheetError('ARG', `--paper is a4 or letter, not "${paper}"`, { where: '--paper' });
      for (const file of [pdf, xlsx]) if (file) assertWritable(file);
      const { plan, revision } = readPlanArgument(invocation.positionals[0] ?? '', store);
      const key = textFlag(invocation, 'scenario') ?? 'base';
      const { sheet } = openScenario(plan, key, catalog);
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
        scenarios: others.map((scenario) => ({
          name: name(scenario),
          sheet: openScenario(plan, scenario, catalog).sheet,
        })),
      } as const;
      const files: string[] = [];
      const write = (file: string, bytes: Uint8Array): void => {
        writeFileSync(file, bytes);
        files.push(file);
        if (!invocation.json) invocation.print(`${file} (${Math.round(bytes.length / 1024)} kB)`);
      };
      if (pdf) write(pdf, await (await import('../../report/plan-report.ts')).planPdf(sheet, info));
      if (xlsx) write(xlsx, (await import('../../report/xlsx/plan-workbook.ts')).planWorkbook(sheet, info));
      invocation.print(invocation.json ? JSON.stringify({ files, hash }) : `plan hash ${hash}`);
      return 0;
    }),
};

function assertWritable(file: string): void {
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch (cause) {
    throw new FlopsheetError('WRITE', `${file} cannot be written`, {
      where: file,
      hint: 'choose a folder that exists and that you may write',
      cause,
    });
  }
}

function newest(catalog: Parameters<typeof openScenario>[2]): string {
  let found = '';
  for (const kind of ['hardware', 'price'])
    for (const row of catalog.get(kind)?.rows.values() ?? []) if (row.asOf > found) found = row.asOf;
  return found;
}
