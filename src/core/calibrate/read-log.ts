/** A training log read as a stream: only step lines are kept, and of very long logs every second, fourth … step. */
import { FlopsheetError } from '../errors.ts';
import { isGpuUtilisation, readTrainingLine, type StepPoint } from './training-line.ts';

/** Characters of a line beyond which it is no log line. */
const LONGEST_LINE = 100_000;
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
    if (line.length > LONGEST_LINE) return;
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
  let rest = '';
  let dropping = false;
  for await (const chunk of chunks) {
    const lines = chunk.split(/\r\n|\n|\r/);
    for (let at = 0; at < lines.length; at += 1) {
      if (!dropping) rest += lines[at] as string;
      if (rest.length > LONGEST_LINE) {
        rest = '';
        dropping = true;
      }
      if (at === lines.length - 1) break;
      if (!dropping) read(rest);
      rest = '';
      dropping = false;
    }
  }
  if (!dropping) read(rest);
  if (every > 1) onThinned(every);
  if (steps.length > 0) return steps;
  if (utilisation)
    throw new FlopsheetError('LOG_GPU_UTIL', 'this is GPU utilisation of nvidia-smi, which is not MFU', {
      where: name,
      hint: 'GPU-Util is the share of time in which any kernel ran, however slow; give the log of the training run',
    });
  throw new FlopsheetError('LOG_EMPTY', 'no training step was found', {
    where: name,
    hint: 'read are logs of Megatron-LM, nanotron, torchtitan and the Hugging Face Trainer',
  });
}
