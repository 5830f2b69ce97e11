import { FlopsheetError } from '../../core/errors.ts';
import { newPlan } from '../../core/document/new-plan.ts';
import { FormulaError } from '../../core/formula/formula-error.ts';
import { parseFormula } from '../../core/formula/parser.ts';
import { describeType } from '../../core/formula/types.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../core/plan/planner.ts';
import { evaluateFormula, type Answer } from '../../core/sheet/ask.ts';
import { EMPTY_CATALOG, type Catalog } from '../../core/sheet/catalog.ts';
import { formatWithUnit } from '../../core/sheet/format-cell.ts';
import { Sheet } from '../../core/sheet/sheet.ts';
import type { Command } from '../command.ts';
import { wholeFlag } from '../numbers.ts';

/** Functions that look something up; only then is the store opened. */
const NEEDS_CATALOG =
  /\b(dense_peak|rental_price|rental_price_date|server_overhead_ratio|train_flop_per_token|hardware_flop_per_token)\s*\(/;

export const evalCommand: Command = {
  name: 'eval',
  usage: 'EXPR [--samples N] [--seed S]',
  summary: 'evaluates a formula, with units and uncertainty',
  flags: { samples: { type: 'string' }, seed: { type: 'string' } },
  minPositionals: 1,
  async run(invocation) {
    const text = invocation.positionals.join(' ').replace(/^\s*=/, '');
    const samples = wholeFlag(invocation, 'samples', 16, 1_048_576) ?? 16_384;
    const seed = wholeFlag(invocation, 'seed', 0, 0xffffffff) ?? 1;
    const evaluate = (catalog: Catalog): number => {
      const sheet = new Sheet(newPlan({ samples, seed }), { columns: BUILT_IN_COLUMNS, registry: REGISTRY, catalog });
      sheet.recalculate();
      return print(evaluateFormula(sheet, text, { table: null, row: null, column: null }), text, sheet);
    };
    const print = (answer: Answer, formula: string, sheet: Sheet): number => {
      if (answer.problem)
        throw new FormulaError(
          'RANGE',
          answer.problem.message,
          { from: answer.problem.from ?? 0, to: answer.problem.to ?? formula.length },
          answer.problem.hint,
        );
      const outer = parseFormula(formula);
      const unit = outer.type === 'in' ? outer.unit : null;
      const scale = unit?.scale ?? 1;
      const number = answer.type.is === 'number';
      const value = number ? answer.value / scale : formatWithUnit(answer.type, answer.value, sheet.state.texts);
      const name = describeType(answer.type);
      const spread =
        answer.spread &&
        Object.fromEntries(Object.entries(answer.spread).map(([key, quantile]) => [key, quantile / scale]));
      if (invocation.json)
        invocation.print(
          JSON.stringify({
            value,
            unit: unit?.text ?? (number ? (name === 'plain number' ? '' : name) : ''),
            dimension: name,
            ...(spread ?? {}),
          }),
        );
      else {
        invocation.print(formatWithUnit(answer.type, answer.value, sheet.state.texts, unit ?? undefined));
        if (spread)
          invocation.print(
            `P5 ${short(spread['p5'])}, P10 ${short(spread['p10'])}, P50 ${short(spread['p50'])}, P90 ${short(spread['p90'])}, P95 ${short(spread['p95'])}, mean ${short(spread['mean'])}`,
          );
      }
      return 0;
    };
    if (!NEEDS_CATALOG.test(text)) return evaluate(EMPTY_CATALOG);
    const { withCatalog } = await import('../store.ts');
    return withCatalog(invocation, evaluate);
  },
};

function short(value: number | undefined): string {
  if (value === undefined) throw new FlopsheetError('INTERNAL', 'a percentile is missing');
  return Number(value.toPrecision(6)).toString();
}
