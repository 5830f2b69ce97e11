import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const FOLDER = new URL('../../../src/core/model/', import.meta.url);
const NAMES =
  /llama|qwen|gemma|deepseek|mistral|mixtral|\bgpt|falcon|olmo|pythia|nemotron|\bglm|kimi|minimax|mimo|bloom|granite|\bphi\b|cohere|resnet|efficientnet|convnext|\bswin\b/i;

it('the core counts shapes: no model is known by its name', () => {
  const found = readdirSync(FOLDER).flatMap((file) =>
    readFileSync(new URL(file, FOLDER), 'utf8')
      .split('\n')
      .flatMap((line, at) => (NAMES.test(line) ? [`${file}:${at + 1} ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});
