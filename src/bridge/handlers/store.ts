/** The store itself: soundness, backups, facts for whoever mends a fault. */
import { basename } from 'node:path';
import { statSync } from 'node:fs';
import { FlopsheetError } from '../../core/errors.ts';
import { backup, listBackups, previewBackup, type Backup } from '../../store/backup.ts';
import { fullCheck } from '../../store/integrity.ts';
import { createPlan, listPlans, loadPlan } from '../../store/plans.ts';
import { withFile } from '../../store/reader.ts';
import type { HandlersOf } from '../contract.ts';
import type { BackupItem, storeMethods, StoreResults } from '../contract/store.ts';
import { diagnosticsText } from '../diagnostics.ts';
import type { HandlerContext } from './context.ts';

const item = (made: Backup): BackupItem => ({
  name: basename(made.file),
  madeAt: new Date(made.at).toISOString(),
  bytes: made.bytes,
});

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

export function storeHandlers(context: HandlerContext): HandlersOf<typeof storeMethods, StoreResults> {
  const { store, options } = context;
  const inMemory = store.path === ':memory:';
  const backups = (): Backup[] => (inMemory ? [] : listBackups(store.path));
  const find = (name: string): Backup => {
    const found = backups().find((one) => basename(one.file) === name);
    if (!found)
      throw new FlopsheetError('NOT_FOUND', `there is no backup "${name}"`, {
        hint: 'Backups are listed in Settings.',
      });
    return found;
  };
  return {
    'store.info': () => ({
      path: store.path,
      // The newest changes are in the journal file until SQLite folds them in.
      bytes: inMemory ? 0 : sizeOf(store.path) + sizeOf(`${store.path}-wal`),
      plans: listPlans(store.db).length,
      backups: backups().map(item),
    }),
    'store.check': () => fullCheck(store.db),
    'store.backup': async () => item(await backup(store, options.now())),
    'store.backupPreview': ({ backup: name }) => {
      const preview = previewBackup(find(name).file, options.version);
      const current = new Map(listPlans(store.db).map((plan) => [plan.id, plan.revision]));
      return {
        name,
        madeBy: preview.madeBy,
        sound: preview.check.ok,
        problem: preview.check.findings[0]?.message ?? '',
        plans: preview.plans
          .filter((plan) => !plan.deleted)
          .map(({ id, name: plan, revision, updatedAt }) => ({
            id,
            name: plan,
            revision,
            updatedAt: new Date(updatedAt).toISOString(),
            now: !current.has(id) ? 'gone' : current.get(id) === revision ? 'same' : 'changed since',
          })),
      };
    },
    'store.bringBack': ({ backup: name, plan }) => {
      const { file, at } = find(name);
      const was = withFile(file, (db) => loadPlan(db, plan).plan);
      const day = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
      const settings = { ...was.settings, name: `${was.settings.name} (backup of ${day})` };
      return { plan: createPlan(context.writable(), { ...was, settings }, options.now()) };
    },
    'store.diagnostics': () => ({
      name: `flopsheet-diagnostics-${new Date(options.now()).toISOString().slice(0, 10)}.json`,
      text: diagnosticsText(store, {
        version: options.version,
        host: options.host,
        now: options.now(),
        logLines: options.logLines?.() ?? [],
      }),
    }),
  };
}
