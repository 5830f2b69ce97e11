/** The store as commands use it: written when free, read when the app has it. Loaded only by commands that need it. */
import { homedir } from 'node:os';
import { FlopsheetError } from '../core/errors.ts';
import type { Catalog } from '../core/sheet/catalog.ts';
import { appVersion } from '../host/version.ts';
import { engineCatalog } from '../store/engine-catalog.ts';
import { defaultStorePath } from '../store/location.ts';
import { openStore, openStoreOrRead, type Store, type WritableStore } from '../store/open.ts';
import { seedCatalog } from '../store/seed.ts';
import { textFlag, type Invocation } from './command.ts';

export function storePath(invocation: Invocation): string {
  return textFlag(invocation, 'db') ?? defaultStorePath(process.platform, process.env, homedir());
}

/**
 * Opens the store; a place that cannot be written still gives the shipped catalog, in memory, with a warning. The first
 * use of a store fills its catalog.
 */
export function openForReading(invocation: Invocation): Store {
  const path = storePath(invocation);
  const options = { now: Date.now(), version: appVersion(), app: 'flopsheet' };
  let store: Store;
  try {
    store = openStoreOrRead(path, options);
  } catch (error) {
    if (
      !(error instanceof FlopsheetError) ||
      !['store_read_only', 'store_missing', 'store_cannot_open', 'store_disk_full'].includes(error.code)
    )
      throw error;
    invocation.warn(`${error.message} Using the shipped catalog in memory.`);
    store = openStore(':memory:', options);
  }
  for (const notice of store.notices) invocation.warn(notice);
  if (!store.readOnly) seedCatalog(store.db, Date.now());
  return store;
}

/** Opens the store for writing. Throws what `openStore` throws. */
export function openForWriting(invocation: Invocation): WritableStore {
  const store = openStore(storePath(invocation), { now: Date.now(), version: appVersion(), app: 'flopsheet' });
  seedCatalog(store.db, Date.now());
  return store;
}

/** Runs `work` with the catalog of the store. */
export async function withCatalog<T>(
  invocation: Invocation,
  work: (catalog: Catalog, store: Store) => Promise<T> | T,
): Promise<T> {
  const store = openForReading(invocation);
  try {
    return await work(engineCatalog(store.db), store);
  } finally {
    store.close();
  }
}
