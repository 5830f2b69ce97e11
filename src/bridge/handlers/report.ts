/** Files that leave the app. The PDF writer is loaded when it is first asked for. */
import { planHash } from '../../store/plan-hash.ts';
import type { HandlersOf } from '../contract.ts';
import type { reportMethods, ReportResults } from '../contract/report.ts';
import type { PlanSession } from '../session.ts';
import type { HandlerContext } from './context.ts';

export function reportHandlers(context: HandlerContext): HandlersOf<typeof reportMethods, ReportResults> {
  return {
    'report.pdf': async ({ plan, scenario }) => {
      const { planPdf } = await import('../../report/plan-report.ts');
      const open = context.session(plan).open(scenario);
      const data = await planPdf(open.sheet, {
        version: context.options.version,
        date: new Date(context.options.now()).toISOString().slice(0, 10),
        catalogAsOf: context.catalogAsOf(),
        revision: context.session(plan).revision,
        hash: planHash(context.session(plan).plan),
        scenario: scenarioName(context.session(plan), scenario),
        scenarios: ['base', ...context.session(plan).plan.scenarios.map((own) => own.key)]
          .filter((key) => key !== scenario)
          .map((key) => ({
            name: scenarioName(context.session(plan), key),
            sheet: context.session(plan).open(key).sheet,
          })),
      });
      return {
        name: `${open.sheet.plan.settings.name.replace(/[^\p{L}\p{N} ._-]+/gu, '_').trim() || 'plan'}.pdf`,
        mediaType: 'application/pdf',
        data: Buffer.from(data).toString('base64'),
      };
    },
  };
}

function scenarioName(open: PlanSession, key: string): string {
  return open.plan.scenarios.find((scenario) => scenario.key === key)?.name ?? 'Base';
}
