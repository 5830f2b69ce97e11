import { FlopsheetError } from '../../core/errors.ts';
import type { Plan } from '../../core/document/plan.ts';
import { changedCells } from '../../core/sheet/compare.ts';
import { listApprovals } from '../../store/approvals.ts';
import type { Store } from '../../store/open.ts';
import { listPlans, planAt } from '../../store/plans.ts';
import { planHash } from '../../store/plan-hash.ts';
import { textFlag, type Command } from '../command.ts';
import { readPlanArgument } from '../plans.ts';
import { openForReading } from '../store.ts';

export const verifyCommand: Command = {
  name: 'verify',
  usage: 'PLAN --hash H',
  summary: 'tells whether a plan is still the one a hash was taken of',
  flags: { hash: { type: 'string' } },
  minPositionals: 1,
  async run(invocation) {
    const wanted = (textFlag(invocation, 'hash') ?? '').toLowerCase();
    if (!/^[0-9a-f]{8,64}$/.test(wanted))
      throw new FlopsheetError('ARG', 'give the hash of the approved plan', {
        where: '--hash',
        hint: 'at least its first 8 digits, as printed in the report',
      });
    const store = openForReading(invocation);
    try {
      const { plan } = readPlanArgument(invocation.positionals[0] ?? '', store);
      const hash = planHash(plan);
      const ok = hash.startsWith(wanted);
      const differences = ok ? [] : [`the plan's hash is ${hash}`, ...changesSince(store, wanted, plan)];
      invocation.print(
        invocation.json
          ? JSON.stringify({ ok, differences })
          : ok
            ? 'the plan is the approved one'
            : ['the plan is not the approved one', ...differences.map((line) => `  ${line}`)].join('\n'),
      );
      return ok ? 0 : 1;
    } finally {
      store.close();
    }
  },
};

/** Cells that differ from the approved revision, when the store has that approval. */
function changesSince(store: Store, wanted: string, plan: Plan): string[] {
  for (const { id } of listPlans(store.db)) {
    const approval = listApprovals(store.db, id).find((own) => own.contentHash.startsWith(wanted));
    if (!approval) continue;
    const approved = planAt(store.db, id, approval.planRevision);
    return changedCells(approved, plan).map(({ cell, a, b }) => `${cell}: "${a}" is now "${b}"`);
  }
  return [];
}
