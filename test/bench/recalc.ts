/** `recalc_10k` and `recalc_1m`: one assumption changed, everything behind it recalculated. */
import { disagreements } from '../core/sheet/naive.ts';
import { byHand, chainData, chainSheet, changePasses, excelCells, STEP_COUNT } from './chain.ts';
import { against, milliseconds, peer, type BenchResult } from './measure.ts';

interface HyperFormula {
  changeNamedExpression(name: string, expression: number): void;
}

function againstHand(name: string, ours: number, hand: number): BenchResult {
  return against(name, ours, 'ms', ['loops by hand', hand], 'less', 1 / 2.5, 'at most 2.5 times the loops');
}

async function timed(rows: number, seconds: number): Promise<{ ours: number; hand: number; wrong: string[] }> {
  const data = chainData(rows);
  const sheet = chainSheet(data);
  const hand = byHand(data);
  let passes = 1;
  // The loops deserve their best: compiled on a small plan before the large one is timed.
  const small = byHand(chainData(1000));
  for (let i = 0; i < 3000; i++) small.run((passes = passes === 1 ? 2 : 1));
  // Interleaved halves: a machine that slows down slows both.
  const first = await milliseconds(() => changePasses(sheet, (passes = passes === 1 ? 2 : 1)), { seconds });
  const loops = await milliseconds(() => hand.run((passes = passes === 1 ? 2 : 1)), { seconds });
  const second = await milliseconds(() => changePasses(sheet, (passes = passes === 1 ? 2 : 1)), { seconds });
  return { ours: Math.min(first, second), hand: loops, wrong: disagreements(sheet) };
}

async function hyperFormulaCellsPerSecond(rows: number): Promise<number | null> {
  const module = await peer('hyperformula');
  if (!module) return null;
  const { HyperFormula } = module as {
    HyperFormula: { buildFromArray(cells: unknown[][], config: object, names: object[]): HyperFormula };
  };
  const { cells, names } = excelCells(chainData(rows));
  const engine = HyperFormula.buildFromArray(cells, { licenseKey: 'gpl-v3' }, names);
  let passes = 1;
  const ms = await milliseconds(() => engine.changeNamedExpression('PASSES', (passes = passes === 1 ? 2 : 1)), {
    runs: 5,
  });
  return (rows * STEP_COUNT) / (ms / 1000);
}

function refuse(wrong: readonly string[]): void {
  if (wrong.length > 0) throw new Error(`the naive interpreter disagrees: ${wrong.slice(0, 3).join('; ')}`);
}

export async function recalc10k(): Promise<BenchResult[]> {
  const { ours, hand, wrong } = await timed(10_000, 1);
  refuse(wrong);
  const rate = (10_000 * STEP_COUNT) / (ours / 1000);
  const theirs = await hyperFormulaCellsPerSecond(10_000);
  return [
    against('recalc_10k', rate, 'cells/s', ['HyperFormula', theirs], 'more', 1000, 'at least 1,000 times HyperFormula'),
    againstHand('recalc_10k_by_hand', ours, hand),
  ];
}

export async function recalc1m(): Promise<BenchResult[]> {
  const { ours, hand, wrong } = await timed(1_000_000, 2);
  refuse(wrong);
  return [againstHand('recalc_1m', ours, hand)];
}
