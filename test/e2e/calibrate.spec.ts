/**
 * Calibration in Chromium on SwiftShader: every kernel agrees with its reference and planted faults are found; a session
 * runs, is marked as software and stays out of the store; history, ceiling, hardware row and logs of runs.
 */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { chromiumFlags, findChromium } from '../../scripts/chromium.ts';
import type { KernelKind, KernelResult, SessionReport } from '../../src/core/calibrate/measure/report.ts';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';

const chromium = findChromium();
test.use({
  launchOptions: {
    args: [...chromiumFlags(), '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
    ...(chromium === null ? {} : { executablePath: chromium }),
  },
});

/** A session of a chip with 27.2 TFLOP/s and 847 GB/s; `softmax` is slower by a factor. */
function session(day: number, softmax: number): SessionReport {
  const wobble = 1 + 0.004 * Math.sin(7 * day);
  const kernel = (
    name: string,
    kind: KernelKind,
    flop: number,
    bytes: number,
    ms: number,
    shape: [number, number, number] | null = null,
  ): KernelResult => {
    const s = (ms / 1000) * wobble;
    return {
      name,
      kind,
      dtype: 'f32',
      samplesS: Array.from({ length: 25 }, (_, n) => s * (1 + 0.001 * n)),
      p50S: s * 1.012,
      p99S: s * 1.024,
      ciS: [s * 1.01, s * 1.014],
      flop,
      bytes,
      shape,
      workingSet: kind === 'bandwidth' ? 2 ** 27 : null,
      config: shape ? 'shared 8x8 16x16 d16' : '',
      checked: 8704,
      worst: 0.02,
    };
  };
  const product = (side: number, ms: number) =>
    kernel(`matmul f32 ${side}³`, 'matmul', 2 * side ** 3, 12 * side ** 2, ms, [side, side, side]);
  return {
    version: 1,
    preset: 'standard',
    device: {
      name: 'NVIDIA RTX 3090 (example)',
      vendor: 'nvidia',
      architecture: 'ampere',
      device: '',
      description: 'NVIDIA RTX 3090 (example)',
      fallback: false,
      host: 'browser',
      hostVersion: 'Chrome 156.0.8078.79',
      features: ['timestamp-query', 'shader-f16', 'subgroups'],
      subgroupSize: [32, 32],
      maxBufferBytes: 2 ** 32,
      workgroupBytes: 49_152,
      power: 'mains',
    },
    startedAt: new Date(Date.UTC(2026, 9, day, 9)).toISOString(),
    elapsedS: 58,
    complete: true,
    stopped: '',
    clock: 'timestamp',
    quantumNs: 65_536,
    sentinel: { atS: [1, 30, 57], timesS: [0.01, 0.0101, 0.01], spread: 1.01, driftPerMinute: 0.01, stationary: true },
    kernels: [
      kernel('fma f32 512×8', 'peak', 27.2e9, 1e5, 1),
      ...[1, 4, 16, 64].map((rounds) =>
        kernel(`fma f32 ${rounds}×1`, 'intensity', 1e6 * rounds, 4e6, Math.max((1e6 * rounds) / 27.2e9, 4e6 / 847e6)),
      ),
      kernel('copy f32 128 MiB', 'bandwidth', 0, 2 ** 28, 2 ** 28 / 847e6),
      kernel('triad f32 128 MiB', 'bandwidth', 2 ** 26, 3 * 2 ** 27, (3 * 2 ** 27) / 840e6),
      product(4096, 8.42),
      product(2048, 1.1),
      kernel('softmax f32 2048×4096', 'row', 42e6, 67e6, 0.085 * softmax),
      kernel('rmsnorm f32 2048×4096', 'row', 25e6, 67e6, 0.083),
      kernel('attention f32 s2048 h8 d64', 'attention', 4.3e9, 16.8e6, 0.31),
    ],
    knee: 4,
    refused: [{ name: 'dot4 i8', why: 'the device has no dp4a' }],
    tuning: {},
    notes: [],
  };
}

async function quiet(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations
        .filter((v) => v.impact === 'serious' || v.impact === 'critical')
        .map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 160)}`),
    ).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

test('calibration: kernels checked, measured, kept apart from hardware; history, use, logs', async ({
  page,
  client,
}) => {
  test.setTimeout(240_000);
  const open = () =>
    page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Calibration' }).click();
  await open();
  await expect(page.getByRole('region', { name: 'Device' })).toContainText(/SwiftShader|swiftshader/);
  await expect(page.getByRole('region', { name: 'Device' })).toContainText('computes in software');
  await takeScreens(page, 'calibrate-empty');

  await page.getByRole('button', { name: 'Check kernels' }).click();
  const checked = page.getByRole('status').filter({ hasText: 'results compared' });
  await expect(checked).toBeVisible({ timeout: 120_000 });
  await expect(checked).toContainText(': 0 mismatches');
  await expect(checked).toContainText('4 of 4 planted faults found');
  test.info().annotations.push({ type: 'kernels', description: (await checked.textContent()) ?? '' });

  await page.getByLabel('Preset').selectOption('quick');
  await page.getByRole('button', { name: 'Measure this machine' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Running:' })).toBeVisible();
  const kernels = page.getByRole('region', { name: 'Kernels: numbers' });
  await expect(kernels).toContainText('fma f32 512×4', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('Ended early: cancelled')).toBeVisible({ timeout: 30_000 });
  await expect(kernels).toContainText('fma f32 512×4');
  expect((await client.call('measure.history', {})).sessions).toEqual([]);
  await expect(page.getByRole('button', { name: 'Put this machine into the catalog' })).toBeDisabled();

  // Sessions of a chip, as a machine with one has them: six before a driver, six after.
  for (let day = 1; day <= 12; day += 1)
    await client.call('measure.save', { report: session(day, day > 6 ? 1.096 : 1) as never, label: '' });
  await page.reload();
  await open();
  await expect(page.getByRole('region', { name: 'Device' })).toContainText('RTX 3090');
  const use = page.getByLabel('Regressions and use');
  await expect(use.getByRole('row', { name: /softmax f32 2048×4096/ })).toContainText(/\+9\.\d %\s+slower/);
  await expect(page.getByRole('region', { name: 'History' })).toContainText('12 sessions');
  await takeScreens(page, 'calibrate');
  await quiet(page);
  await use.getByRole('button', { name: 'Put this machine into the catalog' }).click();
  await expect(page.getByText(/The catalog has this-machine-nvidia-rtx-3090/)).toBeVisible();

  await page.getByRole('tab', { name: 'Logs of runs' }).click();
  const paste = page.getByRole('textbox', { name: 'Pasted log' });
  await paste.fill('GPU-Util  97 %');
  await page.getByRole('button', { name: 'Read' }).click();
  await expect(page.getByText(/which is not MFU/)).toBeVisible();
  await paste.fill('Total FLOPs: 4.11 G');
  await page.getByRole('button', { name: 'Read' }).click();
  const dialog = page.getByRole('dialog', { name: 'Log or profile' });
  await dialog.getByLabel(/multiply-adds/).check();
  await expect(dialog).toContainText('8.22 GFLOP');
  await takeScreens(page, 'calibrate-profile');
  await page.keyboard.press('Escape');

  const { plan } = await client.call('plans.create', { template: '03-llama-3.1-405b' });
  const { rows } = await client.call('sheet.view', {
    plan,
    scenario: 'base',
    table: 'runs',
    columns: ['name'],
    from: 0,
    count: 1,
  });
  const run = rows[0]?.key as string;
  const { revision } = await client.call('plans.open', { plan });
  await client.call('log.use', {
    plan,
    scenario: 'base',
    run,
    base: revision,
    file: { name: 'train.log', date: '2026-11-20' },
    summary: {
      format: 'megatron-lm',
      points: 40,
      excluded: 2,
      stepSP50: 5.7,
      stepSP99: 7.1,
      batchSequences: null,
      tokensPerS: null,
      tokensPerSPerChip: null,
      flopPerSPerChip: 228.3e12,
      hardwareFlopPerSPerChip: 300e12,
      mfu: null,
      hfu: null,
      notes: [],
    },
  });
  await page.goto(page.url().replace(/\/(\?.*)?$/, `/?plan=${plan}`));
  await expect(page.getByRole('grid')).toBeVisible();
  await open();
  await page.getByRole('tab', { name: 'Logs of runs' }).click();
  await expect(page.getByLabel('Baseline of a run')).toContainText('228.3 TFLOP/s');
  await expect(page.getByLabel('What to do next')).toContainText('Measure again');
  await takeScreens(page, 'calibrate-runs');
  await quiet(page);
});
