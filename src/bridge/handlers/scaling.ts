/** What the scaling lab asks of the store. */
import { readLaw } from '../../core/scaling/index.ts';
import { deleteLaw, lawPoints, listLaws, renameLaw, restoreLaw, saveLaw } from '../../store/laws.ts';
import type { HandlersOf } from '../contract.ts';
import type { SavedLaw, scalingMethods, ScalingResults } from '../contract/scaling.ts';
import { scalingSubjects } from '../scaling-subjects.ts';
import type { HandlerContext } from './context.ts';

export function scalingHandlers(context: HandlerContext): HandlersOf<typeof scalingMethods, ScalingResults> {
  return {
    'scaling.subjects': () => scalingSubjects(context.host.catalog),
    'scaling.laws': ({ plan }) => laws(context, plan),
    'scaling.saveLaw': ({ name, law, note, points }) => {
      const { now, author } = context.options;
      // The key comes from the name; the law itself is read as strictly as from a file.
      const read = readLaw({ ...law, id: 'fit' }, 'law');
      return { key: saveLaw(context.writable(), { name, law: read, note, points, author }, now()).key };
    },
    'scaling.renameLaw': ({ key, name }) => {
      renameLaw(context.writable(), key, name);
      return { key };
    },
    'scaling.removeLaw': ({ key }) => {
      deleteLaw(context.writable(), key, context.options.now());
      return { key };
    },
    'scaling.restoreLaw': ({ key }) => {
      restoreLaw(context.writable(), key);
      return { key };
    },
    'scaling.lawPoints': ({ key }) => ({ text: lawPoints(context.store.db, key) }),
  };
}

function laws(context: HandlerContext, plan: string | undefined): SavedLaw[] {
  const own = plan === undefined ? {} : (context.session(plan).plan.laws ?? {});
  const stored = listLaws(context.store.db);
  const known = new Set(stored.map((law) => law.key));
  return [
    ...stored.map(({ createdAt, ...law }) => ({
      ...law,
      // The copy of the plan is what its formulas use.
      law: own[law.key] ?? law.law,
      createdAt: new Date(createdAt).toISOString(),
      saved: true,
      inPlan: own[law.key] !== undefined,
    })),
    ...Object.values(own)
      .filter((law) => !known.has(law.id))
      .map((law) => ({
        key: law.id,
        name: law.name,
        law,
        note: 'came with the plan',
        author: '',
        createdAt: '',
        hasPoints: false,
        saved: false,
        inPlan: true,
      })),
  ];
}
