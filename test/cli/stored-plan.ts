import { readPlan } from '../../src/core/document/plan-file.ts';
import type { TableId } from '../../src/core/document/plan.ts';
import { approve } from '../../src/store/approvals.ts';
import { openStore, type WritableStore } from '../../src/store/open.ts';
import { planHash } from '../../src/store/plan-hash.ts';
import { appendChange, createPlan } from '../../src/store/plans.ts';

/** Stores an approved plan and gives a way to change it afterwards. */
export function planFrom(db: string): {
  id: string;
  hash: string;
  change: (table: TableId, row: string, column: string, to: string) => void;
} {
  const { plan } = readPlan({
    format: 'flopsheet-plan',
    version: 1,
    name: 'A plan',
    runs: [{ key: 'r1', chips: '512' }],
  });
  const opened = <T>(work: (store: WritableStore) => T): T => {
    const store = openStore(db, { now: 0, version: '0', app: 'test' });
    try {
      return work(store);
    } finally {
      store.close();
    }
  };
  const hash = planHash(plan);
  const id = opened((store) => {
    const created = createPlan(store.db, plan, 0);
    approve(store.db, {
      planId: created,
      planRevision: 0,
      scenario: 'base',
      name: 'Board',
      note: '',
      at: 0,
      contentHash: hash,
      catalogPins: {},
      versions: {},
      results: {},
    });
    return created;
  });
  return {
    id,
    hash,
    change: (table, row, column, to) =>
      opened((store) => {
        const commands = [{ set: [table, row, column] as const, to }];
        appendChange(store.db, id, 0, { commands, kind: 'edit', author: 'a', note: '' }, 1);
      }),
  };
}
