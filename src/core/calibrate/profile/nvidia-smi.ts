/**
 * `nvidia-smi --query-gpu=… --format=csv`: power, clocks, memory and throttling of a run. `utilization.gpu` is read only to
 * say what it is: the share of time in which any kernel ran (nvidia-smi manual), never a share of the peak.
 */
import { FlopsheetError } from '../../errors.ts';
import { quantile } from '../quantile.ts';
import { csvCells, eachLine } from './lines.ts';

/** One card of the file; null where the file does not say. */
export interface SmiCard {
  /** Index, UUID, bus id or name: what the file tells cards apart by. */
  readonly card: string;
  readonly samples: number;
  readonly spanS: number | null;
  readonly powerWP50: number | null;
  readonly powerWP95: number | null;
  /** Power integrated over the samples (trapezoids). */
  readonly energyWh: number | null;
  readonly smClockMhzP50: number | null;
  /** Median over highest clock seen: 1 is no throttling while it was watched. */
  readonly sustainedClock: number | null;
  readonly memoryMibMax: number | null;
  readonly temperatureCMax: number | null;
  /** Share of samples in which the driver gave a reason to slow down (idle does not count). */
  readonly throttled: number | null;
}

export interface SmiSummary {
  readonly kind: 'nvidia-smi';
  readonly format: 'nvidia-smi';
  readonly cards: readonly SmiCard[];
  readonly notes: readonly string[];
}

/** Samples kept of one card: every n-th of longer files. */
const MOST_SAMPLES = 200_000;

type Column = 'card' | 'clock' | 'power' | 'sm' | 'memory' | 'temperature' | 'reasons' | 'utilisation';

/** What a column of the header is; the driver renamed some over the years. */
function columnOf(name: string): Column | null {
  const plain = name.toLowerCase().replace(/\s*\[.*\]$/, '');
  if (plain === 'timestamp') return 'clock';
  if (/^(index|gpu_uuid|uuid|pci\.bus_id|gpu_bus_id|name|gpu_name)$/.test(plain)) return 'card';
  if (/^power\.draw(\.average|\.instant)?$/.test(plain)) return 'power';
  if (/^clocks(\.current)?\.(sm|graphics|gr)$/.test(plain)) return 'sm';
  if (plain === 'memory.used') return 'memory';
  if (plain === 'temperature.gpu') return 'temperature';
  if (/^clocks_(throttle|event)_reasons\.active$/.test(plain)) return 'reasons';
  return plain === 'utilization.gpu' ? 'utilisation' : null;
}

/** Whether a line is the header of such a table. */
export function isSmiHeader(line: string): boolean {
  const cells = csvCells(line);
  return cells.length >= 2 && cells.filter((cell) => columnOf(cell) !== null).length >= 2 && !/\d/.test(cells[0] ?? '');
}

const numberOf = (cell: string | undefined): number =>
  cell === undefined ? NaN : Number.parseFloat(cell.replace(',', '.'));

class CardSamples {
  readonly at: number[] = [];
  readonly power: number[] = [];
  readonly sm: number[] = [];
  memory = NaN;
  temperature = NaN;
  samples = 0;
  throttled = 0;
  reasons = 0;
  private every = 1;

