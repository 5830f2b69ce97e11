/** A training log read as a stream: only step lines are kept, and of very long logs every second, fourth … step. */
import { FlopsheetError } from '../errors.ts';
import { eachLine } from './profile/lines.ts';
import { UTILISATION_WHY } from './profile/nvidia-smi.ts';
import { isGpuUtilisation, readTrainingLine, type StepPoint } from './training-line.ts';

/** Steps kept in memory. */
const MOST_STEPS = 100_000;

/** Steps of a log in order, each step once (every rank prints it); `onThinned` hears when only every n-th was kept. Throws FlopsheetError on GPU utilisation or no steps. */
export async function readLogSteps(
  chunks: AsyncIterable<string>,
  name: string,
  onThinned: (every: number) => void = () => undefined,
): Promise<StepPoint[]> {
  let steps: StepPoint[] = [];
  let every = 1;
  let seen = 0;
  let last: StepPoint | null = null;
  let utilisation = false;
  const read = (line: string): void => {
    const point = readTrainingLine(line);
    if (!point) {
      utilisation ||= isGpuUtilisation(line);
      return;
    }
    if (last && last.format === point.format && last.step === point.step) return;
    let timed = point;
    if (last && point.stepS === null && point.clockS !== null && last.clockS !== null && point.step > last.step) {
      const stepS = (point.clockS - last.clockS) / (point.step - last.step);
      if (stepS > 0) timed = { ...point, stepS };
    }
    last = point;
    seen += 1;
    if (seen % every !== 0) return;
    steps.push(timed);
    if (steps.length >= MOST_STEPS) {
      steps = steps.filter((_, at) => at % 2 === 1);
      every *= 2;
    }
  };
  await eachLine(chunks, read);
  if (every > 1) onThinned(every);
  if (steps.length > 0) return steps;
  if (utilisation)
    throw new FlopsheetError('LOG_GPU_UTIL', 'this is GPU utilisation of nvidia-smi, which is not MFU', {
      where: name,
      hint: `${UTILISATION_WHY}; give the log of the training run`,
    });
  throw new FlopsheetError('LOG_EMPTY', 'no training step was found', {
    where: name,
    hint: 'read are logs of Megatron-LM, nanotron, torchtitan and the Hugging Face Trainer, exports of nvidia-smi, ncu and the PyTorch profiler, and tables of ptflops, fvcore and tf.profiler',
  });
}
