import { FlopsheetError } from '../../core/errors.ts';
import { newPlan } from '../../core/document/new-plan.ts';
import { TABLE_IDS } from '../../core/document/plan.ts';
import { formatScientific, formatSignificant } from '../../core/format/number.ts';
import type { Node } from '../../core/formula/ast.ts';
import { FormulaError } from '../../core/formula/formula-error.ts';
import type { FunctionDef } from '../../core/formula/function.ts';
import { parseFormula } from '../../core/formula/parser.ts';
import { describeType } from '../../core/formula/types.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../core/plan/planner.ts';
import type { Unit } from '../../core/quantity/unit.ts';
import { evaluateFormula, type Answer } from '../../core/sheet/ask.ts';
import { EMPTY_CATALOG, type Catalog } from '../../core/sheet/catalog.ts';
import { formatWithUnit } from '../../core/sheet/format-cell.ts';
import { percentileOf } from '../../core/sheet/percentile.ts';
import { Sheet } from '../../core/sheet/sheet.ts';
import type { Command } from '../command.ts';
import { wholeFlag } from '../numbers.ts';

/** Groups of functions that compute from their arguments alone; a call of any other opens the store. */
const NEED_NO_CATALOG = new Set<FunctionDef['group']>(['math', 'logic', 'text', 'date', 'schedule', 'scaling']);

/** A built-in table is named: its columns are needed, which take time to compile. */
const NAMES_TABLE = new RegExp(`\\b(${TABLE_IDS.join('|')})\\s*\\.`);

function needsCatalog(text: string): boolean {
  for (const [, name = ''] of text.matchAll(/([A-Za-z_]\w*)\s*\(/g)) {
    const called = REGISTRY.get(name);
    if (called && !NEED_NO_CATALOG.has(called.group)) return true;
  }
  return false;
}

/** Characters of a mistaken part that a message repeats. */
const MOST_SHOWN = 80;

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
      const columns = NAMES_TABLE.test(text) ? BUILT_IN_COLUMNS : [];
      const sheet = new Sheet(newPlan({ samples, seed }), { columns, registry: REGISTRY, catalog });
      sheet.percentile = percentileOf;
      sheet.recalculate();
      const answer = ask(sheet, text);
      const outer = parseFormula(text);
      const result = jsonOf(sheet, answer, outer.type === 'in' ? outer.unit : null);
      invocation.print(invocation.json ? JSON.stringify(result) : readable(sheet, answer, result, outer));
      return 0;
    };
    if (!needsCatalog(text)) return evaluate(EMPTY_CATALOG);
    const { withCatalog } = await import('../store.ts');
    return withCatalog(invocation, evaluate);
  },
};

/** The answer to a formula; mistakes name the part of the formula they are about. */
function ask(sheet: Sheet, text: string): Answer {
  const mistake = (code: string, message: string, from: number, to: number, hint: string): FlopsheetError => {
    const part = text.slice(from, to).trim();
    const shown = part.length > MOST_SHOWN ? `${part.slice(0, MOST_SHOWN)} …` : part;
    const where = part === '' ? `character ${from + 1}` : `character ${from + 1}: ${shown}`;
    return new FlopsheetError(code, message, { where, hint });
  };
  let answer: Answer;
  try {
    answer = evaluateFormula(sheet, text, { table: null, row: null, column: null });
  } catch (error) {
    if (!(error instanceof FormulaError)) throw error;
    throw mistake(error.code, error.message, error.from, error.to, error.hint);
  }
  const { problem } = answer;
  if (problem) throw mistake(problem.code, problem.message, problem.from ?? 0, problem.to ?? text.length, problem.hint);
  return answer;
}

interface EvalResult {
  readonly value: number | string | boolean;
  readonly unit: string;
  readonly dimension: string;
  readonly p5?: number;
  readonly p10?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly p95?: number;
  readonly mean?: number;
}

function jsonOf(sheet: Sheet, { type, value, spread }: Answer, unit: Unit | null): EvalResult {
  const dimension = describeType(type);
  if (type.is === 'boolean') return { value: value === 1, unit: '', dimension };
  if (type.is !== 'number') return { value: formatWithUnit(type, value, sheet.state.texts), unit: '', dimension };
  const scale = unit?.scale ?? 1;
  return {
    value: value / scale,
    unit: unit?.text ?? (dimension === 'plain number' ? '' : dimension),
    dimension,
    ...(spread && {
      p5: spread.p5 / scale,
      p10: spread.p10 / scale,
      p50: spread.p50 / scale,
      p90: spread.p90 / scale,
      p95: spread.p95 / scale,
      mean: spread.mean / scale,
    }),
  };
}

function readable(sheet: Sheet, answer: Answer, result: EvalResult, outer: Node): string {
  const line = formatWithUnit(
    answer.type,
    answer.value,
    sheet.state.texts,
    outer.type === 'in' ? outer.unit : undefined,
  );
  if (result.p5 === undefined) return line;
  const spread = (['p5', 'p10', 'p50', 'p90', 'p95', 'mean'] as const).map((name) => {
    const amount = result[name] ?? Number.NaN;
    const text = Math.abs(amount) >= 1e15 ? formatScientific(amount, 4) : formatSignificant(amount, 6);
    return `${name === 'mean' ? name : name.toUpperCase()} ${text}`;
  });
  return `${line}\n${spread.join(', ')}`;
}
