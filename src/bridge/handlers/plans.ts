/** Plans as documents: list, open, change, undo, scenarios. */
import { randomUUID } from 'node:crypto';
import { newPlan } from '../../core/document/new-plan.ts';
import { parsePlanFile } from '../../core/document/plan-file.ts';
import { readSharedPlan, type SharedPlan } from '../../core/document/shared-plan.ts';
import type { Command } from '../../core/document/plan.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { createPlan, deletePlan, listPlans, planExists } from '../../store/plans.ts';
import type { HandlersOf } from '../contract.ts';
import type { planMethods, PlanResults } from '../contract/plans.ts';
import { comparison, history, planInfo } from '../plan-views.ts';
import { listTemplates, readTemplate } from '../templates.ts';
import { adoptRows, planFileView, replacePlan, sharedFile } from '../share.ts';
import type { HandlerContext } from './context.ts';

export function planHandlers(context: HandlerContext): HandlersOf<typeof planMethods, PlanResults> {
  /** What the reading of a plan file found worth saying, until the plan is opened. */
  const notes = new Map<string, readonly string[]>();
  /** Catalog rows that came with a file and are missing here; what to say about the others. */
  const takeRows = (shared: SharedPlan): readonly string[] => {
    if (shared.catalog.length === 0) return [];
    const said = adoptRows(context.writable(), shared.catalog, context.options.now());
    context.forgetCatalog();
    return said;
  };
  /** A plan from a file. It keeps the id it was written under while that is free, so that it is recognised when it returns. */
  const received = (file: string, name: string | undefined): { plan: string; notes: readonly string[] } => {
    const shared = readSharedPlan(file);
    const said = [...shared.notes, ...takeRows(shared)];
    const { settings } = shared.plan;
    const plan = name === undefined ? shared.plan : { ...shared.plan, settings: { ...settings, name } };
    const own = shared.origin && !planExists(context.store.db, shared.origin.plan) ? [shared.origin.plan] : [];
    const id = createPlan(context.writable(), plan, context.options.now(), ...own);
    notes.set(id, said);
    return { plan: id, notes: said };
  };
  return {
    'app.info': () => ({
      version: context.options.version,
      host: context.options.host,
      readOnly: context.store.readOnly,
      storeNotice: context.store.notices.join(' '),
      catalogAsOf: context.catalogAsOf(),
    }),
    'plans.list': () =>
      listPlans(context.store.db).map((plan) => ({
        id: plan.id,
        name: plan.name,
        revision: plan.revision,
        runs: plan.runs,
        updatedAt: new Date(plan.updatedAt).toISOString(),
      })),
    'plans.templates': () => listTemplates(),
    'plans.create': ({ name, template, file }) => {
      if (file !== undefined) return received(file, name);
      const parsed = template !== undefined ? parsePlanFile(readTemplate(template)) : { plan: newPlan(), notes: [] };
      const plan = name === undefined ? parsed.plan : { ...parsed.plan, settings: { ...parsed.plan.settings, name } };
      const id = createPlan(context.writable(), plan, context.options.now());
      notes.set(id, parsed.notes);
      return { plan: id, notes: parsed.notes };
    },
    'plans.inspect': ({ file }) => planFileView(context.host, file),
    'plans.replace': ({ plan, file }) => {
      const shared = readSharedPlan(file);
      takeRows(shared);
      return context.changed(plan, replacePlan(context.session(plan), shared));
    },
    'plans.open': ({ plan }) => planInfo(context.session(plan), notes.get(plan) ?? []),
    'plans.rename': ({ plan, name }) =>
      context.changed(
        plan,
        context.session(plan).change('base', context.session(plan).revision, [{ settings: 'name', to: name }], ''),
      ),
    'plans.duplicate': ({ plan }) => {
      const copy = context.session(plan).plan;
      return {
        plan: createPlan(
          context.writable(),
          { ...copy, settings: { ...copy.settings, name: `${copy.settings.name} (copy)` } },
          context.options.now(),
        ),
      };
    },
    'plans.remove': ({ plan }) => {
      deletePlan(context.writable(), plan, context.options.now());
      context.forget(plan);
      return { removed: true };
    },
    'plans.export': ({ plan, redact }) => {
      const document = context.session(plan).plan;
      // The desktop app is opened by its own kind of file; the content is the same.
      const ending = context.options.host === 'electron' ? 'flopsheet' : 'json';
      return {
        name: `${document.settings.name.replace(/[^\p{L}\p{N} ._-]+/gu, '_').trim() || 'plan'}.${ending}`,
        text: sharedFile(context.store.db, context.session(plan), redact ?? false),
      };
    },
    'plan.change': ({ plan, scenario, base, commands, note }) =>
      context.changed(plan, context.session(plan).change(scenario, base, commands as readonly Command[], note ?? '')),
    'plan.undo': ({ plan }) => context.changed(plan, context.session(plan).undo()),
    'plan.redo': ({ plan }) => context.changed(plan, context.session(plan).redo()),
    'plan.history': ({ plan, limit, cell }) =>
      history(context.store.db, plan, limit ?? 200, cell && [cell.table, cell.row, cell.column]),
    'scenario.add': ({ plan, name, on }) => {
      const open = context.session(plan);
      const key = freshKey(name, new Set(['base', ...open.plan.scenarios.map((scenario) => scenario.key)]));
      const at = open.plan.scenarios.length;
      const { revision } = context.changed(
        plan,
        open.change(
          'base',
          open.revision,
          [{ scenario: key, to: { at, scenario: { key, name, on, commands: [] } } }],
          '',
        ),
      );
      return { scenario: key, revision };
    },
    'scenario.rename': ({ plan, scenario: key, name }) => {
      const open = context.session(plan);
      const at = open.plan.scenarios.findIndex((scenario) => scenario.key === key);
      const scenario = open.plan.scenarios[at];
      if (!scenario) throw new FlopsheetError('NOT_FOUND', `there is no scenario "${key}"`);
      return context.changed(
        plan,
        open.change('base', open.revision, [{ scenario: key, to: { at, scenario: { ...scenario, name } } }], ''),
      );
    },
    'scenario.remove': ({ plan, scenario }) =>
      context.changed(
        plan,
        context.session(plan).change('base', context.session(plan).revision, [{ scenario, to: null }], ''),
      ),
    'scenario.compare': ({ plan, a, b }) => comparison(context.session(plan), context.host, a, b),
  };
}

/** A scenario key from its name; a random one when the name has no letters. */
function freshKey(name: string, taken: ReadonlySet<string>): string {
  const base =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 40) || randomUUID().slice(0, 8);
  for (let i = 1; ; i++) {
    const key = i === 1 ? base : `${base}_${i}`;
    if (!taken.has(key)) return key;
  }
}
