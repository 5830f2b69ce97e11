/**
 * The one error a user may see. `code` is stable and crosses the bridge; `message` says what is wrong and where;
 * `hint` says how to mend it; `where` names the cell, file, line or field. An error without a code is a bug.
 */
export class FlopsheetError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly where: string;

  constructor(code: string, message: string, detail: { hint?: string; where?: string; cause?: unknown } = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'FlopsheetError';
    this.code = code;
    this.hint = detail.hint ?? '';
    this.where = detail.where ?? '';
  }

  toJSON(): { code: string; message: string; hint: string; where: string } {
    return { code: this.code, message: this.message, hint: this.hint, where: this.where };
  }
}
