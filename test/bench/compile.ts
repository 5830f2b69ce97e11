/** `formula_compile`: parse, check and compile, for every built-in formula. */
import { BUILT_IN_COLUMNS } from '../../src/core/plan/planner.ts';
import { compileAt, knownTypes } from '../../src/core/sheet/link.ts';
import { sheetOf } from '../core/sheet/picture.ts';
import { against, figure, milliseconds, peer, type BenchResult } from './measure.ts';

export async function formulaCompile(): Promise<BenchResult[]> {
  const sheet = sheetOf({ runs: 'key | tokens\nr1 | 1T' });
  const formulas = BUILT_IN_COLUMNS.filter((def) => def.formula !== undefined).map((def) => ({
    table: def.table,
    text: (def.formula as string).replaceAll('¤fx', '').replaceAll('¤', 'USD'),
  }));
  const types = knownTypes(sheet.state);
  const times: number[] = [];
  for (const { table, text } of formulas) {
    const compile = (): void => {
      const { error } = compileAt(
        sheet.state,
        text,
        { table, row: -1, sourceKey: 'bench', fraction: false, expected: null, what: 'this column' },
        types,
      );
      if (error) throw error;
    };
    times.push((await milliseconds(compile, { runs: 50, seconds: 0.02 })) * 1000);
  }
  const median = [...times].sort((a, b) => a - b)[times.length >> 1] as number;
  const math = await peer('mathjs');
  const compile = math?.['compile'] as ((text: string) => unknown) | undefined;
  const theirs = compile
    ? (await milliseconds(() => void compile('chip_hours * chip_power_w * load_factor * server_overhead * pue'), {
        runs: 50,
        seconds: 0.1,
      })) * 1000
    : null;
  return [
    figure('formula_compile', median, 'µs', 100, 'under 100 µs at the median', 'less'),
    against(
      'formula_compile_mathjs',
      median,
      'µs',
      ['mathjs compile, unchecked', theirs],
      'less',
      1,
      'no slower than mathjs, which checks nothing',
    ),
  ];
}
