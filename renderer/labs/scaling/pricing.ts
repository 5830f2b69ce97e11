/** What a chip-hour buys: turns dollars and chip-hours into FLOP. */
import type { PricingChip } from '../../../src/bridge/contract.ts';
import type { SheetView } from '../../../src/core/sheet/view.ts';

/** Columns of a run that price a FLOP, and those a pinned run takes over. */
export const PRICING_COLUMNS = ['name', 'train_flop', 'chip_hours', 'total_cost', 'mfu', 'energy_mwh'] as const;
export const TAKEN_COLUMNS = [
  'hardware',
  'chips',
  'precision',
  'mfu_mode',
  'mfu',
  'goodput',
  'payment',
  'price_class',
  'chip_hour_price',
] as const;

export interface Rate {
  /** FLOP that a chip delivers in an hour it is paid for. */
  readonly flopPerChipHour: number;
  /** Money for a FLOP; null without a price. */
  readonly costPerFlop: number | null;
  readonly currency: string;
  /** Share of the peak in training; null when not known. */
  readonly mfu: number | null;
  /** Energy of a paid chip-hour in kWh; null when not known. */
  readonly kwhPerChipHour: number | null;
  /** Where the rate comes from. */
  readonly says: string;
}

export interface PricingRun {
  readonly key: string;
  readonly name: string;
  readonly rate: Rate | null;
  /** Texts of the columns a pinned run takes over. */
  readonly taken: Readonly<Record<string, string>>;
}

const positive = (value: unknown): number | null => (typeof value === 'number' && value > 0 ? value : null);

/** Runs of the plan, with a rate where FLOP, chip-hours and cost are known. */
export function pricingRuns(view: SheetView, currency: string): PricingRun[] {
  return view.rows.map((row) => {
    const [name, flop, hours, cost, mfu, energy] = row.cells;
    const mwh = positive(energy?.value);
    const trainFlop = positive(flop?.value);
    const chipHours = positive(hours?.value);
    const total = positive(cost?.value);
    return {
      key: row.key,
      name: name?.display || row.key,
      rate:
        trainFlop === null || chipHours === null
          ? null
          : {
              flopPerChipHour: trainFlop / chipHours,
              costPerFlop: total === null ? null : total / trainFlop,
              currency,
              mfu: positive(mfu?.value),
              kwhPerChipHour: mwh === null ? null : (1000 * mwh) / chipHours,
              says: 'total cost and chip-hours of this run over its FLOP',
            },
      taken: Object.fromEntries(
        TAKEN_COLUMNS.flatMap((id, i) => {
          const text = row.cells[PRICING_COLUMNS.length + i]?.text ?? '';
          return text === '' ? [] : [[id, text]];
        }),
      ),
    };
  });
}

/** Cells of a run on a chip at an assumed share of its peak. */
export function chipCells(
  chip: string | undefined,
  form: { mfu: number; price: number; chips: number },
): Record<string, string> {
  return {
    ...(chip === undefined ? {} : { hardware: chip }),
    ...(form.chips >= 1 ? { chips: String(Math.round(form.chips)) } : {}),
    ...(form.mfu > 0 ? { mfu: `${form.mfu}%` } : {}),
    ...(form.price > 0 ? { chip_hour_price: `${form.price} USD/h` } : {}),
  };
}

/** A chip at a share of its dense bf16 peak, at the price given or the catalog's. */
export function chipRate(chip: PricingChip, mfu: number, price: number): Rate | null {
  if (!(mfu > 0 && mfu <= 1)) return null;
  const flopPerChipHour = chip.peakFlopPerS * mfu * 3600;
  const usd = price > 0 ? price : chip.usdPerChipHour;
  return {
    flopPerChipHour,
    costPerFlop: usd === null ? null : usd / flopPerChipHour,
    currency: 'USD',
    mfu,
    kwhPerChipHour: chip.wattsPerChip === null ? null : chip.wattsPerChip / 1000,
    says:
      price > 0
        ? 'chip-hours at your price'
        : usd === null
          ? 'no price in the catalog'
          : `chip-hours at the median of neoclouds, ${chip.priceAsOf}`,
  };
}
