import { FlopsheetError } from '../errors.ts';

/** Number formats matrix products run in. `mxfp8` is FP8 with block scales, `fp4` covers NVFP4 and MXFP4. */
export const PRECISIONS = ['bf16', 'fp8', 'mxfp8', 'fp4'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** What a chip can do, as plain numbers; nothing here is a name the predictor could look up. */
export interface HardwareSpec {
  /** Dense peaks (FLOP/s per chip); `null` where the chip has no unit of that format. */
  readonly bf16FlopPerS: number;
  readonly fp8FlopPerS: number | null;
  readonly fp4FlopPerS: number | null;
  /** Memory bandwidth (byte/s). */
  readonly memoryBandwidth: number;
  /** Memory a process can allocate (byte). */
  readonly memoryBytes: number;
  /** Bandwidth between chips of one fast domain, one direction (byte/s per chip). */
  readonly domainBandwidth: number;
  /** Chips that talk at `domainBandwidth`. */
  readonly domainSize: number;
  /** Network between domains, one direction (byte/s per chip). */
  readonly scaleOutBandwidth: number;
  /** Power limit (W); `null` when unknown. */
  readonly powerWatts: number | null;
  /** Release of the chip as a decimal year; `null` when unknown. */
  readonly releaseYear: number | null;
  /** Best measured dense product over the bf16 peak (0..1); `null`: the class's mean stands in. */
  readonly matmulFraction: number | null;
  /** Exponentials per second of the special-function units; `null`: a usual share of the peak stands in. */
  readonly exponentialsPerS: number | null;
  /** Kind of design the fit shares parameters over: who makes it and the narrowest format it computes in. */
  readonly designClass: string;
  /** The host processor sits in the same package: launching kernels costs less. */
  readonly superchip: boolean;
}

/** Cells of a catalog row (columns of assets/catalog/accelerators.csv, `memory_usable_bytes` when known). */
export type HardwareRow = Readonly<Record<string, string | number | null | undefined>>;

/** What the catalog row lacks. */
export interface HardwareExtras {
  readonly matmulFraction?: number | null;
  readonly exponentialsPerS?: number | null;
  /** Usable memory as a share of the printed gigabytes where no measured figure exists. */
  readonly usableShare?: number;
}

const USABLE_SHARE = 1.0;
/** Gigabit per second and chip where a row states no network: a single 200 Gbit/s adapter. */
const DEFAULT_SCALE_OUT_GBIT = 200;

function cell(row: HardwareRow, column: string): number | null {
  const raw = row[column];
  if (raw === undefined || raw === null || raw === '') return null;
  const value = typeof raw === 'number' ? raw : Number(raw);
  return Number.isFinite(value) ? value : null;
}

function need(row: HardwareRow, column: string): number {
  const value = cell(row, column);
  if (value === null || value <= 0) {
    throw new FlopsheetError(
      'hardware-field-missing',
      `"${String(row['name'] ?? 'The chip')}" has no ${column}: its step time cannot be predicted.`,
      { where: column, hint: 'Complete the row in the catalog, or choose another chip.' },
    );
  }
  return value;
}

/** Chips of one fast domain, read from what the row says about its links (NVL72, "72-GPU domain", a torus of ICI links, a pair). */
function domainSizeOf(row: HardwareRow): number {
  const text = `${row['name'] ?? ''} ${row['intra_node_direction'] ?? ''}`;
  const stated = /NVL(\d+)|(\d+)-GPU domain/i.exec(text);
  if (stated) {
    const size = Number(stated[1] ?? stated[2]);
    if (size <= 1024) return 2 ** Math.floor(Math.log2(Math.max(1, size)));
  }
  if (/\bICI\b/.test(text)) return 256;
  if (/pairs?\b/i.test(text)) return 2;
  return 8;
}

/** Decimal year of an ISO date or `2026-H2`, `2026-Q1`; `null` when there is none. */
export function decimalYear(text: string | number | null | undefined): number | null {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?|-H([12])|-Q([1-4]))?/.exec(String(text ?? ''));
  if (match === null) return null;
  const year = Number(match[1]);
  if (match[4] !== undefined) return year + (Number(match[4]) - 0.5) / 2;
  if (match[5] !== undefined) return year + (Number(match[5]) - 0.5) / 4;
  if (match[2] === undefined) return year + 0.5;
  return year + (Number(match[2]) - 1) / 12 + (Number(match[3] ?? 15) - 1) / 365.25;
}

