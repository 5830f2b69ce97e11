/** Measurements of this machine's chips. */
import { mfuCeiling, type ModelProduct } from '../../core/calibrate/ceiling.ts';
import type { MeasuredRun } from '../../core/calibrate/measured-run.ts';
import type { SessionReport } from '../../core/calibrate/measure/report.ts';
import { modelProducts } from '../../core/calibrate/model-products.ts';
import { baselineCard, playbook } from '../../core/calibrate/playbook.ts';
import { rooflineOf } from '../../core/calibrate/roofline.ts';
import type { LogSummary } from '../../core/calibrate/summarize-log.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { RowReader } from '../../core/plan/programme/row-reader.ts';
import { listDevices, listSessions, markSession, saveSession, sessionOf } from '../../store/calibrations.ts';
import { listProfiles } from '../../store/profiles.ts';
import type { HandlersOf } from '../contract.ts';
import type { measurementMethods, MeasurementResults } from '../contract/measurements.ts';
import { machineHardware } from '../machine-hardware.ts';
import { catalogModel } from '../models.ts';
import type { HandlerContext } from './context.ts';

/** Products of a catalog model. Throws `CALIBRATION_MODEL` for models that are no transformer. */
function productsOf(context: HandlerContext, key: string, tokens: number): ModelProduct[] {
  const { model, name } = catalogModel(context.host.catalog, key);
  if (model.kind !== 'transformer')
    throw new FlopsheetError('CALIBRATION_MODEL', `${name} has no list of matrix products`, {
      where: key,
      hint: 'choose a transformer',
    });
  return modelProducts(model, tokens);
}

export function measurementHandlers(
  context: HandlerContext,
): HandlersOf<typeof measurementMethods, MeasurementResults> {
  return {
    'measure.save': ({ report, label }) => {
      if (report.device.fallback) return { session: null };
      return { session: saveSession(context.writable(), report as SessionReport, label, context.options.now()) };
    },
    'measure.history': () => {
      const { db } = context.store;
      return {
        devices: listDevices(db).map(({ id, name, identity }) => ({ id, name, identity })),
        sessions: listSessions(db, null).map(({ id, deviceId, label, excluded, report }) => ({
          id,
          device: deviceId,
          label,
          excluded,
          report,
        })),
      };
    },
    'measure.mark': ({ session, label, excluded }) => {
      markSession(context.writable(), session, {
        ...(label === undefined ? {} : { label }),
        ...(excluded === undefined ? {} : { excluded }),
      });
      return null;
    },
    'measure.hardware': ({ session }) => {
      const key = machineHardware(context.writable(), sessionOf(context.store.db, session), context.options.now());
      context.forgetCatalog();
      return { key };
    },
    'measure.products': ({ model, tokens }) => ({
      layers: productsOf(context, model, tokens),
    }),
    'measure.ceiling': ({ session, model, tokens }) => {
      const { report } = sessionOf(context.store.db, session);
      const { peakFlopPerS } = rooflineOf(report.kernels);
      if (peakFlopPerS === null)
        throw new FlopsheetError('CALIBRATION_PEAK', 'the session did not measure the peak', {
          where: session,
          hint: 'measure again and let it finish',
        });
      // Restarts of this device say more than one session's sentinel.
      const medians = listSessions(context.store.db, sessionOf(context.store.db, session).deviceId)
        .filter((own) => !own.excluded)
        .flatMap((own) => {
          const peak = rooflineOf(own.report.kernels).peakFlopPerS;
          return peak === null ? [] : [peak];
        });
      const spread = medians.length >= 5 ? Math.max(...medians) / Math.min(...medians) : report.sentinel.spread;
      return mfuCeiling(productsOf(context, model, tokens), {
        device: report.device,
        kernels: report.kernels,
        peakFlopPerS,
        spread,
      });
    },
    'measure.baseline': ({ plan, scenario, run }) => {
      const last = listProfiles(context.store.db, plan).find((profile) => profile.rowKey === run);
      if (!last) return null;
      const { log, measured } = last.summary as { log: LogSummary; measured: MeasuredRun };
      const { sheet } = context.session(plan).open(scenario);
      const read = new RowReader(sheet, 'runs');
      const row = sheet.state.tables.runs.rowNumber.get(run);
      const number = (id: string): number | null => {
        const value = row === undefined ? NaN : read.number(id, row);
        return Number.isFinite(value) ? value : null;
      };
      const words = (id: string): string => (row === undefined ? '' : read.text(id, row));
      const hardware = words('hardware');
      const bandwidth = Number(
        context.host.catalog.get('hardware')?.rows.get(hardware)?.fields['memory_bw_gb_s'] ?? NaN,
      );
      const fits = number('memory_fits');
      const base = {
        log,
        measured,
        peakFlopPerS: number('peak_flop_per_s'),
        memoryBytesPerS: Number.isFinite(bandwidth) ? bandwidth * 1e9 : null,
        memoryPerChipGib: number('memory_per_chip_gib'),
        memoryFits: fits === null ? null : fits !== 0,
        layout: words('layout'),
        precision: words('precision'),
        recompute: words('recompute'),
      };
      return { file: last.fileName, fileDate: last.fileDate, card: baselineCard(base), steps: playbook(base) };
    },
  };
}
