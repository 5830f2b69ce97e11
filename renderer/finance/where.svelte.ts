/** Which finance screen is open: remembered while the app runs, so that commands can go straight to one. */
export const FINANCE_TABS = [
  ['cash', 'Cash flow'],
  ['capacity', 'Capacity'],
  ['actuals', 'Actuals'],
  ['energy', 'Energy and carbon'],
  ['prices', 'Price book'],
  ['approval', 'Approval and comments'],
] as const;
export type FinanceTab = (typeof FINANCE_TABS)[number][0];

export const where = $state<{ tab: FinanceTab }>({ tab: 'cash' });
