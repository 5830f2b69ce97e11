/** What every host puts behind its transport: the store, the catalog, the handlers, and backups on a timer. */
import type { AppInfo, Handlers } from '../bridge/contract.ts';
import { AnswerDesk } from '../bridge/answer-desk.ts';
import { createEventHub, type EventHub } from '../bridge/events.ts';
import { createHandlers } from '../bridge/handlers.ts';
import { FlopsheetError } from '../core/errors.ts';
import { backup } from '../store/backup.ts';
import { openStore, openStoreOrRead, type Store } from '../store/open.ts';
import { userName } from './user.ts';
import { seedCatalog } from '../store/seed.ts';

const BACKUP_EVERY_MS = 15 * 60_000;

export interface BackendOptions {
  /** File of the store, or `:memory:`. */
  readonly storePath: string;
  readonly host: AppInfo['host'];
  readonly version: string;
  readonly onInternal: (method: string, error: unknown) => void;
  /** For the diagnostics a user asks for. */
  readonly logLines: () => readonly string[];
}

export interface Backend {
  readonly handlers: Handlers;
  readonly events: EventHub;
  /** Sentences about the store the user should see; empty when all is well. */
  readonly notices: readonly string[];
  close(): void;
}

/**
 * A place that cannot hold a store at all still gives a working app: in memory, and it says so. A damaged, foreign or
 * newer file is thrown instead: starting afresh beside it would look like lost plans.
 */
function openSomeStore(path: string, version: string): Store {
  const options = { now: Date.now(), version, app: 'the app' };
  try {
    return openStoreOrRead(path, options);
  } catch (cause) {
    const unusable = ['store_read_only', 'store_missing', 'store_cannot_open', 'store_disk_full'];
    if (!(cause instanceof FlopsheetError) || !unusable.includes(cause.code)) throw cause;
    const notice = `${cause.message} Plans are kept in memory only and are gone when Flopsheet stops; save them with Export.`;
    return { ...openStore(':memory:', options), notices: [notice, cause.hint].filter((text) => text !== '') };
  }
}

export function openBackend(options: BackendOptions): Backend {
  const store = openSomeStore(options.storePath, options.version);
  const events = createEventHub((error) => options.onInternal('(event)', error));
  if (!store.readOnly) seedCatalog(store.db, Date.now());
  let desk: AnswerDesk | null = null;
  const handlers = createHandlers({
    store,
    host: options.host,
    version: options.version,
    author: userName(),
    emit: events.emit,
    now: Date.now,
    logLines: options.logLines,
    answers: (arrived) => (desk = new AnswerDesk(arrived, (error) => options.onInternal('(computation)', error))),
  });
  const stopBackups = backUpOnTimer(store, events, options.onInternal);
  return {
    handlers,
    events,
    notices: store.notices,
    close() {
      stopBackups();
      desk?.close();
      store.close();
    },
  };
}

/** Backs up every 15 minutes when something was written since the last time. */
function backUpOnTimer(store: Store, events: EventHub, onInternal: BackendOptions['onInternal']): () => void {
  if (store.readOnly || store.path === ':memory:') return () => {};
  const changes = store.db.prepare('SELECT total_changes()').pluck();
  let saved = changes.get() as number;
  let running = false;
  const timer = setInterval(() => {
    const now = changes.get() as number;
    if (running || now === saved) return;
    running = true;
    backup(store, Date.now())
      .then(() => (saved = now))
      .catch((error: unknown) => {
        onInternal('(backup)', error);
        const reason = error instanceof FlopsheetError ? ` ${error.message}` : '';
        events.emit('store.notice', { message: `The automatic backup failed.${reason} Plans themselves are saved.` });
      })
      .finally(() => (running = false));
  }, BACKUP_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
