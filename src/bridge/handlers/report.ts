/** Files that leave the app. Their writers are loaded when they are first asked for. */
import { scenarioPlan } from '../../core/document/apply.ts';
import type { Sheet } from '../../core/sheet/sheet.ts';
import { plainTable, tableText } from '../../report/csv.ts';
import type { ReportInfo } from '../../report/plan-report.ts';
import { listApprovals } from '../../store/approvals.ts';
import { planHash } from '../../store/plan-hash.ts';
import type { HandlersOf, Params } from '../contract.ts';
import type { FileResult, reportMethods, ReportResults } from '../contract/report.ts';
import { redactedSheet, type PlanSession } from '../session.ts';
import type { HandlerContext } from './context.ts';

const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export function reportHandlers(context: HandlerContext): HandlersOf<typeof reportMethods, ReportResults> {
  const opened = (plan: string, scenario: string, redact = false): { sheet: Sheet; info: ReportInfo } => {
    const session = context.session(plan);
    const sheetOf = (key: string): Sheet => exported(context, session, key, redact);
    return {
      sheet: sheetOf(scenario),
      info: {
        version: context.options.version,
        date: new Date(context.options.now()).toISOString().slice(0, 10),
        catalogAsOf: context.catalogAsOf(),
        revision: session.revision,
        hash: planHash(session.plan),
        scenario: scenarioName(session, scenario),
        approvals: listApprovals(context.store.db, plan).map((approval) => ({
          name: approval.name,
          date: new Date(approval.at).toISOString().slice(0, 10),
          scenario: scenarioName(session, approval.scenario),
          revision: approval.planRevision,
          hash: approval.contentHash,
          note: approval.note,
        })),
        scenarios: ['base', ...session.plan.scenarios.map((own) => own.key)]
          .filter((key) => key !== scenario)
          .map((key) => ({ name: scenarioName(session, key), sheet: sheetOf(key) })),
      },
    };
  };
  return {
    'report.pdf': async ({ plan, scenario, redact, ...pages }) => {
      const { planPdf } = await import('../../report/plan-report.ts');
      const { sheet, info } = opened(plan, scenario, redact);
      return fileOf(sheet, 'pdf', 'application/pdf', await planPdf(sheet, { ...info, ...pages }));
    },
    'report.preview': async ({ plan, scenario, redact, ...pages }) => {
      const { planPreview } = await import('../../report/plan-report.ts');
      const { sheet, info } = opened(plan, scenario, redact);
      return planPreview(sheet, { ...info, ...pages });
    },
    'report.xlsx': async ({ plan, scenario, redact }) => {
      const { planWorkbook } = await import('../../report/xlsx/plan-workbook.ts');
      const { sheet, info } = opened(plan, scenario, redact);
      return fileOf(sheet, 'xlsx', WORKBOOK, planWorkbook(sheet, info));
    },
    'report.table': (what) => ({ text: tableOf(context, what) }),
    'report.tableFile': (what) => {
      const { sheet } = context.session(what.plan).open(what.scenario);
      const { extension, mediaType } = TEXT_FILES[what.format];
      return fileOf(sheet, `${what.table}.${extension}`, mediaType, Buffer.from(tableOf(context, what)));
    },
  };
}

const TEXT_FILES = {
  csv: { extension: 'csv', mediaType: 'text/csv' },
  tsv: { extension: 'tsv', mediaType: 'text/tab-separated-values' },
  json: { extension: 'json', mediaType: 'application/json' },
  markdown: { extension: 'md', mediaType: 'text/markdown' },
} as const;

/** The sheet of a scenario as it may leave: the one on screen, or one without what is confidential. */
function exported(context: HandlerContext, session: PlanSession, scenario: string, redact: boolean): Sheet {
  return redact ? redactedSheet(scenarioPlan(session.plan, scenario), context.host.catalog) : session.settled(scenario);
}

function tableOf(context: HandlerContext, what: Params<'report.table'>): string {
  const sheet = exported(context, context.session(what.plan), what.scenario, what.redact ?? false);
  const { columns, rows } = what;
  const selection = { ...(columns ? { columns } : {}), ...(rows ? { rows } : {}) };
  return tableText(plainTable(sheet, what.table, selection), what.format);
}

function fileOf(sheet: Sheet, extension: string, mediaType: string, data: Uint8Array): FileResult {
  const name = sheet.plan.settings.name.replace(/[^\p{L}\p{N} ._-]+/gu, '_').trim() || 'plan';
  return { name: `${name}.${extension}`, mediaType, data: Buffer.from(data).toString('base64') };
}

function scenarioName(open: PlanSession, key: string): string {
  return open.plan.scenarios.find((scenario) => scenario.key === key)?.name ?? 'Base';
}
