/** The sections of a report after its summary, in the order they are printed; any of them may be left out. */
export const REPORT_SECTIONS = {
  scenarios: 'Scenario comparison',
  runs: 'Runs',
  uncertainty: 'Uncertainty',
  costs: 'Other cost lines',
  cash: 'Cash flow, capacity, serving and actuals',
  assumptions: 'Assumptions, inputs and their sources',
  derivations: 'Derivation of the headline figures',
  open_points: 'Open points',
  method: 'Method and conventions',
  sources: 'Sources and data attribution',
  approval: 'Approval',
} as const;
export type SectionId = keyof typeof REPORT_SECTIONS;

export const SECTION_IDS = Object.keys(REPORT_SECTIONS) as readonly SectionId[];
