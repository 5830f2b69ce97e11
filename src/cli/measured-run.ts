/** Uses a training log in a run of a plan: in the store through the app's own methods, in a plan file by rewriting it. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createHandlers } from '../bridge/handlers.ts';
import { measureRun, useCommands } from '../bridge/measured-runs.ts';
import type { MeasuredRun } from '../core/calibrate/measured-run.ts';
import type { LogSummary } from '../core/calibrate/summarize-log.ts';
import { applyCommands } from '../core/document/apply.ts';
import { writePlanFile } from '../core/document/plan-file.ts';
import { userName } from '../host/user.ts';
import { appVersion } from '../host/version.ts';
import { engineCatalog } from '../store/engine-catalog.ts';
import { listPlans } from '../store/plans.ts';
import type { Invocation } from './command.ts';
import { openScenario, readPlanArgument } from './plans.ts';
import { openForReading, openForWriting } from './store.ts';

/** Writes the measured MFU into the run and returns it. Throws what the plan, the run or the store refuse. */
export async function applyToRun(
  invocation: Invocation,
  target: { readonly plan: string; readonly run: string; readonly chips: number | undefined },
  log: string,
  summary: LogSummary,
): Promise<MeasuredRun> {
  const { run, chips } = target;
  const file = { name: basename(log), date: statSync(log).mtime.toISOString().slice(0, 10) };
  if (existsSync(target.plan)) {
    const store = openForReading(invocation);
    try {
      const { plan } = readPlanArgument(target.plan, store);
      const { sheet } = openScenario(plan, 'base', engineCatalog(store.db));
      const measured = measureRun(sheet, run, summary, chips);
      const commands = useCommands(plan, run, file, summary, measured);
      writeFileSync(target.plan, writePlanFile(applyCommands(plan, commands).plan));
      return measured;
    } finally {
      store.close();
    }
  }
  const store = openForWriting(invocation);
  try {
    readPlanArgument(target.plan, store);
    const plan = listPlans(store.db).find((own) => own.id === target.plan || own.name === target.plan)?.id as string;
    const app = createHandlers({
      store,
      host: 'memory',
      version: appVersion(),
      author: userName(),
      emit: () => undefined,
      now: () => Date.now(),
    });
    const asked = { plan, scenario: 'base', run, summary: { ...summary, notes: [...summary.notes] }, chips };
    const measured = await app['log.measure'](asked);
    const { revision } = await app['plans.open']({ plan });
    await app['log.use']({ ...asked, base: revision, file });
    return measured;
  } finally {
    store.close();
  }
}
