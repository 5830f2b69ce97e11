import { describe, expect, test } from 'vitest';
import {
  embodiedTonnes,
  explainModelCard,
  modelCardMethod,
  pattersonMethod,
} from '../../../src/core/finance/carbon.ts';
import { wallKwh } from '../../../src/core/finance/energy.ts';
import { ownershipCost } from '../../../src/core/finance/ownership.ts';
import { centsOf, centsToText } from '../../../src/core/finance/money.ts';
import { capacityBlock, commitmentVerdict, spotVerdict } from '../../../src/core/finance/payment.ts';
import { csvRow, csvRows } from './csv-rows.ts';

const runs = 'assets/catalog/published_training_runs.csv';
const within = (actual: number, published: number, share = 0.01) =>
  expect(Math.abs(actual / published - 1), `${actual} against ${published}`).toBeLessThanOrEqual(share);

describe('energy and carbon as published (inputs from the same publication)', () => {
  // Watts per chip with host and network: Patterson et al. 2021, Table 4; PaLM: Chowdhery et al. 2022, appendix B.
  test.each([
    ['GPT-3 175B', 330, 1287, 552.1],
    ['T5-11B (final run)', 310, 85.7, 46.7],
    ['Meena', 289, 232, 96.4],
    ['GShard-600B', 288, 24.1, 4.8],
    ['Switch Transformer 1.5T', 245, 179, 72.2],
    ['PaLM 540B', 378.5, 3436, 271.43],
  ])('%s: MWh and t (Patterson method)', (model, watts, mwh, tonnes) => {
    const row = csvRow(runs, 'model', model);
    expect(Number(row['energy_mwh_published'])).toBe(mwh);
    const answer = pattersonMethod(
      Number(row['accelerator_hours']),
      watts,
      Number(row['pue']),
      Number(row['grid_g_per_kwh']),
    );
    within(answer.mwh, mwh);
    within(answer.tco2e, tonnes);
  });

  test('LLaMA-65B 449 MWh, 173 t (LLaMA paper, Table 15: 400 W, PUE 1.1, 385 g/kWh)', () => {
    const answer = pattersonMethod(1022362, 400, 1.1, 385);
    within(answer.mwh, 449);
    within(answer.tco2e, 173);
  });

  test('LLaMA paper, Table 15: every row, within 1 % or the rounding printed', () => {
    const rows = csvRows('test/data/gpu_hours_carbon_runs.csv').filter((row) => row['source']!.includes('Table 15'));
    expect(rows).toHaveLength(6);
    for (const row of rows) {
      const answer = pattersonMethod(Number(row['device_hours']), Number(row['power_W']), 1.1, 385);
      expect(Math.abs(answer.mwh - Number(row['energy_MWh']))).toBeLessThanOrEqual(Math.max(0.5, 0.01 * answer.mwh));
      expect(Math.abs(answer.tco2e - Number(row['tCO2eq']))).toBeLessThanOrEqual(Math.max(0.5, 0.01 * answer.tco2e));
    }
  });

  test('BLOOM 433 MWh, 24.69 t dynamic, 11.2 t embodied, 50.5 t in full (Luccioni et al. 2022)', () => {
    const hours = 1082990;
    const answer = modelCardMethod(hours, 400, 57);
    within(answer.mwh, 433);
    within(answer.tco2e, 24.69);
    const embodied = embodiedTonnes(hours, {
      serverKg: 2500,
      chipsPerServer: 8,
      chipKg: 150,
      lifeHours: 6 * 8766,
      fleetUtilisation: 0.85,
    });
    within(embodied, 11.2);
    within(answer.tco2e + embodied + 14.6, 50.5);
  });

  test.each([
    ['Llama-2-7B', 423],
    ['Llama-2-13B', 423],
    ['Llama-2-34B', 423],
    ['Llama-2-70B', 423],
    ['Llama-3.1-8B', 414],
    ['Llama-3.1-70B', 414],
    ['Llama-3.1-405B', 414],
  ])('%s: tonnes of the model card (TDP, no host, no PUE, %i g/kWh)', (model, grid) => {
    const row = csvRow('test/data/gpu_hours_carbon_runs.csv', 'model', model);
    within(modelCardMethod(Number(row['device_hours']), Number(row['power_W']), grid).tco2e, Number(row['tCO2eq']));
  });

  test('Llama 2 70B 291.42 t and Llama 3.1 405B 8,930 t', () => {
    within(modelCardMethod(1720320, 400, 423).tco2e, 291.42);
    within(modelCardMethod(30840000, 700, 414).tco2e, 8930);
  });

  test('the difference to a bottom-up figure is explained factor by factor: about 1.5x after load, 2x before', () => {
    const power = { chipW: 700, serverOverhead: 1.82, loadFactor: 0.75, pue: 1.1 };
    const why = explainModelCard(power, 414, { gPerKwh: 414 });
    within(why.total, (wallKwh(1e6, power) * 414) / 1e9 / (modelCardMethod(1e6, 700, 414).tco2e / 1e3), 1e-12);
    expect(why.total).toBeCloseTo(1.5015, 4);
    expect(why.parts.reduce((product, part) => product * part.ratio, 1)).toBeCloseTo(why.total, 12);
    expect(explainModelCard({ ...power, loadFactor: 1 }, 414, { gPerKwh: 414 }).total).toBeCloseTo(2.002, 3);
  });
});

