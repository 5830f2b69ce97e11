/** Ways to train as columns of the sheet: adapters, frozen parts, distillation, phases, vision models. */
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { parsePlanFile } from '../../../src/core/document/plan-file.ts';
import { forwardFlopPerToken, trainFlopPerToken } from '../../../src/core/model/flops.ts';
import { countParameters } from '../../../src/core/model/parameters.ts';
import { adapterTrainFlopPerToken, phasesFlop } from '../../../src/core/model/training.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../../src/core/plan/planner.ts';
import { planResult } from '../../../src/core/plan/result.ts';
import type { Catalog } from '../../../src/core/sheet/catalog.ts';
import { Sheet } from '../../../src/core/sheet/sheet.ts';
import { Spreads } from '../../../src/core/sheet/spreads.ts';
import { architectureFromConfigText } from '../../../src/import/model/config.ts';
import { layerListsFromCsv } from '../../../src/import/model/layer-csv.ts';
import { modelArchitecture } from '../../../src/store/model-rows.ts';
import { Terminal } from '../../cli/in-process.ts';
import { SMALL_CATALOG } from '../sheet/picture.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

const { architecture: l8 } = architectureFromConfigText(
  readFileSync(new URL('../../data/hf_configs/meta-llama--Meta-Llama-3.1-8B.json', import.meta.url), 'utf8'),
);
const base = {
  model: 'llama-3.1-8b',
  tokens: '1T',
  hardware: 'h100-sxm',
  chips: '1024',
  flop_convention: 'exact_causal',
};

async function runs(cells: readonly object[]): Promise<Record<string, unknown>[]> {
  const plan = terminal.file('plan.json', {
    format: 'flopsheet-plan',
    version: 1,
    name: 'training',
    currency: 'USD',
    runs: cells.map((row, i) => ({ key: `r${i}`, ...base, ...row })),
  });
  return ((await terminal.json('plan', plan)) as { runs: Record<string, unknown>[] }).runs;
}

test('a run of two phases is their sum: each with its own sequence length and precision', async () => {
  const phases = [
    { key: 'p1', tokens: '950B', precision: 'fp8' },
    { key: 'p2', tokens: '50B', seq_len: '131072', mfu: '0.3' },
  ];
  const [run, plain] = await runs([{ tokens: '', phases }, {}]);
  const expected = phasesFlop(
    l8,
    [
      { tokens: 950e9, seq: 8192 },
      { tokens: 50e9, seq: 131072 },
    ],
    'exact_causal',
  );
  expect(run?.['tokens_seen']).toBe(1e12);
  expect((run?.['train_flop'] as number) / expected.model).toBeCloseTo(1, 12);
  // Full recompute repeats a forward; without it the chips do what the model asks.
  expect((run?.['hardware_flop'] as number) / expected.hardware).toBeCloseTo(1, 12);
  const long = 50e9 * trainFlopPerToken(l8, 131072, 'exact_causal');
  const hours = ((expected.model - long) / (1978.9e12 * 0.4) + long / (989.4e12 * 0.3)) / 3600;
  expect((run?.['ideal_chip_hours'] as number) / hours).toBeCloseTo(1, 3);
  expect(plain?.['train_flop']).toBe(trainFlopPerToken(l8, 8192, 'exact_causal') * 1e12);
});

