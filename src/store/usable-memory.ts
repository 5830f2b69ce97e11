const GIB = 2 ** 30;

/** What a program can allocate on a chip, when nobody measured it. */
export interface UsableMemory {
  readonly bytes: number;
  readonly source: string;
}

/**
 * Usable memory in bytes from the nominal size, for chips without a measurement. "80 GB" of memory stacks is 80 GiB
 * before the driver takes its part; what is left was measured on the chips of assets/catalog/usable_memory.csv:
 * stacked memory (HBM) 99.5 % of nominal GiB on every data-centre part since Hopper; GDDR with error correction on 93.7 %
 * (parity takes a sixteenth), taken for all GDDR because the catalog does not say whether it is on; memory shared with
 * the CPU 75 % (the default limit of Apple's Metal). On-chip SRAM and boards: as published.
 */
export function usableMemoryRule(nominalGb: number, memoryType: string): UsableMemory {
  const type = memoryType.toUpperCase();
  const [share, why] = type.includes('SHARED')
    ? [0.75, '75 % of memory shared with the CPU']
    : type.startsWith('HBM')
      ? [0.9948, '99.48 % of nominal GiB, as measured on HBM parts']
      : type.startsWith('GDDR')
        ? [0.9372, '93.72 % of nominal GiB, as measured on GDDR parts with ECC on']
        : [1, 'as published, read as GiB'];
  return { bytes: Math.floor(nominalGb * GIB * share), source: `not measured: rule, ${why}` };
}
