/** Sessions put into two groups for a comparison. */
import { compareHistories, type KernelChange, type KernelHistory } from './compare.ts';
import { fingerprint } from './measure/identity.ts';
import type { DeviceIdentity } from './measure/report.ts';
import { FlopsheetError } from '../errors.ts';

/** What a comparison needs of a session. */
export interface ComparedSession {
  readonly device: DeviceIdentity;
  readonly kernels: readonly { readonly name: string; readonly dtype: string; readonly p50S: number }[];
}

/** Every kernel of two groups. Throws `CALIBRATION_DEVICE` when they are not of one device, driver and host. */
export function compareGroups(before: readonly ComparedSession[], after: readonly ComparedSession[]): KernelChange[] {
  const first = before[0] ?? after[0];
  if (!first) return [];
  const other = [...before, ...after].find((session) => fingerprint(session.device) !== fingerprint(first.device));
  if (other)
    throw new FlopsheetError('CALIBRATION_DEVICE', 'the sessions are of different devices, drivers or hosts', {
      where: `${first.device.name} (${first.device.host} ${first.device.hostVersion}), ${other.device.name} (${other.device.host} ${other.device.hostVersion})`,
      hint: 'another chip, driver or browser is another quantity: compare sessions of one',
    });
  const histories = new Map<string, { kernel: string; dtype: string; before: number[]; after: number[] }>();
  const add = (side: 'before' | 'after', sessions: readonly ComparedSession[]): void => {
    for (const session of sessions)
      for (const kernel of session.kernels) {
        const id = `${kernel.name}|${kernel.dtype}`;
        const row = histories.get(id) ?? { kernel: kernel.name, dtype: kernel.dtype, before: [], after: [] };
        row[side].push(kernel.p50S);
        histories.set(id, row);
      }
  };
  add('before', before);
  add('after', after);
  return compareHistories([...histories.values()] satisfies KernelHistory[]);
}
