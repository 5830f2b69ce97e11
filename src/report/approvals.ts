/** Approvals on record, beside the lines that are signed by hand. */
import type { ReportTable } from './model.ts';

export interface RecordedApproval {
  /** Who approved, or the milestone. */
  readonly name: string;
  /** ISO day. */
  readonly date: string;
  readonly scenario: string;
  readonly revision: number;
  readonly hash: string;
  readonly note: string;
}

/** None without an approval. `hash` is that of the plan in this report. */
export function approvalTable(approvals: readonly RecordedApproval[], hash: string): ReportTable[] {
  if (approvals.length === 0) return [];
  const left = (label: string, share: number): ReportTable['columns'][number] => ({
    label,
    unit: '',
    align: 'left',
    share,
  });
  return [
    {
      title: 'Approvals on record',
      columns: [
        left('Approved by', 1),
        left('On', 0),
        left('Scenario', 1),
        { ...left('Revision', 0), align: 'right' },
        left('Hash', 0),
        left('This report', 0),
        left('Note', 1.4),
      ],
      rows: approvals.map((approval) => [
        { text: approval.name },
        { text: approval.date },
        { text: approval.scenario },
        { text: String(approval.revision) },
        { text: approval.hash.slice(0, 12), mono: true },
        approval.hash === hash ? { text: 'as approved' } : { text: 'changed since', tone: 'error' },
        { text: approval.note },
      ]),
      totals: null,
      note: '',
    },
  ];
}
