/** Model files people drop: which they are, and reading them in a worker of its own that can be stopped. */
import type { Model } from '../../src/core/model/architecture.ts';
import type { ReadModels, ReadModelsAnswer } from './read-worker.ts';

const MODEL_FILE = /\.(safetensors|gguf|onnx|bin|pt|pth|ckpt|pkl|pickle|joblib|npy|npz)$/i;

/** Longest a header may take to read: beyond it the file is hostile. */
const PATIENCE_MS = 20_000;

/** Whether a file is a model's by its name or its first characters: weights, graphs, pickles (refused by their reader), layer tables. */
export async function isModelFile(file: File): Promise<boolean> {
  if (MODEL_FILE.test(file.name)) return true;
  const head = await file
    .slice(0, 4096)
    .text()
    .catch(() => '');
  if (head.startsWith('GGUF')) return true;
  const columns =
    head
      .split('\n', 1)[0]
      ?.split(/[,;\t]/)
      .map((cell) => cell.trim().replace(/^"|"$/g, '')) ?? [];
  return ['layer', 'type', 'c_in', 'c_out'].every((column) => columns.includes(column));
}

/** Of files dropped together, the one that tells most: an index before a part, weights before a configuration. */
export function mainFile(files: readonly File[]): File | undefined {
  const order = [/\.index\.json$/i, /\.safetensors$/i, /\.gguf$/i, /\.onnx$/i];
  for (const kind of order) {
    const found = files.find((file) => kind.test(file.name));
    if (found) return found;
  }
  return files.find((file) => file.name === 'config.json') ?? files[0];
}

/** The models of dropped files. Rejects with code, message and hint when they hold none. */
export function readModels(main: File, all: readonly File[]): Promise<ReadModels> {
  const worker = new Worker(new URL('./read-worker.ts', import.meta.url), { type: 'module' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new Promise<ReadModels>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Reading ${main.name} was given up after 20 seconds.`)), PATIENCE_MS);
    worker.onmessage = ({ data }: MessageEvent<ReadModelsAnswer>) =>
      'failure' in data ? reject(data.failure) : resolve(data.read);
    worker.onerror = () => reject(new Error(`${main.name} could not be read.`));
    worker.postMessage({ main, all });
  }).finally(() => {
    clearTimeout(timer);
    worker.terminate();
  });
}

/** Name for a model read from a file: its own, or the file's; a bare `config.json` is named by its model type. */
export function nameOfModel(model: Model, file: string): string {
  const base = file.replace(/(\.index)?\.(json|safetensors|gguf|onnx|csv|tsv)$/i, '').replace(/-\d{5}-of-\d{5}$/, '');
  const own = model.name.split('/').pop() ?? '';
  if (!/^(config|model)$/.test(base) && own === '') return base;
  return own === '' || own === 'config' ? `${base} model` : own;
}
