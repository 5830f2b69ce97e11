/**
 * Nsight Compute as text: `ncu --csv` (one row a metric), `--page raw --csv` (one row a launch, units in a second header)
 * and `--print-summary` (averages). Good for FLOP and bytes; times are biased, ncu replays kernels and locks clocks.
 */
import { FlopsheetError } from '../../errors.ts';
import { medianOf } from '../quantile.ts';
import { csvCells, eachLine } from './lines.ts';

/** One kernel over its launches; null where the file does not say. */
export interface NcuKernel {
  readonly name: string;
  readonly launches: number;
  readonly totalS: number | null;
  readonly p50S: number | null;
  readonly flop: number | null;
  readonly dramBytes: number | null;
  readonly flopPerS: number | null;
  readonly bytesPerS: number | null;
  readonly flopPerByte: number | null;
  /** Percent of what the unit sustains at most, mean over launches. */
  readonly smPercent: number | null;
  readonly dramPercent: number | null;
  readonly occupancyPercent: number | null;
}

export interface NcuSummary {
  readonly kind: 'ncu';
  readonly format: 'ncu';
  /** Longest total time first. */
  readonly kernels: readonly NcuKernel[];
  readonly launches: number;
  readonly totalS: number | null;
  readonly flop: number | null;
  readonly dramBytes: number | null;
  readonly notes: readonly string[];
}

const MOST_KERNELS = 5_000;
const MOST_TIMES = 20_000;

type Role = 'time' | 'bytes' | 'flop' | 'sm' | 'dram' | 'occupancy';
interface Meaning {
  readonly role: Role;
  readonly factor: number;
}

/** FLOP of one executed instruction of a thread: a fused multiply-add is 2; `h` instructions hold two values. */
function instructionFlop(name: string): number | null {
  const found =
    /^(?:sm|smsp)__sass_thread_inst_executed_(?:op|ops)_(?:([hfd])(add|mul|fma)|(hadd2|hmul2|hfma2))_pred_on\.sum$/.exec(
      name,
    );
  if (!found) return null;
  const operation = found[2] ?? (found[3] as string);
  return (operation.includes('fma') ? 2 : 1) * (operation.endsWith('2') ? 2 : 1);
}

/** What a metric of ncu says here, with the factor to seconds, bytes, FLOP or percent; null when it is not used. */
function meaningOf(metric: string, unit: string): Meaning | null {
  if (/^(gpu__time_duration\.(sum|avg)|Duration)$/.test(metric)) {
    const factor = TIME[unit];
    return factor === undefined ? null : { role: 'time', factor };
  }
  if (/^dram__bytes(_read|_write|_op_read|_op_write)?\.sum$/.test(metric)) {
    const factor = BYTES[unit];
    return factor === undefined ? null : { role: 'bytes', factor };
  }
  if (metric.startsWith('sm__ops_path_tensor_') && metric.endsWith('.sum') && !metric.includes('_sparsity_on'))
    return { role: 'flop', factor: 1 };
  const flop = instructionFlop(metric);
  if (flop !== null) return { role: 'flop', factor: flop };
  if (unit !== '%') return null;
  if (metric === 'sm__throughput.avg.pct_of_peak_sustained_elapsed' || metric === 'Compute (SM) Throughput')
    return { role: 'sm', factor: 1 };
  if (/^(gpu__)?dram_?_throughput\.avg\.pct_of_peak_sustained_elapsed$|^DRAM Throughput$/.test(metric))
    return { role: 'dram', factor: 1 };
  if (metric === 'Achieved Occupancy' || metric === 'sm__warps_active.avg.pct_of_peak_sustained_active')
    return { role: 'occupancy', factor: 1 };
  return null;
}

