/** A measured device as a row of the hardware catalog, for plans that really run on it. */
import { rooflineOf } from '../core/calibrate/roofline.ts';
import { FlopsheetError } from '../core/errors.ts';
import type { StoredSession } from '../store/calibrations.ts';
import { putUserRow } from '../store/catalog.ts';
import type { WritableDb } from '../store/database.ts';

/**
 * Adds or renews the row "This machine: …"; returns its key. It holds what was measured and nothing else: f32 peak and memory
 * bandwidth through WebGPU. Matrix units, other formats, power and memory size stay unknown, so no plan can lean on them.
 */
export function machineHardware(db: WritableDb, session: StoredSession, now: number): string {
  const { report } = session;
  const { peakFlopPerS, bytesPerS, workingSetBytes } = rooflineOf(report.kernels);
  if (report.device.fallback)
    throw new FlopsheetError('CALIBRATION_SOFTWARE', 'a software adapter is no hardware', {
      where: report.device.name,
    });
  if (peakFlopPerS === null || bytesPerS === null)
    throw new FlopsheetError('CALIBRATION_PEAK', 'the session measured no peak or no bandwidth', {
      where: session.id,
      hint: 'measure again and let it finish',
    });
  const slug = report.device.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
  const day = report.startedAt.slice(0, 10);
  return putUserRow(
    db,
    {
      kind: 'hardware',
      key: `this-machine-${slug || 'gpu'}`,
      name: `This machine: ${report.device.name}`,
      fields: {
        vendor: report.device.vendor,
        form_factor: 'local',
        fp32_vector_tflops: Number((peakFlopPerS / 1e12).toPrecision(4)),
        memory_bw_gb_s: Number((bytesPerS / 1e9).toPrecision(4)),
        note: `Measured through WebGPU (${report.device.host} ${report.device.hostVersion}): f32 without matrix units; bandwidth of a copy over ${((workingSetBytes ?? 0) / 2 ** 20).toFixed(0)} MiB arrays. Says nothing of other formats, other chips or clusters. Precision fp32 only.`,
      },
      source: `calibration session of ${day}`,
      asOf: day,
      confidence: report.sentinel.stationary ? 'measured' : 'measured, machine not at rest',
    },
    now,
  ).key;
}