test('adapters cost two thirds of the matrices and their own; under 6nd 4 per parameter', async () => {
  const [lora, qlora, six, frozen, distilled, nothing] = await runs([
    { training_mode: 'lora', adapter_rank: '8' },
    { training_mode: 'qlora', adapter_rank: '8' },
    { training_mode: 'lora', adapter_rank: '8', flop_convention: '6nd' },
    { training_mode: 'frozen', frozen_parts: 'mlp' },
    { training_mode: 'distillation', teacher: 'llama-3.1-405b' },
    { training_mode: 'distillation' },
  ]);
  const perToken = adapterTrainFlopPerToken(l8, 8192, { rank: 8, targets: [] });
  expect(lora?.['train_flop_per_token']).toBe(perToken);
  expect(qlora?.['train_flop_per_token']).toBe(perToken);
  // Rank 8 on q, k, v, o, gate, up, down: 8 x (8192 + 2 x 5120 + 8192 + 3 x 18432) x 32 layers = 20,971,520.
  expect(six?.['train_flop_per_token']).toBe(4 * 8_030_261_248 + 6 * 20_971_520);
  const mlp = forwardFlopPerToken(l8, 8192).parts.find(({ part }) => part === 'mlp')?.weightFlop ?? 0;
  expect(frozen?.['train_flop_per_token']).toBe(trainFlopPerToken(l8, 8192, 'exact_causal') - mlp);
  const teacher = (distilled?.['train_flop_per_token'] as number) - trainFlopPerToken(l8, 8192, 'exact_causal');
  // One forward of a 405B model: about 2 FLOP a parameter and the attention.
  expect(teacher / (2 * 405.85e9)).toBeGreaterThan(1);
  expect(teacher / (2 * 405.85e9)).toBeLessThan(1.1);
  expect(nothing?.['train_flop_per_token']).toBe(null);
  expect(countParameters(l8).total).toBe(8_030_261_248);
});

test('a rollout is more than its update; a refused argument says why', async () => {
  const value = async (formula: string): Promise<unknown> =>
    ((await terminal.json('eval', formula)) as { value: unknown }).value;
  const update = 512 * 16 * 4608 * trainFlopPerToken(l8, 4608, 'exact_causal');
  const all = (await value('rollout_flop("llama-3.1-8b", 512, 16, 512 token, 4096 token, 1)')) as number;
  expect(all / update).toBeGreaterThan(1.5);
  expect(all / update).toBeLessThan(1.8);
  expect(await value('adapter_params("llama-3.1-8b", 16)')).toBe(41_943_040);
  const refused = await terminal.run('eval', 'frozen_flop_per_token("llama-3.1-8b", 4096 token, "wheels")');
  expect(refused.out + refused.err).toMatch(/"wheels" is no part of a model/);
});

test('a vision model is counted per sample under every convention: samples x epochs x 3 x forward', async () => {
  const list = layerListsFromCsv(readFileSync(new URL('../../data/cnn_vit_layers.csv', import.meta.url), 'utf8')).find(
    (each) => each.name === 'ResNet50',
  );
  const row = {
    key: 'resnet50',
    name: 'ResNet50',
    revision: 1,
    source: '',
    sourceUrl: '',
    asOf: '',
    confidence: '',
    fields: { architecture: JSON.stringify(list) },
  };
  const { fields, architecture } = modelArchitecture(row as never);
  const catalog: Catalog = new Map([
    ...SMALL_CATALOG,
    [
      'model',
      {
        fields: SMALL_CATALOG.get('model')?.fields ?? {},
        rows: new Map([['resnet50', { ...row, fields, payload: architecture }]]),
        aliases: new Map(),
      },
    ],
  ]);
  const sheet = new Sheet(
    parsePlanFile(
      JSON.stringify({
        format: 'flopsheet-plan',
        version: 1,
        name: 'vision',
        currency: 'USD',
        runs: ['6nd', 'exact_causal'].map((flop_convention, i) => ({
          key: `r${i}`,
          model: 'resnet50',
          tokens: '1281167',
          epochs: '90',
          flop_convention,
        })),
      }),
    ).plan,
    { columns: BUILT_IN_COLUMNS, registry: REGISTRY, catalog },
  );
  sheet.recalculate();
  // ResNet-50 is 4.089 GMAC a picture (torchvision): 6 x 4.089e9 x 1,281,167 x 90 = 2.83e18 FLOP.
  const flop = planResult(sheet, new Spreads(sheet)).runs.map((run) => run['train_flop'] as number);
  expect(flop[0]).toBe(flop[1]);
  expect((flop[0] ?? 0) / (6 * 4.089e9 * 1_281_167 * 90)).toBeCloseTo(1, 3);
});
