/** Who was measured. Two sessions with different identities are different quantities and are never compared. */
import { isFallback } from './bench.ts';
import type { GpuAdapter } from './gpu.ts';
import type { DeviceIdentity } from './report.ts';

/** What the host adds to what the adapter says of itself. */
export interface HostFacts {
  readonly host: DeviceIdentity['host'];
  readonly hostVersion: string;
  readonly power: DeviceIdentity['power'];
}

/** Identity of an adapter; the name is its description, or vendor and architecture where browsers hide that. */
export function identityOf(adapter: GpuAdapter, facts: HostFacts): DeviceIdentity {
  const { info } = adapter;
  const { subgroupMinSize, subgroupMaxSize } = info;
  return {
    name: info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed adapter',
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    fallback: isFallback(adapter),
    ...facts,
    features: ['timestamp-query', 'shader-f16', 'subgroups'].filter((name) => adapter.features.has(name)),
    subgroupSize:
      adapter.features.has('subgroups') && subgroupMinSize !== undefined && subgroupMaxSize !== undefined
        ? [subgroupMinSize, subgroupMaxSize]
        : null,
    maxBufferBytes: adapter.limits.maxBufferSize,
    workgroupBytes: adapter.limits.maxComputeWorkgroupStorageSize,
  };
}

/** What must be equal for two sessions to be of one quantity; power and limits may change, chip, driver and host may not. */
export function fingerprint(device: DeviceIdentity): string {
  const { vendor, architecture, device: chip, description, host, hostVersion } = device;
  return [vendor, architecture, chip, description, host, hostVersion].join(' | ');
}