describe('cost as published', () => {
  test('DeepSeek-V3: 2.788 M H800 hours at 2 USD are 5.576 M USD (technical report, Table 1)', () => {
    expect(centsToText(centsOf([2788000, 2]))).toBe('5576000.00');
  });
  test('llm.c GPT-2 1.6B: 24 h on 8 x H100 at 28 USD/h are 672 USD (discussion 677)', () => {
    expect(centsToText(centsOf([8 * 24, 28], [8]))).toBe('672.00');
  });
  test('nanochat d20: 30.8 chip-hours at 24 USD per node-hour, about 100 USD (readme; 92.4 worked out)', () => {
    const cents = centsOf([30.8, 24], [8]);
    expect(centsToText(cents)).toBe('92.40');
    within(cents / 100, 100, 0.1);
  });
  test('Llama 3.1 405B: 3.8e25 FLOP over all 30.84 M hours are 34.6 % of the dense peak', () => {
    within(3.8e25 / (30.84e6 * 3600 * 989.4e12), 0.346);
  });
  test('AWS capacity block of 8 x H100 at 39.33 USD/h is 4.92 USD per chip-hour (late 2024)', () => {
    const block = capacityBlock(1, 8, 48, 39.33, 36);
    expect(block.perChipHour).toBeCloseTo(4.92, 2);
    expect(block.upfront).toBeCloseTo(1887.84, 6);
    expect(block.wasteCost).toBeCloseTo(12 * 39.33, 6);
    expect(block.perUsedChipHour).toBeCloseTo((39.33 / 8) * (48 / 36), 10);
  });
  test('a reservation breaks even at used / committed hours = p_res / p_od', () => {
    const [price, onDemand] = [1.74, 2.7447];
    const breakEven = commitmentVerdict(1000, 500, price, onDemand).breakEvenUtilisation;
    expect(commitmentVerdict(1000, 1000 * breakEven, price, onDemand).saving).toBeCloseTo(0, 9);
    expect(commitmentVerdict(1000, 1000 * breakEven + 1, price, onDemand).saving).toBeGreaterThan(0);
  });
  test('spot pays while p_spot / ETTR_spot < p_od / ETTR_od', () => {
    expect(spotVerdict(1.2, 0.6, 2.4, 0.95).worthIt).toBe(true);
    expect(spotVerdict(1.2, 0.45, 2.4, 0.95).worthIt).toBe(false);
    const { breakEvenPrice } = spotVerdict(1.2, 0.6, 2.4, 0.95);
    expect(breakEvenPrice / 0.6).toBeCloseTo(2.4 / 0.95, 12);
  });
  test('all-in H100 of 46.9 k USD (64 nodes, Latent Space sheet) costs about 2 USD per chip-hour over 4 years', () => {
    const cost = ownershipCost({
      chipPrice: 46900,
      serverPrice: 0,
      networkPrice: 0,
      storagePrice: 0,
      installationPrice: 0,
      economicLifeYears: 4,
      accountingLifeYears: 6,
      residualShare: 0.1,
      rate: 0.08,
      utilisation: 0.9,
      chipW: 700,
      serverOverhead: 1.82,
      loadFactor: 0.75,
      pue: 1.25,
      electricityPerKwh: 0.08,
      coloPerKwMonth: 0,
      facilityPerW: 0,
      facilityLifeYears: 15,
      maintenanceShare: 0.02,
      staffPerYear: 0,
      otherPerYear: 0,
    });
    expect(cost.perChipHour).toBeGreaterThan(1.7);
    expect(cost.perChipHour).toBeLessThan(2.3);
    expect(cost.parts.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1, 12);
  });
});
