/** What the serving worker can be asked, and how it answers: plain data both ways. */
import type { Architecture } from '../../../src/core/model/architecture.ts';
import type { MeasuredFile } from '../../../src/core/serving/benchmark-file.ts';
import { readBenchmark } from '../../../src/core/serving/benchmark-file.ts';
import type { ChooserAnswer } from '../../../src/core/serving/chooser.ts';
import { chooseModel } from '../../../src/core/serving/chooser.ts';
import type { Deployment } from '../../../src/core/serving/deployment.ts';
import { resolveDeployment } from '../../../src/core/serving/deployment.ts';
import type { OwnFit } from '../../../src/core/serving/fit-measured.ts';
import { fitMeasured } from '../../../src/core/serving/fit-measured.ts';
import type { ServingPrecision } from '../../../src/core/serving/format.ts';
import { SHIPPED_SERVING_FIT as FIT } from '../../../src/core/serving/shipped-fit.ts';
import type { ServiceLevel, WithinLimits } from '../../../src/core/serving/slo.ts';
import { searchWithinLimits } from '../../../src/core/serving/slo.ts';
import type { LoadPoint } from '../../../src/core/serving/study.ts';
import { loadCurve } from '../../../src/core/serving/study.ts';

export interface Jobs {
  load: {
    input: { deployment: Deployment; loads: readonly number[]; seed: number; requests: number };
    result: LoadPoint[];
  };
  search: {
    input: {
      deployment: Deployment;
      level: ServiceLevel;
      usdPerChipHour: number;
      precisions: readonly ServingPrecision[];
    };
    result: WithinLimits[];
  };
  choose: {
    input: {
      models: readonly { name: string; architecture: Architecture }[];
      leastParams: number;
      deployment: Omit<Deployment, 'architecture'>;
      level: ServiceLevel;
      usdPerChipHour: number;
      usdPerMillionOutputTokens: number | null;
      precisions: readonly ServingPrecision[];
    };
    result: ChooserAnswer;
  };
  fit: { input: { deployment: Deployment; text: string }; result: { file: MeasuredFile; fit: OwnFit } };
}
export type JobName = keyof Jobs;

/** Runs one job; `progress` gets a share in 0..1. Throws FlopsheetError for wrong input. */
export function runJob<J extends JobName>(
  name: J,
  input: Jobs[J]['input'],
  progress: (share: number) => void,
): unknown {
  const tell = (share: number): boolean => {
    progress(share);
    return true;
  };
  switch (name) {
    case 'load': {
      const { deployment, loads, seed, requests } = input as Jobs['load']['input'];
      return loadCurve(resolveDeployment(deployment, FIT), loads, seed, requests, tell);
    }
    case 'search': {
      const { deployment, level, usdPerChipHour, precisions } = input as Jobs['search']['input'];
      return searchWithinLimits(deployment, FIT, level, usdPerChipHour, precisions, tell);
    }
    case 'choose': {
      const i = input as Jobs['choose']['input'];
      return chooseModel(
        i.models,
        { leastParams: i.leastParams },
        i.deployment,
        FIT,
        i.level,
        {
          usdPerChipHour: i.usdPerChipHour,
          ...(i.usdPerMillionOutputTokens === null ? {} : { usdPerMillionOutputTokens: i.usdPerMillionOutputTokens }),
        },
        i.precisions,
      );
    }
    default: {
      const { deployment, text } = input as Jobs['fit']['input'];
      const file = readBenchmark(text);
      return { file, fit: fitMeasured(deployment, FIT, file.points) };
    }
  }
}
