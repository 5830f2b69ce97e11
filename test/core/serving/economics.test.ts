import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseModel, TASK_TIERS } from '../../../src/core/serving/chooser.ts';
import {
  hostOrBuy,
  joulePerToken,
  servingTco,
  tokenPrices,
  usdPerMillionTokens,
} from '../../../src/core/serving/economics.ts';
import { SHIPPED_SERVING_FIT as FIT } from '../../../src/core/serving/shipped-fit.ts';
import { loadCurve, studyChips } from '../../../src/core/serving/study.ts';
import { resolveDeployment } from '../../../src/core/serving/deployment.ts';
import { parseCsv } from '../../../src/store/csv.ts';
import { context, known } from '../cluster/shipped-fit.ts';

const golden = new Map(
  parseCsv(readFileSync(join(import.meta.dirname, '../../data/golden_tests_inference.csv'), 'utf8')).records.map(
    (row) => [row['id'], Number(row['value'])],
  ),
);

describe('prices', () => {
  it('reproduces a day of DeepSeek: 226.75 nodes of 8 chips at 2 USD/h cost 87,072 USD', () => {
    const perNodeDay = 8 * 2 * 24;
    expect(226.75 * perNodeDay).toBe(golden.get('deepseek_daily_cost'));
    const { usdPerMonth } = servingTco(
      { meanRequestsPerS: 226.75, peakOverMean: 1, provisioning: 'autoscale', headroom: 0 },
      1,
      8,
      2,
      0,
    );
    expect(usdPerMonth / (730.5 / 24)).toBeCloseTo(87_072, 6);
  });

  it('sells that day at list prices for 562,100 USD: a margin of 545 %', () => {
    // 342B cached and 266B uncached input tokens, 168B output tokens (open-infra-index, day 6).
    const revenue = (342e9 * 0.14 + 266e9 * 0.55 + 168e9 * 2.19) / 1e6;
    expect(revenue).toBeCloseTo(golden.get('deepseek_daily_revenue') ?? 0, 6);
    expect((100 * (562_027 - 87_072)) / 87_072).toBeCloseTo(golden.get('deepseek_margin') ?? 0, 2);
  });

  it('splits chip time between prompt and answer: both parts pay the whole', () => {
    const p = tokenPrices({
      usdPerChipHour: 3.6,
      chips: 2,
      requestsPerS: 4,
      inputTokens: 1000,
      outputTokens: 250,
      prefillShare: 0.3,
    });
    const perRequest = (2 * 3.6) / 3600 / 4;
    expect((p.total * 1250) / 1e6).toBeCloseTo(perRequest, 12);
    expect((p.blendedInput * 1000 + p.blendedOutput * 250) / 1e6).toBeCloseTo(perRequest, 12);
    expect(p.perOutput).toBeCloseTo(usdPerMillionTokens(3.6, (4 * 250) / 2), 12);
    expect(joulePerToken(1730, 1000)).toBe(1.73);
  });

  it('keeps replicas for the peak or follows the load', () => {
    const flat = servingTco({ meanRequestsPerS: 10, peakOverMean: 3, provisioning: 'peak' }, 4, 8, 2, 1000);
    expect(flat.replicasAtPeak).toBe(8);
    expect(flat.usdPerMonth).toBe(8 * 8 * 730.5 * 2);
    expect(flat.utilisation).toBeCloseTo(10 / 32, 12);
    const scaled = servingTco(
      { meanRequestsPerS: 10, peakOverMean: 3, provisioning: 'autoscale', headroom: 0.2 },
      4,
      8,
      2,
      1000,
    );
    expect(scaled.meanReplicas).toBeCloseTo(3, 12);
    expect(scaled.usdPerMonth).toBeLessThan(flat.usdPerMonth);
    expect(() => servingTco({ meanRequestsPerS: 10, peakOverMean: 3, provisioning: 'peak' }, 0, 8, 2, 1000)).toThrow(
      /no request within the limits/,
    );
    expect(() => servingTco({ meanRequestsPerS: 10, peakOverMean: 0.5, provisioning: 'peak' }, 1, 8, 2, 1000)).toThrow(
      /peak/,
    );
  });

  it('finds the volume from which hosting is cheaper than a price per token', () => {
    const replica = { chips: 8, usdPerChipHour: 2, requestsPerS: 10 };
    const api = { usdPerMillionInput: 0.5, usdPerMillionOutput: 1.5 };
    const request = { inputTokens: 1000, outputTokens: 500 };
    const at = (rate: number) =>
      hostOrBuy(
        servingTco({ meanRequestsPerS: rate, peakOverMean: 1, provisioning: 'peak' }, 10, 8, 2, 0),
        request,
        api,
        replica,
      );
    const { breakEvenRequestsPerS } = at(1);
    expect(breakEvenRequestsPerS).toBeCloseTo((8 * 2) / 3600 / 0.00125, 9);
    expect(at(breakEvenRequestsPerS * 0.9).cheaper).toBe('api');
    expect(at(breakEvenRequestsPerS * 1.1).cheaper).toBe('host');
  });
});

