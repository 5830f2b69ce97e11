/** Files that leave the app. */
import * as v from 'valibot';
import { SECTION_IDS } from '../../core/plan/report-sections.ts';
import { id, tableId } from './arguments.ts';

const pages = v.strictObject({
  plan: id,
  scenario: id,
  paper: v.optional(v.picklist(['a4', 'letter'])),
  /** Leaves out what is confidential. */
  redact: v.optional(v.boolean()),
  /** All sections unless given. */
  sections: v.optional(v.pipe(v.array(v.picklist(SECTION_IDS)), v.maxLength(SECTION_IDS.length))),
});

const ids = v.pipe(v.array(id), v.maxLength(20_000));
/** A table of the plan as text, or the columns and rows of it that are named. */
const table = v.strictObject({
  plan: id,
  scenario: id,
  table: tableId,
  format: v.picklist(['csv', 'tsv', 'json', 'markdown']),
  columns: v.optional(ids),
  rows: v.optional(ids),
  redact: v.optional(v.boolean()),
});

export const reportMethods = {
  'report.pdf': pages,
  'report.preview': pages,
  'report.xlsx': v.strictObject({ plan: id, scenario: id, redact: v.optional(v.boolean()) }),
  'report.table': table,
  'report.tableFile': table,
} as const;

export interface FileResult {
  readonly name: string;
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

/** The pages of a report below each other in one SVG; sizes in points. */
export interface PreviewResult {
  readonly svg: string;
  readonly pages: number;
  readonly pageWidth: number;
  readonly pageHeight: number;
}

export interface ReportResults {
  'report.pdf': FileResult;
  'report.preview': PreviewResult;
  'report.xlsx': FileResult;
  'report.table': { readonly text: string };
  'report.tableFile': FileResult;
}
