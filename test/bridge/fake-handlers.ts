/** Handlers small enough to read, for tests of the bridge and of the hosts around it. */
import type { ChangeResult, Handlers } from '../../src/bridge/contract.ts';
import type { EventHub } from '../../src/bridge/events.ts';
import { unsupported } from '../../src/bridge/errors.ts';
import { FlopsheetError } from '../../src/core/errors.ts';

const changed: ChangeResult = { revision: 2, canUndo: true, canRedo: false };
const missing = (): never => {
  throw unsupported('This part of the fake', 'Use the real handlers.');
};

/** `plans.rename` announces `plan.changed`; `plans.remove` throws an error without a code; `plans.open` a typed one. */
export function createFakeHandlers(events: Pick<EventHub, 'emit'>): Handlers {
  return {
    'app.info': () => ({
      version: '0.0.0',
      host: 'memory',
      readOnly: false,
      storeNotice: '',
      catalogAsOf: '2026-01-31',
    }),
    'plans.list': () => [
      { id: 'p1', name: 'Zoë’s plan\u2028', revision: 1, updatedAt: '2026-11-22T10:00:00Z', runs: 3 },
    ],
    'plans.templates': () => [],
    'plans.create': async ({ name }) => ({ plan: 'p2', notes: [name ?? 'unnamed'] }),
    'plans.open': ({ plan }) => {
      throw new FlopsheetError('PLAN_MISSING', `There is no plan ${plan}.`, { hint: 'Open another.', where: plan });
    },
    'plans.rename': ({ plan }) => {
      events.emit('plan.changed', { plan, revision: 2 });
      return changed;
    },
    'plans.duplicate': missing,
    'plans.remove': () => {
      throw new Error('secret: /home/user/.ssh/id_rsa');
    },
    'plans.export': ({ plan }) => ({ name: `${plan}.json`, text: '{"runs":[]}' }),
    'plan.change': ({ base }) => ({ ...changed, revision: base + 1 }),
    'plan.undo': () => changed,
    'plan.redo': () => changed,
    'plan.history': () => [],
    'scenario.add': missing,
    'scenario.rename': missing,
    'scenario.remove': missing,
    'scenario.compare': missing,
    'sheet.view': missing,
    'sheet.texts': missing,
    'sheet.rows': missing,
    'sheet.summary': missing,
    'sheet.find': missing,
    'sheet.position': missing,
    'layout.read': missing,
    'layout.write': missing,
    'column.users': missing,
    'cell.trace': missing,
    'cell.explain': missing,
    'cell.distribution': missing,
    'formula.check': missing,
    'formula.complete': missing,
    'solve.goal': missing,
    'catalog.list': missing,
    'catalog.show': missing,
    'store.info': missing,
    'store.check': missing,
    'store.backup': missing,
    'store.backupPreview': missing,
    'store.bringBack': missing,
    'store.diagnostics': missing,
    'solve.table': missing,
    'correlation.list': missing,
    'correlation.check': missing,
    'solve.largest': missing,
    'model.add': missing,
    'model.subjects': missing,
    'model.get': missing,
    'serving.subjects': missing,
    'cluster.subjects': missing,
    'cluster.runs': missing,
    'scaling.subjects': missing,
    'scaling.laws': missing,
    'scaling.saveLaw': missing,
    'scaling.renameLaw': missing,
    'scaling.removeLaw': missing,
    'scaling.restoreLaw': missing,
    'scaling.lawPoints': missing,
    'log.measure': missing,
    'log.use': missing,
    'log.list': missing,
    'measure.save': missing,
    'measure.history': missing,
    'measure.mark': missing,
    'measure.hardware': missing,
    'measure.products': missing,
    'measure.ceiling': missing,
    'measure.baseline': missing,
    'report.pdf': missing,
    'report.preview': missing,
    'report.xlsx': missing,
    'import.preview': missing,
    'import.apply': missing,
    'import.pricesPreview': missing,
    'import.prices': missing,
    'import.takeBackPrices': missing,
    'report.table': missing,
    'report.tableFile': missing,
    'finance.cash': missing,
    'finance.explain': missing,
    'finance.capacity': missing,
    'finance.actuals': missing,
    'finance.importActuals': missing,
    'finance.regions': missing,
    'prices.book': missing,
    'prices.add': missing,
    'prices.import': missing,
    'approval.list': missing,
    'approval.check': missing,
    'approval.add': missing,
    'comment.list': missing,
    'comment.add': missing,
    'comment.assign': missing,
    'comment.resolve': missing,
    'team.sources': missing,
    'team.add': missing,
    'team.remove': missing,
    'team.review': missing,
    'team.take': missing,
  };
}
