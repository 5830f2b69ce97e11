/** What finance looks at and signs. */
import { actualsReview } from '../../core/plan/programme/actuals.ts';
import { explainCash } from '../../core/plan/programme/explain.ts';
import { regionComparison } from '../../core/plan/programme/regions.ts';
import { FlopsheetError } from '../../core/errors.ts';
import type { Sheet } from '../../core/sheet/sheet.ts';
import { actualCommands } from '../../import/finance/actuals.ts';
import { addComment, assignComment, listComments, resolveComment } from '../../store/comments.ts';
import { addApproval, approvalCheck, approvalsView } from '../approvals.ts';
import type { HandlersOf } from '../contract.ts';
import type { FinanceResults, financeMethods } from '../contract/finance.ts';
import { capacityView, cashView, laidOut } from '../finance-views.ts';
import { addPrice, importPrices, priceBookView } from '../prices.ts';
import type { HandlerContext } from './context.ts';

export function financeHandlers(context: HandlerContext): HandlersOf<typeof financeMethods, FinanceResults> {
  const { options } = context;
  const sheetOf = ({ plan, scenario }: { plan: string; scenario: string }): Sheet =>
    context.session(plan).settled(scenario);
  const today = (): string => new Date(options.now()).toISOString().slice(0, 10);
  /** Comments and approvals are no revisions: clients ask again when they are told. */
  const told = <T>(plan: string, result: T): T => {
    options.emit('plan.changed', { plan, revision: context.session(plan).revision });
    return result;
  };
  return {
    'finance.cash': (params) => cashView(sheetOf(params)),
    'finance.explain': ({ plan, scenario, view, from, to, category }) => {
      const sheet = sheetOf({ plan, scenario });
      return explainCash(sheet, laidOut(sheet).programme, {
        view,
        from,
        to,
        ...(category === undefined ? {} : { category }),
      });
    },
    'finance.capacity': (params) => capacityView(sheetOf(params)),
    'finance.actuals': (params) => {
      const sheet = sheetOf(params);
      return { currency: sheet.plan.settings.currency, review: actualsReview(sheet, laidOut(sheet).table) };
    },
    'finance.importActuals': ({ plan, scenario, text }) => {
      const session = context.session(plan);
      const sheet = session.settled(scenario);
      const { commands, problems } = actualCommands(text, {
        currency: sheet.plan.settings.currency,
        runs: sheet.plan.tables.runs.map((row) => ({ key: row.key, name: row.cells['name'] ?? row.key })),
        taken: sheet.plan.tables.actuals.map((row) => row.key),
      });
      const [first] = problems;
      if (commands.length === 0)
        throw new FlopsheetError('actuals_table', first?.message ?? 'The table has no rows.', {
          hint: first?.hint ?? 'Paste the rows below a header line.',
          where: first ? `row ${first.row}` : '',
        });
      const change = session.change(scenario, session.revision, commands, 'actuals imported');
      return { added: commands.length, problems, revision: context.changed(plan, change).revision };
    },
    'finance.regions': ({ plan, scenario, run }) => regionComparison(sheetOf({ plan, scenario }), run ?? null),
    'prices.book': ({ plan, scenario }) =>
      priceBookView(
        context.host.catalog,
        plan === undefined ? null : sheetOf({ plan, scenario: scenario ?? 'base' }),
        today(),
      ),
    'prices.add': (price) => {
      const key = addPrice(context.writable(), price, options.now());
      context.forgetCatalog();
      return { key };
    },
    'prices.import': ({ name, text }) => {
      const imported = importPrices(context.writable(), name, text, options.now());
      context.forgetCatalog();
      return imported;
    },
    'approval.list': ({ plan }) => approvalsView(context.session(plan), context.host, options.version),
    'approval.check': ({ plan, scenario }) =>
      approvalCheck(context.store.db, context.session(plan), scenario, options.now()),
    'approval.add': ({ plan, scenario, name, note }) =>
      told(
        plan,
        addApproval(
          context.writable(),
          context.session(plan),
          { scenario, name, note },
          { now: options.now(), version: options.version },
        ),
      ),
    'comment.list': ({ plan }) =>
      listComments(context.store.db, plan).map(({ createdAt, resolvedAt, ...comment }) => ({
        ...comment,
        at: new Date(createdAt).toISOString(),
        resolvedAt: resolvedAt === null ? null : new Date(resolvedAt).toISOString(),
      })),
    'comment.add': ({ plan, cell, body, assignedTo, replyTo }) =>
      told(plan, {
        id: addComment(context.writable(), plan, {
          cell,
          body,
          author: options.author,
          createdAt: options.now(),
          ...(assignedTo ? { assignedTo } : {}),
          ...(replyTo ? { replyTo } : {}),
        }),
      }),
    'comment.assign': ({ plan, comment, assignedTo }) => {
      assignComment(context.writable(), plan, comment, assignedTo);
      return told(plan, { done: true as const });
    },
    'comment.resolve': ({ plan, comment, resolved }) => {
      resolveComment(context.writable(), plan, comment, resolved ? options.author : null, options.now());
      return told(plan, { done: true as const });
    },
  };
}
