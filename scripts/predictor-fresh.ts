/** Rows of sources that no fit, form or prior was chosen on: what the predictor says of them. */
import { predictCase } from '../src/core/cluster/cases/predict-case.ts';
import type { CaseContext } from '../src/core/cluster/cases/case.ts';
import { readCases } from '../src/core/cluster/cases/read.ts';
import { familyOf } from '../src/core/cluster/predict.ts';
import type { PredictorFit } from '../src/core/cluster/predictor-fit.ts';
import { profileModel } from '../src/core/cluster/profile.ts';
import { rowsOf } from './predictor-data.ts';
import { summarise } from './predictor-study.ts';

export interface FreshReport {
  readonly rows: readonly {
    readonly what: string;
    readonly measured: number;
    readonly predicted: number;
    readonly error: number;
    readonly inside: boolean;
  }[];
  readonly dense: ReturnType<typeof summarise>;
  readonly moe_hybrid: ReturnType<typeof summarise>;
  readonly all: ReturnType<typeof summarise>;
  readonly inside: number;
}

/** Scores test/data/fresh_training_runs.csv; a row that cannot be answered is a broken table and throws. */
export function freshReport(context: CaseContext, fit: PredictorFit): FreshReport {
  const cases = readCases(rowsOf('test/data/fresh_training_runs.csv'), context) ?? [];
  const logs = { dense: [] as number[], moe_hybrid: [] as number[] };
  const rows = cases.map((c) => {
    const { prediction, layout, notes } = predictCase(c, fit);
    if (prediction === null || c.measured === null || c.architecture === null || layout === null)
      throw new Error(`row ${c.row + 2}: ${notes.join(' ')}`);
    const ratio = prediction.tokensPerSecondPerChip / c.measured;
    logs[familyOf(profileModel(c.architecture, c.setup.seqLen))].push(Math.log(ratio));
    const seconds = prediction.stepSeconds * ratio;
    const degrees = (['tp', 'pp', 'ep'] as const).filter((d) => layout[d] > 1).map((d) => `${d}${layout[d]}`);
    return {
      what: `${c.model}, ${c.chips} ${c.chip}, ${[...degrees, layout.zero === 3 ? 'sharded' : ''].join(' ').trim()}`,
      measured: c.measured,
      predicted: prediction.tokensPerSecondPerChip,
      error: 100 * (ratio - 1),
      inside: seconds >= prediction.p10 && seconds <= prediction.p90,
    };
  });
  return {
    rows,
    dense: summarise(logs.dense),
    moe_hybrid: summarise(logs.moe_hybrid),
    all: summarise([...logs.dense, ...logs.moe_hybrid]),
    inside: rows.filter((r) => r.inside).length / rows.length,
  };
}
