/** Correlations as the screen edits them: the list with labels, and whether a list can be. */
import { FlopsheetError } from '../core/errors.ts';
import type { Correlation } from '../core/document/plan.ts';
import { correlationChoices, labelOf } from '../core/sheet/correlation-choices.ts';
import { checkPlanCorrelations, nearestPossible } from '../core/sheet/correlations.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { CorrelationAnswer, CorrelationList } from './contract/sheet.ts';

/** Cells offered for choice: more would be a list nobody reads. */
const MOST_CELLS = 500;

/** The correlations of a plan or scenario, and what could be correlated. */
export function correlationList(sheet: Sheet): CorrelationList {
  return {
    pairs: (sheet.plan.correlations ?? [])
      .filter((own) => own.a !== own.b)
      .map((own) => ({ ...own, labelA: labelOf(sheet, own.a), labelB: labelOf(sheet, own.b) })),
    ...correlationChoices(sheet, MOST_CELLS),
  };
}

/** Whether these correlations can hold together; the nearest that can when they cannot. Throws for names nobody has. */
export function checkList(pairs: readonly Correlation[]): CorrelationAnswer {
  try {
    checkPlanCorrelations({ correlations: pairs });
    return { possible: true, message: '', nearest: pairs };
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    return { possible: false, message: error.message, nearest: nearestPossible(pairs) };
  }
}
