import { open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FlopsheetError } from '../../core/errors.ts';
import type { RangeReader } from './reader.ts';

/** A file on disk, read in ranges, with `close`. A folder or a missing file is refused with a way out. */
export async function openFile(path: string): Promise<RangeReader & { close(): Promise<void> }> {
  const info = await stat(path).catch(() => null);
  if (info === null)
    throw new FlopsheetError('file-missing', `There is no file "${path}".`, { where: path, hint: 'Check the path.' });
  if (!info.isFile()) {
    throw new FlopsheetError(
      'file-directory',
      `"${path}" is ${info.isDirectory() ? 'a folder' : 'not an ordinary file'}.`,
      { where: path, hint: 'Choose the config.json, .safetensors, .gguf or .onnx file inside it.' },
    );
  }
  const handle = await open(path, 'r');
  const others: (() => Promise<void>)[] = [];
  return {
    name: basename(path),
    size: info.size,
    async read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, info.size - offset)));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    },
    async sibling(name) {
      const beside = await openFile(join(dirname(path), basename(name))).catch(() => null);
      if (beside !== null) others.push(() => beside.close());
      return beside;
    },
    async close() {
      await handle.close();
      for (const close of others) await close();
    },
  };
}
