import type { CellProblem } from '../sheet/view.ts';

export type FormulaErrorCode = 'SYNTAX' | 'NAME' | 'UNIT' | 'TYPE' | 'ARG' | 'CYCLE' | 'RANGE';

/** A mistake in a formula, with the place in its text (after `=`) and how to mend it. */
export class FormulaError extends Error {
  readonly code: FormulaErrorCode;
  readonly hint: string;
  readonly from: number;
  readonly to: number;

  constructor(code: FormulaErrorCode, message: string, span: { from: number; to: number }, hint = '') {
    super(message);
    this.name = 'FormulaError';
    this.code = code;
    this.hint = hint;
    this.from = span.from;
    this.to = span.to;
  }

  /** The same mistake as a cell shows it. `root` is the cell's address. */
  problem(root: string): CellProblem {
    return { code: this.code, message: this.message, hint: this.hint, root, from: this.from, to: this.to };
  }
}
