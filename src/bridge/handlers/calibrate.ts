/** Logs of real runs. */
import { scenarioPlan } from '../../core/document/apply.ts';
import type { MeasuredRun } from '../../core/calibrate/measured-run.ts';
import type { LogSummary } from '../../core/calibrate/summarize-log.ts';
import { addProfile, listProfiles } from '../../store/profiles.ts';
import type { HandlersOf } from '../contract.ts';
import type { calibrateMethods, CalibrateResults } from '../contract/calibrate.ts';
import { measureRun, useCommands } from '../measured-runs.ts';
import type { HandlerContext } from './context.ts';

export function calibrateHandlers(context: HandlerContext): HandlersOf<typeof calibrateMethods, CalibrateResults> {
  return {
    'log.measure': ({ plan, scenario, run, summary, chips }) =>
      measureRun(context.session(plan).settled(scenario), run, summary, chips),
    'log.use': ({ plan, scenario, run, summary, chips, base, file }) => {
      const session = context.session(plan);
      const measured = measureRun(session.settled(scenario), run, summary, chips);
      const commands = useCommands(scenarioPlan(session.plan, scenario), run, file, summary, measured);
      const result = session.change(scenario, base, commands, `measured in ${file.name}`);
      addProfile(context.writable(), {
        planId: plan,
        rowKey: run,
        fileName: file.name,
        fileDate: file.date,
        format: summary.format,
        summary: { log: summary, measured },
        importedAt: context.options.now(),
      });
      return context.changed(plan, result);
    },
    'log.list': ({ plan }) =>
      listProfiles(context.store.db, plan).map((profile) => {
        const { log, measured } = profile.summary as { log: LogSummary; measured: MeasuredRun };
        return {
          id: profile.id,
          run: profile.rowKey,
          file: profile.fileName,
          fileDate: profile.fileDate,
          format: profile.format,
          importedAt: new Date(profile.importedAt).toISOString(),
          summary: log,
          measured,
        };
      }),
  };
}