describe('choice', () => {
  const h100 = known(context.hardware('H100'));
  const base = {
    hardware: h100,
    chips: 8,
    engine: null,
    precision: 'fp8',
    request: { inputTokens: 512, outputTokens: 128 },
  } as const;
  const models = ['Llama-3.1-405B', 'Qwen3-8B', 'Llama-3.1-70B'].map((name) => ({
    name,
    architecture: known(context.architecture(name)),
  }));

  it('takes the smallest model of the tier that keeps limits and budget', () => {
    const answer = chooseModel(
      models,
      TASK_TIERS.chat,
      base,
      FIT,
      { ttftP99: 2, tokensPerSPerUser: 20 },
      { usdPerChipHour: 2 },
      ['fp8'],
    );
    expect(answer.tried.map((t) => t.name)).toEqual(['Qwen3-8B', 'Llama-3.1-70B', 'Llama-3.1-405B']);
    expect(answer.chosen).toBe('Qwen3-8B');
    const tight = chooseModel(
      models,
      { leastParams: 27e9 },
      base,
      FIT,
      { tokensPerSPerUser: 20 },
      { usdPerChipHour: 2, usdPerMillionOutputTokens: 1e-6 },
      ['fp8'],
    );
    expect(tight.chosen).toBeNull();
    expect(tight.tried[0]?.verdict).toBe('too_dear');
    expect(
      chooseModel(models, { leastParams: 27e9 }, base, FIT, { tokensPerSPerUser: 1e5 }, { usdPerChipHour: 2 }, ['fp8'])
        .tried[0]?.verdict,
    ).toBe('too_slow');
  });

  it('studies chips side by side and says why one has no curve', () => {
    const chip = (key: string, hardware = h100) => ({
      key,
      name: key,
      hardware,
      usdPerChipHour: 2,
      priceAsOf: '2026-11-01',
      wattsPerChip: 1000,
    });
    const small = { ...h100, memoryBytes: 4e9 };
    const d = { ...base, architecture: models[2]!.architecture };
    const [good, bad] = studyChips(d, [chip('a'), chip('b', small)], FIT, { tokensPerSPerUser: 40 }, null);
    expect(good?.curve.length).toBeGreaterThan(8);
    expect(good?.operating?.tokensPerSPerUser).toBeGreaterThanOrEqual(40);
    expect(bad?.refused).toMatch(/GiB more on each chip/);
    const loads = loadCurve(resolveDeployment({ ...d, hardware: h100 }, FIT), [0.3, 0.9], 1, 3000);
    expect(loads[1]!.run.ttft.p99).toBeGreaterThan(loads[0]!.run.ttft.p99);
  });
});
