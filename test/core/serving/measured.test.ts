import { describe, expect, it } from 'vitest';
import { readBenchmark } from '../../../src/core/serving/benchmark-file.ts';
import { closedLoop } from '../../../src/core/serving/closed-loop.ts';
import { resolveDeployment } from '../../../src/core/serving/deployment.ts';
import { fitMeasured } from '../../../src/core/serving/fit-measured.ts';
import { SHIPPED_SERVING_FIT as FIT } from '../../../src/core/serving/shipped-fit.ts';
import { context, known } from '../cluster/shipped-fit.ts';

/** The fields `vllm bench serve --save-result` writes. */
const vllm = (over: object = {}): object => ({
  backend: 'vllm',
  num_prompts: 100,
  max_concurrency: 16,
  duration: 60,
  completed: 100,
  total_input_tokens: 102_400,
  total_output_tokens: 25_600,
  output_throughput: 426.7,
  mean_ttft_ms: 210.5,
  mean_tpot_ms: 21.5,
  ...over,
});

describe('benchmark files', () => {
  it('reads a vLLM run', () => {
    const { format, points } = readBenchmark(JSON.stringify(vllm()));
    expect(format).toBe('vllm-bench');
    expect(points).toEqual([
      { concurrency: 16, inputTokens: 1024, outputTokens: 256, ttft: 0.2105, tpot: 0.0215, outputTokensPerS: 426.7 },
    ]);
  });

  it('reads several runs, also one per line, and finds requests in flight by Little where none are stated', () => {
    expect(
      readBenchmark(`${JSON.stringify(vllm())}\n${JSON.stringify(vllm({ max_concurrency: 32 }))}`).points.length,
    ).toBe(2);
    const { points, notes } = readBenchmark(JSON.stringify([vllm({ max_concurrency: null })]));
    expect(points[0]?.concurrency).toBeCloseTo((100 / 60) * (0.2105 + 255 * 0.0215), 9);
    expect(notes.join()).toMatch(/Little/);
  });

  it('reads a genai-perf export', () => {
    const { format, points } = readBenchmark(
      JSON.stringify({
        time_to_first_token: { unit: 'ms', avg: 120 },
        inter_token_latency: { unit: 'ms', avg: 12 },
        output_sequence_length: { unit: 'tokens', avg: 200 },
        input_sequence_length: { unit: 'tokens', avg: 500 },
        output_token_throughput: { unit: 'tokens/sec', avg: 640 },
        input_config: { perf_analyzer: { stimulus: { concurrency: 8 } } },
      }),
    );
    expect(format).toBe('genai-perf');
    expect(points[0]).toEqual({
      concurrency: 8,
      inputTokens: 500,
      outputTokens: 200,
      ttft: 0.12,
      tpot: 0.012,
      outputTokensPerS: 640,
    });
  });

  it.each([
    ['no JSON', 'hello', /not JSON/],
    ['an empty list', '[]', /no benchmark run/],
    ['another file', '{"a": 1}', /neither mean_tpot_ms/],
    ['no requests', JSON.stringify(vllm({ max_concurrency: 0 })), /requests in flight/],
    ['no output', JSON.stringify(vllm({ total_output_tokens: 0 })), /output tokens/],
  ])('refuses %s', (_, text, message) => expect(() => readBenchmark(text)).toThrow(message));
});

describe('fit to own measurements', () => {
  const d = {
    architecture: known(context.architecture('Llama-3.1-70B')),
    hardware: known(context.hardware('H100')),
    chips: 8,
    engine: 'vllm',
    precision: 'fp8',
    request: { inputTokens: 1024, outputTokens: 256 },
  } as const;

  it('finds an engine with half as much overhead again and slower reads, and predicts a point left out', () => {
    const r = resolveDeployment(d, FIT);
    const theirs = {
      ...r.efficiency,
      layerSeconds: 1.5 * r.efficiency.layerSeconds,
      weightRead: 0.75 * r.efficiency.weightRead,
    };
    const points = [1, 4, 16, 64].map((concurrency) => {
      const loop = closedLoop(r.replica, theirs, d.request, concurrency, r.memory.maxBatch);
      return {
        concurrency,
        inputTokens: 1024,
        outputTokens: 256,
        ttft: loop.ttft,
        tpot: loop.tpot,
        outputTokensPerS: null,
      };
    });
    const fit = fitMeasured(d, FIT, points);
    expect(fit.errorBefore).toBeGreaterThan(0.1);
    expect(fit.errorAfter).toBeLessThan(0.03);
    expect(fit.errorLeftOut).toBeLessThan(0.06);
    expect(fit.moved.find((m) => m.name === 'layerSeconds')?.after).toBeGreaterThan(1.2 * r.efficiency.layerSeconds);
  });

  it('stays where it is when the measurements agree', () => {
    const r = resolveDeployment(d, FIT);
    const loop = closedLoop(r.replica, r.efficiency, d.request, 8, r.memory.maxBatch);
    const fit = fitMeasured(d, FIT, [
      {
        concurrency: 8,
        inputTokens: 1024,
        outputTokens: 256,
        ttft: loop.ttft,
        tpot: loop.tpot,
        outputTokensPerS: null,
      },
    ]);
    for (const { before, after } of fit.moved) expect(Math.abs(after / before - 1)).toBeLessThan(1e-3);
    expect(() => fitMeasured(d, FIT, [])).toThrow(/no measured point/);
  });
});
