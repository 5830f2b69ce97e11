import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { formatSignificant } from '../../core/format/number.ts';
import { FlopsheetError } from '../../core/errors.ts';
import {
  fitJson,
  fitLaw,
  parsePoints,
  repetitionOfPoints,
  type FitMethod,
  type FitResult,
} from '../../core/scaling/index.ts';
import { userName } from '../../host/user.ts';
import { textFlag, type Command, type Invocation } from '../command.ts';
import { assertFile } from '../models.ts';
import { wholeFlag } from '../numbers.ts';
import { progressBar } from '../progress.ts';

const LARGEST = 256_000_000;
const METHODS: readonly string[] = ['parametric', 'isoflop', 'vpnls'];

export const fitCommand: Command = {
  name: 'fit',
  usage:
    'FILE.csv [--method parametric|isoflop|vpnls] [--params-col C --tokens-col C --loss-col C --flops-col C] [--drop-highest-loss K] [--bootstrap B --seed S] [--confirmed] [--save NAME]',
  summary: 'fits a scaling law to points of params, tokens or FLOP, and loss',
  flags: {
    method: { type: 'string' },
    'params-col': { type: 'string' },
    'tokens-col': { type: 'string' },
    'loss-col': { type: 'string' },
    'flops-col': { type: 'string' },
    'drop-highest-loss': { type: 'string' },
    bootstrap: { type: 'string' },
    seed: { type: 'string' },
    confirmed: { type: 'boolean' },
    save: { type: 'string' },
  },
  minPositionals: 1,
  async run(invocation) {
    const [file = ''] = invocation.positionals;
    const method = textFlag(invocation, 'method') ?? 'parametric';
    if (!METHODS.includes(method))
      throw new FlopsheetError('ARG', `--method is ${METHODS.join(', ')}, not "${method}"`, { where: '--method' });
    const column = (flag: string, name: string): Record<string, string> =>
      textFlag(invocation, flag) ? { [name]: textFlag(invocation, flag) as string } : {};
    assertFile(file, LARGEST, 'give a table of points as CSV');
    const points = parsePoints(readFileSync(file, 'utf8'), {
      ...column('params-col', 'paramsColumn'),
      ...column('tokens-col', 'tokensColumn'),
      ...column('loss-col', 'lossColumn'),
      ...column('flops-col', 'flopColumn'),
    });
    const draws = wholeFlag(invocation, 'bootstrap', 10, 100_000);
    const seed = wholeFlag(invocation, 'seed', 0, 0xffffffff) ?? 1;
    const fit = fitLaw(points, {
      method: method as FitMethod,
      seed,
      dropHighestLoss: wholeFlag(invocation, 'drop-highest-loss', 0, 1_000_000) ?? 0,
      confirmed: invocation.flags['confirmed'] === true,
      ...(draws === undefined ? {} : { bootstrap: { draws, seed, onProgress: progressBar('bootstrap') } }),
    });
    for (const finding of fit.findings) invocation.warn(finding.message);
    const json = fitJson(fit) as Record<string, unknown>;
    const repetition = repetitionOfPoints(points);
    if (repetition) json['repetition'] = { r_d: repetition.RD, r_n: repetition.RN, objective: repetition.objective };
    const name = textFlag(invocation, 'save');
    if (name !== undefined) {
      const key = await saveFit(invocation, name, fit, `${basename(file)}: ${fit.nPoints} runs, ${method}`);
      json['law'] = key;
      invocation.warn(
        `Saved as ${key}: ask "law ${key} --flops C", or write optimal_params(budget, "${key}") in a cell.`,
      );
    }
    if (invocation.json) invocation.print(JSON.stringify(json));
    else invocation.print(readable(json));
    return 0;
  },
};

/** Saves the fitted law in the store and returns its key. */
async function saveFit(invocation: Invocation, name: string, fit: FitResult, note: string): Promise<string> {
  const [{ openForWriting }, { saveLaw }] = await Promise.all([import('../store.ts'), import('../../store/laws.ts')]);
  const store = openForWriting(invocation);
  try {
    return saveLaw(store.db, { name, law: fit.law, note, points: '', author: userName() }, Date.now()).key;
  } finally {
    store.close();
  }
}

/** Each number with its 80 % interval, then the minima of an IsoFLOP fit. */
function readable(json: Record<string, unknown>): string {
  const ci = json['ci'] as Record<string, { p10: number; p90: number }> | undefined;
  const short = (value: number): string => formatSignificant(value, 5);
  const lines = Object.entries(json).flatMap(([key, value]) => {
    if (typeof value === 'object') return [];
    const range = ci?.[key];
    const text = typeof value === 'number' ? short(value) : String(value);
    return [`${key.padEnd(16)} ${text}${range ? `  (80 %: ${short(range.p10)} to ${short(range.p90)})` : ''}`];
  });
  const minima = json['minima'];
  if (Array.isArray(minima)) lines.push(...minima.map((minimum) => `minimum          ${JSON.stringify(minimum)}`));
  return lines.join('\n');
}
