/** WebGPU outside a browser: the npm package `webgpu` (Dawn). It is 130 MB and no part of the app, so people add it. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { FlopsheetError } from '../core/errors.ts';
import type { GpuAdapter } from '../core/calibrate/measure/gpu.ts';

interface Gpu {
  requestAdapter(options?: { powerPreference?: string }): Promise<GpuAdapter | null>;
  readonly wgslLanguageFeatures: { has(name: string): boolean };
}
interface WebgpuPackage {
  create(flags: string[]): Gpu;
  readonly globals: object;
}

/** Dawn with the given flags. Throws `GPU_PACKAGE` when the package is not there, and how to add it. */
export async function openDawn(flags: string[]): Promise<{ readonly gpu: Gpu; readonly version: string }> {
  // A folder of its own may hold it: FLOPSHEET_WEBGPU names that folder.
  const folder = process.env['FLOPSHEET_WEBGPU'] ?? import.meta.filename;
  const require = createRequire(folder.endsWith('.ts') || folder.endsWith('.js') ? folder : `${folder}/package.json`);
  let entry: string;
  try {
    entry = require.resolve('webgpu');
  } catch {
    throw new FlopsheetError('GPU_PACKAGE', 'measuring outside the app needs the npm package webgpu (Dawn)', {
      hint: 'in the folder of Flopsheet: npm install --no-save webgpu@0.6.2; or in any folder, named by FLOPSHEET_WEBGPU. The app measures without it: Calibration on its rail',
    });
  }
  const { create, globals } = (await import(pathToFileURL(entry).href)) as WebgpuPackage;
  Object.assign(globalThis, globals);
  const { version } = require('webgpu/package.json') as { version: string };
  return { gpu: create(flags), version };
}

/** The adapter of this machine. Throws `GPU_NONE` when there is none. */
export async function dawnAdapter(gpu: Gpu): Promise<GpuAdapter> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter) return adapter;
  throw new FlopsheetError('GPU_NONE', 'Dawn found no GPU on this machine', {
    hint: 'install the Vulkan driver of the chip (on NVIDIA servers: the libnvidia-gl package); vulkaninfo --summary shows what there is',
  });
}