const TIME: Readonly<Record<string, number>> = {
  ns: 1e-9,
  nsecond: 1e-9,
  us: 1e-6,
  usecond: 1e-6,
  ms: 1e-3,
  msecond: 1e-3,
  s: 1,
  second: 1,
};
const BYTES: Readonly<Record<string, number>> = { byte: 1, Kbyte: 1e3, Mbyte: 1e6, Gbyte: 1e9, Tbyte: 1e12 };

/** The two ways to read a number: with a decimal point, with a decimal comma. The file decides at its end. */
type Reading = readonly [point: number, comma: number];

function readBoth(text: string): Reading {
  const asNumber = (digits: string): number =>
    /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits) ? Number(digits) : NaN;
  return [asNumber(text.replaceAll(',', '')), asNumber(text.replaceAll('.', '').replace(',', '.'))];
}

/** 1: only a decimal comma makes sense of it; -1: only a decimal point; 0: either. */
function localeVote(text: string): number {
  if (/^\d{1,3}(\.\d{3}){2,}$|,\d+$/.test(text) && !/^\d{1,3}(,\d{3})+$/.test(text)) return 1;
  if (/^\d{1,3}(,\d{3})*\.\d+$/.test(text) && !/^\d{1,3}\.\d{3}$/.test(text)) return -1;
  return /^\d{1,3}(,\d{3}){2,}$/.test(text) ? -1 : 0;
}

class Kernel {
  launches = new Set<string>();
  readonly times: Reading[] = [];
  readonly sums = new Map<Role, { point: number; comma: number; n: number }>();

  add(role: Role, factor: number, value: Reading, times = 1): void {
    const sum = this.sums.get(role) ?? { point: 0, comma: 0, n: 0 };
    sum.point += value[0] * factor * times;
    sum.comma += value[1] * factor * times;
    sum.n += times;
    this.sums.set(role, sum);
    if (role === 'time' && this.times.length < MOST_TIMES) this.times.push([value[0] * factor, value[1] * factor]);
  }
}

interface Table {
  readonly at: ReadonlyMap<string, number>;
  readonly width: number;
  readonly columns: readonly string[];
  /** Units of a raw page; null until its second header has come. */
  units: readonly string[] | null;
}

/** Whether a line is the header of one of ncu's tables. */
export function isNcuHeader(line: string): boolean {
  return line.includes('"Kernel Name"') && (line.includes('"Metric Name"') || line.includes('"ID"'));
}

/** Reads the export. Throws `LOG_EMPTY` when it has no kernels. */
export async function readNcu(chunks: AsyncIterable<string>, name: string): Promise<NcuSummary> {
  const kernels = new Map<string, Kernel>();
  let table: Table | null = null;
  let votes = 0;
  let unknownUnits = 0;
  let summaryPage = false;

  const kernelOf = (text: string): Kernel | null => {
    let kernel = kernels.get(text);
    if (!kernel && kernels.size < MOST_KERNELS) kernels.set(text, (kernel = new Kernel()));
    return kernel ?? null;
  };
  const take = (kernel: Kernel, metric: string, unit: string, value: string, times = 1): void => {
    const meaning = meaningOf(metric, unit);
    if (meaning === null) {
      if (/time_duration|^Duration$|^dram__bytes/.test(metric) && value !== '') unknownUnits += 1;
      return;
    }
    const reading = readBoth(value);
    votes += localeVote(value);
    if (Number.isFinite(reading[0]) || Number.isFinite(reading[1]))
      kernel.add(meaning.role, meaning.factor, reading, times);
  };

  await eachLine(chunks, (raw) => {
    const line = raw.trim();
    if (!line.startsWith('"')) return;
    const cells = csvCells(line);
    if (isNcuHeader(line)) {
      table = { at: new Map(cells.map((cell, at) => [cell, at])), width: cells.length, columns: cells, units: null };
      return;
    }
    if (table === null) return;
    const { at } = table;
    const cell = (column: string): string => cells[at.get(column) ?? -1] ?? '';
    const metricAt = at.get('Metric Name');
    if (metricAt === undefined) {
      if (table.units === null && cell('ID') === '') {
        table.units = cells;
        return;
      }
      const kernel = kernelOf(cell('Kernel Name'));
      if (kernel === null || cell('Kernel Name') === '') return;
      kernel.launches.add(cell('ID'));
      table.columns.forEach((metric, n) => take(kernel, metric, table?.units?.[n] ?? '', cells[n] ?? ''));
      return;
    }
    const kernel = kernelOf(cell('Kernel Name'));
    if (kernel === null) return;
    if (at.has('Average')) {
      summaryPage = true;
      const invocations = Number(cell('Invocations')) || 1;
      kernel.launches.add(`summary of ${invocations}`);
      take(kernel, cell('Metric Name'), cell('Metric Unit'), cell('Average'), invocations);
      return;
    }
    kernel.launches.add(cell('ID'));
    if (cell('Metric Name') !== '') take(kernel, cell('Metric Name'), cell('Metric Unit'), cell('Metric Value'));
  });
  if (kernels.size === 0)
    throw new FlopsheetError('LOG_EMPTY', 'the Nsight Compute export has no kernels', {
      where: name,
      hint: 'as made by ncu --csv or ncu --page raw --csv',
    });
  return summarize(kernels, votes > 0, unknownUnits, summaryPage);
}