  add(cell: (column: Column) => string | undefined): void {
    this.samples += 1;
    this.memory = Math.max(Number.isNaN(this.memory) ? -Infinity : this.memory, numberOf(cell('memory')));
    this.temperature = Math.max(
      Number.isNaN(this.temperature) ? -Infinity : this.temperature,
      numberOf(cell('temperature')),
    );
    const reasons = cell('reasons');
    if (reasons !== undefined && /^0x[0-9a-f]+$/i.test(reasons)) {
      this.reasons += 1;
      // Bit 0 is idle (NVML: nvmlClocksEventReasonGpuIdle): no throttling.
      if ((BigInt(reasons) & ~1n) !== 0n) this.throttled += 1;
    }
    if (this.samples % this.every !== 0) return;
    const stamp = /(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?/.exec(cell('clock') ?? '');
    this.at.push(
      stamp
        ? Date.parse(`${stamp[1]}-${stamp[2]}-${stamp[3]}T${stamp[4]}:${stamp[5]}:${stamp[6]}.${stamp[7] ?? '0'}Z`) /
            1000
        : NaN,
    );
    this.power.push(numberOf(cell('power')));
    this.sm.push(numberOf(cell('sm')));
    if (this.at.length < MOST_SAMPLES) return;
    this.every *= 2;
    for (const list of [this.at, this.power, this.sm]) {
      for (let to = 0; to < list.length / 2; to += 1) list[to] = list[2 * to + 1] as number;
      list.length = Math.floor(list.length / 2);
    }
  }

  summary(card: string): SmiCard {
    const known = (values: readonly number[]): number[] => values.filter(Number.isFinite).sort((a, b) => a - b);
    const or = (value: number): number | null => (Number.isFinite(value) ? value : null);
    const power = known(this.power);
    const sm = known(this.sm);
    const first = this.at[0] as number;
    const span = (this.at.at(-1) as number) - first;
    let joule = 0;
    for (let n = 1; n < this.at.length; n += 1)
      joule +=
        (((this.power[n] as number) + (this.power[n - 1] as number)) / 2) *
        ((this.at[n] as number) - (this.at[n - 1] as number));
    return {
      card,
      samples: this.samples,
      spanS: span > 0 ? span : null,
      powerWP50: or(quantile(power, 0.5)),
      powerWP95: or(quantile(power, 0.95)),
      energyWh: span > 0 ? or(joule / 3600) : null,
      smClockMhzP50: or(quantile(sm, 0.5)),
      sustainedClock: sm.length > 0 ? or(quantile(sm, 0.5) / (sm.at(-1) as number)) : null,
      memoryMibMax: or(this.memory),
      temperatureCMax: or(this.temperature),
      throttled: this.reasons > 0 ? this.throttled / this.reasons : null,
    };
  }
}

/** Why utilisation is no MFU, in one sentence for every place that meets it. */
export const UTILISATION_WHY =
  'GPU-Util is the share of time in which any kernel ran, however slow or small: a card at 100 % may do a tenth of its FLOP/s';

/** Reads the table. Throws `LOG_GPU_UTIL` when utilisation is all it has, `LOG_EMPTY` when no row was found. */
export async function readNvidiaSmi(chunks: AsyncIterable<string>, name: string): Promise<SmiSummary> {
  const cards = new Map<string, CardSamples>();
  let columns: (Column | null)[] = [];
  let utilisation = false;
  let skipped = 0;
  await eachLine(chunks, (line) => {
    if (line.trim() === '') return;
    if (isSmiHeader(line)) {
      columns = csvCells(line).map(columnOf);
      utilisation ||= columns.includes('utilisation');
      return;
    }
    const cells = csvCells(line);
    if (columns.length === 0 || cells.length !== columns.length) {
      skipped += 1;
      return;
    }
    const cell = (column: Column): string | undefined => cells[columns.indexOf(column)];
    const card = cell('card') ?? 'GPU';
    let samples = cards.get(card);
    if (!samples) cards.set(card, (samples = new CardSamples()));
    samples.add(cell);
  });
  const found = [...cards].map(([card, samples]) => samples.summary(card));
  if (found.length === 0)
    throw new FlopsheetError('LOG_EMPTY', 'the nvidia-smi table has no rows', {
      where: name,
      hint: 'as made by nvidia-smi --query-gpu=timestamp,power.draw,clocks.sm,memory.used --format=csv -l 1',
    });
  if (utilisation && found.every((card) => card.powerWP50 === null && card.smClockMhzP50 === null))
    throw new FlopsheetError('LOG_GPU_UTIL', 'this is GPU utilisation of nvidia-smi, which is not MFU', {
      where: name,
      hint: `${UTILISATION_WHY}. Give the log of the training run; for power and throttling query power.draw and clocks.sm`,
    });
  const notes = utilisation ? [`utilization.gpu was not read: ${UTILISATION_WHY}`] : [];
  if (skipped > 0) notes.push(`${skipped} lines that are no row of the table were passed over`);
  if (found.some((card) => card.spanS === null)) notes.push('without a timestamp in every row there is no energy');
  return { kind: 'nvidia-smi', format: 'nvidia-smi', cards: found, notes };
}
