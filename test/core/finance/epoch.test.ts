import { expect, test } from 'vitest';
import { quantiles } from '../../../src/core/finance/cash.ts';
import {
  EPOCH,
  epochAcquisitionCost,
  epochAmortisedCost,
  epochChipFactors,
  epochPue,
  epochPurchasePrice,
} from '../../../src/core/finance/epoch.ts';
import { csvRows } from './csv-rows.ts';

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
const published = new Map(csvRows('test/data/epoch_training_costs.csv').map((row) => [plain(row['model']!), row]));
const prices = csvRows('assets/catalog/hardware_price_history.csv').filter(
  (row) => row['purchase_usd_per_chip'] !== '',
);
const accelerators = csvRows('assets/catalog/accelerators.csv');
const electricity = new Map(
  csvRows('assets/catalog/electricity_prices.csv')
    .filter((row) => row['level'] === 'us_national_series')
    .map((row) => [row['as_of_year']!, Number(row['usd_per_kwh'])]),
);
const number = (text: string | undefined) => (text ? Number(text) : null);

const answers = csvRows('assets/catalog/published_training_runs.csv').flatMap((row) => {
  const theirs = published.get(plain(row['model']!));
  if (!theirs || row['row_kind'] !== 'epoch') return [];
  const family = /[A-Z]\d{2,3}|TPU v\d/.exec(row['accelerator']!)?.[0];
  if (!family) return [];
  const chips = accelerators
    .filter((one) => one['name']!.includes(family))
    .sort((a, b) => (a['release_date']! < b['release_date']! ? -1 : 1));
  const chip = chips.find((one) => /SXM|TPU/.test(one['name']!)) ?? chips[0];
  if (!chip) return [];
  const factors = epochChipFactors(row['accelerator']!);
  const price = epochPurchasePrice(
    prices
      .filter((one) => one['hardware']!.includes(family))
      .map((one) => ({ date: one['price_date']!, usd: Number(one['purchase_usd_per_chip']), note: one['note']! })),
    factors,
  );
  const cost = epochAmortisedCost({
    published: row['release_date']!,
    trainingDays: number(row['wall_clock_days']),
    chipHours: number(row['accelerator_hours']),
    chips: number(row['accelerator_count']),
    flop: number(row['flop']),
    peakFlopPerS: Number(chip['bf16_fp16_tensor_tflops_dense']) * 1e12,
    mfu: number(row['mfu']),
    purchaseUsd: price.serverUsd,
    priceDate: price.date,
    chipReleased: chip['release_date']!,
    factors,
    chipW: Number(chip['epoch_tdp_w'] || chip['tdp_w']),
    pue: epochPue(row['organization']!),
    usdPerKwh: electricity.get(row['release_date']!.slice(0, 4))!,
  });
  const complete = ['wall_clock_days', 'accelerator_hours', 'accelerator_count'].every((column) => row[column] !== '');
  return [
    {
      model: row['model']!,
      complete,
      cost,
      ratio: cost.totalUsd / Number(theirs['cost_amortized_hw_plus_energy_usd']),
    },
  ];
});

test('amortised costs agree with Epoch (model_costs.csv) for runs with complete inputs', () => {
  const complete = answers.filter((answer) => answer.complete);
  expect(complete.length).toBeGreaterThanOrEqual(12);
  const [low, median, high] = quantiles(
    complete.map((answer) => answer.ratio),
    [0.25, 0.5, 0.75],
  );
  expect(median).toBeGreaterThan(0.8);
  expect(median).toBeLessThan(1.25);
  expect(low).toBeGreaterThan(0.6);
  expect(high).toBeLessThan(1.6);
});

test('runs whose chip-hours come from FLOP agree as well', () => {
  expect(answers.length).toBeGreaterThanOrEqual(20);
  const [low, median, high] = quantiles(
    answers.map((answer) => answer.ratio),
    [0.25, 0.5, 0.75],
  );
  expect([low! > 0.6, median! > 0.8 && median! < 1.25, high! < 1.6]).toEqual([true, true, true]);
});

test('Llama 3.1 405B amortised cost lies within 51-73 M USD (Epoch)', () => {
  const llama = answers.find((answer) => answer.model.startsWith('Llama 3.1'))!;
  expect(llama.cost.totalUsd).toBeGreaterThan(50.5e6);
  expect(llama.cost.totalUsd).toBeLessThan(73.5e6);
});

test('the depreciation rate is a 3.10-year straight line; energy is 2-6 % of hardware and energy (Cottier 2024)', () => {
  expect(1 / (EPOCH.progressOomPerYear * Math.LN10)).toBeCloseTo(3.1, 2);
  const shares = answers.map(({ cost }) => cost.energyUsd / cost.totalUsd);
  const [median] = quantiles(shares, [0.5]);
  expect(median).toBeGreaterThan(0.02);
  expect(median).toBeLessThan(0.1);
});

test('GPT-4 acquisition: 25,000 A100 at the DGX price are about 778 M USD (model_costs.csv)', () => {
  // 25,000 x 24,875 / 0.81 = 767.7 M; Epoch's price list has 25,209 for its A100.
  expect(epochAcquisitionCost(25000, 24875) / 778066899).toBeCloseTo(1, 1);
});

test('chip-hours that cannot be known are refused, not guessed', () => {
  const factors = epochChipFactors('H100');
  expect(() =>
    epochAmortisedCost({
      published: '2024-01-01',
      trainingDays: null,
      chipHours: null,
      chips: 8,
      flop: null,
      peakFlopPerS: 1e15,
      mfu: null,
      purchaseUsd: 30000,
      priceDate: '2023-01-01',
      chipReleased: '2022-09-20',
      factors,
      chipW: 700,
      pue: 1.1,
      usdPerKwh: 0.08,
    }),
  ).toThrow(/cannot be known/);
  expect(() => epochPurchasePrice([], factors)).toThrow(/no purchase price/);
});
