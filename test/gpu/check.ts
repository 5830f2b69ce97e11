/** Run by dawn.test.ts in a process of its own, with the environment that chooses the driver. Prints one JSON document. */
import { openDawn } from '../../src/cli/dawn.ts';
import { matmulKernel } from '../../src/core/calibrate/kernels/matmul.ts';
import { openBench } from '../../src/core/calibrate/measure/bench.ts';
import { allConfigs, correctness } from '../../src/core/calibrate/measure/correctness.ts';
import { identityOf } from '../../src/core/calibrate/measure/identity.ts';

const now = (): number => performance.now();
const print = (result: object): void => {
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
};

if (process.argv[2] === 'compile') {
  // The null backend compiles and validates everything and runs nothing: f16 without a GPU that has it.
  const { gpu } = await openDawn(['backend=null']);
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('the null backend gave no adapter');
  const bench = await openBench(adapter, gpu.wgslLanguageFeatures, now);
  const failed: string[] = [];
  const configs = allConfigs([32, 32]);
  for (const config of configs) {
    const kernel = matmulKernel({ m: 256, n: 256, k: 256 }, config, 'f16');
    try {
      const module = bench.device.createShaderModule({ code: kernel.wgsl });
      await bench.device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
    } catch (error) {
      failed.push(`${kernel.name} ${JSON.stringify(config)}: ${(error as Error).message}`);
    }
  }
  print({ compiled: configs.length - failed.length, failed });
} else {
  const { gpu } = await openDawn([]);
  const adapter = await gpu.requestAdapter();
  if (!adapter) print({ adapter: null });
  else {
    const { subgroupSize, name, fallback } = identityOf(adapter, { host: 'node', hostVersion: '', power: 'unknown' });
    const bench = await openBench(adapter, gpu.wgslLanguageFeatures, now);
    print({ adapter: name, fallback, ...(await correctness(bench, subgroupSize)) });
  }
}
