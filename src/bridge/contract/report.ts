/** Files that leave the app. */
import * as v from 'valibot';
import { id } from './arguments.ts';

export const reportMethods = {
  'report.pdf': v.strictObject({ plan: id, scenario: id }),
  'report.xlsx': v.strictObject({ plan: id, scenario: id }),
} as const;

export interface FileResult {
  readonly name: string;
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

export interface ReportResults {
  'report.pdf': FileResult;
  'report.xlsx': FileResult;
}