/** Class parameters are shared over: maker, and for makers with several generations the narrowest native format. */
export function designClassOf(vendor: string, bf16: number, fp8: number | null, fp4: number | null): string {
  const narrowest = fp4 !== null && fp4 > 1.2 * bf16 ? 'fp4' : fp8 !== null && fp8 > 1.2 * bf16 ? 'fp8' : 'bf16';
  return `${vendor.trim().toLowerCase()}/${narrowest}`;
}

/**
 * Hardware numbers of a catalog row (TFLOP/s, GB/s, Gbit/s in the row; FLOP/s and byte/s here). Link bandwidths stated
 * for both directions are halved. Throws a FlopsheetError naming the missing column; never substitutes another chip.
 */
export function hardwareFromCatalogRow(row: HardwareRow, extras: HardwareExtras = {}): HardwareSpec {
  const bf16 = need(row, 'bf16_fp16_tensor_tflops_dense') * 1e12;
  const tera = (column: string): number | null => {
    const value = cell(row, column);
    return value === null ? null : value * 1e12;
  };
  const fp8 = tera('fp8_tflops_dense');
  const fp4 = tera('fp4_tflops_dense');
  const direction = String(row['intra_node_direction'] ?? '');
  const scaleOut = (cell(row, 'scale_out_gbit_s_per_gpu_typical') ?? DEFAULT_SCALE_OUT_GBIT) * 1.25e8;
  const fast = cell(row, 'intra_node_bw_gb_s_per_gpu') ?? 0;
  const domain = fast > 0 ? fast * 1e9 * (direction.startsWith('uni') ? 1 : 0.5) : scaleOut;
  const usable = cell(row, 'memory_usable_bytes');
  return {
    bf16FlopPerS: bf16,
    fp8FlopPerS: fp8,
    fp4FlopPerS: fp4,
    memoryBandwidth: need(row, 'memory_bw_gb_s') * 1e9,
    memoryBytes: usable ?? need(row, 'memory_gb') * 1e9 * (extras.usableShare ?? USABLE_SHARE),
    domainBandwidth: domain,
    domainSize: fast > 0 ? domainSizeOf(row) : 1,
    scaleOutBandwidth: scaleOut,
    powerWatts: cell(row, 'tdp_w'),
    releaseYear: decimalYear(row['release_date']),
    matmulFraction: extras.matmulFraction ?? null,
    exponentialsPerS: extras.exponentialsPerS ?? null,
    designClass: designClassOf(String(row['vendor'] ?? ''), bf16, fp8, fp4),
    superchip: /superchip/i.test(String(row['form_factor'] ?? '')),
  };
}

/** Dense peak (FLOP/s) the matrix products of a precision run at: the next wider format where the chip lacks one. */
export function peakFlopPerS(hardware: HardwareSpec, precision: Precision): number {
  const fp8 = hardware.fp8FlopPerS ?? hardware.bf16FlopPerS;
  if (precision === 'bf16') return hardware.bf16FlopPerS;
  if (precision === 'fp4') return hardware.fp4FlopPerS ?? fp8;
  return fp8;
}

/** Whether the chip has units of its own for the precision. */
export function supportsPrecision(hardware: HardwareSpec, precision: Precision): boolean {
  if (precision === 'bf16') return true;
  return precision === 'fp4' ? hardware.fp4FlopPerS !== null : hardware.fp8FlopPerS !== null;
}