function summarize(
  kernels: ReadonlyMap<string, Kernel>,
  comma: boolean,
  unknownUnits: number,
  summaryPage: boolean,
): NcuSummary {
  const rows = [...kernels].map(([name, kernel]): NcuKernel => {
    const sum = (role: Role): number | null => {
      const found = kernel.sums.get(role);
      const value = found && (comma ? found.comma : found.point);
      return value !== undefined && Number.isFinite(value) ? value : null;
    };
    const mean = (role: Role): number | null => {
      const total = sum(role);
      return total === null ? null : total / (kernel.sums.get(role)?.n as number);
    };
    const totalS = sum('time');
    const flop = sum('flop');
    const dramBytes = sum('bytes');
    const per = (a: number | null, b: number | null): number | null =>
      a !== null && b !== null && b > 0 ? a / b : null;
    return {
      name,
      launches: summaryPage ? (kernel.sums.values().next().value?.n ?? 1) : kernel.launches.size,
      totalS,
      p50S: kernel.times.length > 0 ? medianOf(kernel.times.map((time) => time[comma ? 1 : 0])) : null,
      flop,
      dramBytes,
      flopPerS: per(flop, totalS),
      bytesPerS: per(dramBytes, totalS),
      flopPerByte: per(flop, dramBytes),
      smPercent: mean('sm'),
      dramPercent: mean('dram'),
      occupancyPercent: mean('occupancy'),
    };
  });
  rows.sort((a, b) => (b.totalS ?? 0) - (a.totalS ?? 0));
  const total = (of: (row: NcuKernel) => number | null): number | null => {
    const known = rows.map(of).filter((value) => value !== null);
    return known.length > 0 ? known.reduce((a, b) => a + b, 0) : null;
  };
  const notes = ['ncu replays kernels at locked clocks: trust its FLOP and bytes, not its times as those of a run'];
  if (comma) notes.push('numbers were read with a decimal comma, as this export writes them');
  if (unknownUnits > 0) notes.push(`${unknownUnits} values in an unknown unit were left out`);
  if (total((row) => row.totalS) === null)
    notes.push('no kernel has a duration: add gpu__time_duration.sum or the section SpeedOfLight');
  if (total((row) => row.flop) === null)
    notes.push('no FLOP were counted: ask ncu for the metrics of docs/help/calibration.md');
  return {
    kind: 'ncu',
    format: 'ncu',
    kernels: rows,
    launches: rows.reduce((n, row) => n + row.launches, 0),
    totalS: total((row) => row.totalS),
    flop: total((row) => row.flop),
    dramBytes: total((row) => row.dramBytes),
    notes,
  };
}
