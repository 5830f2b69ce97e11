import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { architectureFromConfigText } from '../../src/import/model/config.ts';
import { checkpointTensors, ggufHeader, ggufTensors, safetensorsHeader } from '../import/model/make.ts';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';
import { SheetPage } from './sheet-page.ts';

const config = (name: string): string => readFileSync(`test/data/hf_configs/${name}.json`, 'utf8');
const architecture = (name: string) => architectureFromConfigText(config(name)).architecture;

test('a dropped config.json becomes a run with its exact parameters, and its anatomy is in the catalog', async ({
  page,
}) => {
  await page.getByLabel('Plan file', { exact: true }).setInputFiles({
    name: 'DeepSeek-V3.json',
    mimeType: 'application/json',
    buffer: Buffer.from(config('deepseek-ai--DeepSeek-V3')),
  });
  const sheet = new SheetPage(page);
  // 671,026,419,200 parameters as published, 37.55B active.
  await expect(await sheet.cell(0, 'Params')).toHaveText('671B');
  await expect(await sheet.cell(0, 'Active')).toHaveText('37.55B');
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Catalog' }).click();
  await page.getByLabel('Kind').selectOption('model');
  await page.getByLabel('Find in the catalog').fill('DeepSeek-V3');
  await page.getByRole('button', { name: 'DeepSeek-V3', exact: true }).last().click();
  await expect(page.getByRole('complementary')).toContainText('671,026,419,200');
  await takeScreens(page, 'anatomy');
});

test('weights of 400 GB, a GGUF and a layer table are dropped, compared and taken apart in the models lab', async ({
  page,
  watched,
}) => {
  watched.allow(/422/);
  const folder = mkdtempSync(join(tmpdir(), 'models-'));
  const input = page.getByLabel('Plan file', { exact: true });
  const status = page.locator('.notice');
  try {
    // The header of a real checkpoint, then nothing: a sparse file as large as the weights would be.
    const own = architecture('Qwen--Qwen3-30B-A3B');
    const { bytes } = safetensorsHeader(checkpointTensors(own));
    const weights = join(folder, 'model.safetensors');
    writeFileSync(weights, bytes);
    truncateSync(weights, 400e9);
    writeFileSync(join(folder, 'config.json'), config('Qwen--Qwen3-30B-A3B'));
    const start = Date.now();
    await input.setInputFiles([weights, join(folder, 'config.json')]);
    await expect(status).toContainText('30,532,122,624 parameters');
    test.info().annotations.push({ type: '400 GB', description: `${Date.now() - start} ms to the open plan` });

    await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Plans' }).click();
    await input.setInputFiles({
      name: 'bad.pt',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from([0x80, 2, 99, 46]),
    });
    await expect(status).toContainText('"bad.pt" is a pickle file');
    await input.setInputFiles({ name: 'config.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
    await expect(status).toContainText('"num_hidden_layers" is missing');
    await input.setInputFiles({
      name: 'bomb.json',
      mimeType: 'application/json',
      buffer: Buffer.from('[{"a":'.repeat(100_000)),
    });
    await expect(status).toContainText('nests deeper than');

    await input.setInputFiles({
      name: 'layers.csv',
      mimeType: 'text/csv',
      buffer: readFileSync('test/data/cnn_vit_layers.csv'),
    });
    await expect(status).toContainText('33 models from layers.csv');
    const lab = page.getByRole('tabpanel');
    await expect(lab.getByRole('row', { name: /^Parameters/ })).toContainText('11,689,512');

    const gguf = ggufHeader(
      [
        ['general.architecture', 'llama'],
        ['general.name', 'Dropped 8B'],
        ['llama.attention.head_count', 32],
        ['llama.attention.key_length', 128],
      ],
      ggufTensors(architecture('meta-llama--Meta-Llama-3.1-8B'), 12),
    );
    await page.evaluate(
      (data) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(data)], 'dropped-8b.gguf'));
        window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      },
      [...gguf],
    );
    await expect(status).toContainText('8,030,261,248');
    await expect(lab.getByRole('row', { name: /^Parameters/ })).toContainText('8,030,261,248');
    await takeScreens(page, 'models-compare');
    await page.getByRole('tab', { name: 'Anatomy' }).click();
    await expect(lab.getByRole('row', { name: /^down/ })).toContainText('14336 × 4096');
    await takeScreens(page, 'models-anatomy');

    // Half of every feed-forward leaves 32 layers of 3 x 4096 x 7168 fewer: 8,030,261,248 - 2,818,572,288.
    await page.getByRole('tab', { name: 'What-if levers' }).click();
    await lab.getByLabel('Keep feed-forward, share').fill('0.5');
    await expect(lab.getByRole('row', { name: /^Parameters/ })).toContainText('5,211,688,960');
    await takeScreens(page, 'models-levers');
    await page.getByRole('tab', { name: 'Ways to train' }).click();
    await expect(lab.getByRole('row', { name: /^LoRA, rank 16/ })).toContainText('41.94');
    await takeScreens(page, 'models-training');
    await page.getByRole('tab', { name: 'Dimensions' }).click();
    await lab.getByLabel('Chips of tensor parallelism').fill('3');
    await expect(lab.getByRole('row', { name: /^query/ })).toContainText('fall off');
    await page.getByRole('tab', { name: 'Vision models under a budget' }).click();
    await expect(lab.getByRole('img', { name: /^Top-1 accuracy/ })).toBeVisible();
    await takeScreens(page, 'models-vision');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
