import { FlopsheetError } from '../errors.ts';
import { parseDate, parseInstant, parseMonth } from './calendar.ts';
import type { CommittedSupply, Notice, OwnedSupply, PriceStep, ProgrammeInput } from './programme-types.ts';

/**
 * Refuses a programme that cannot be priced (thrown: code, what, where, how to mend) and returns what should be asked:
 * commitments on the same days under different contracts, categories the contingency names but nothing uses.
 */
export function checkProgramme(input: ProgrammeInput): Notice[] {
  const notices: Notice[] = [];
  parseMonth(input.firstMonth, 'first month');
  if (!Number.isInteger(input.months) || input.months < 1 || input.months > 1200) {
    refuse('horizon', `A programme cannot have ${input.months} months.`, 'Give 1 to 1200 whole months.', 'horizon');
  }
  if (!/^[A-Z]{3}$/.test(input.currency)) {
    refuse('currency_text', `"${input.currency}" is not a currency.`, 'Write its three letters, as USD.', 'currency');
  }
  const sites = unique(input.sites, 'site');
  for (const site of input.sites) {
    atLeast(site.pue, 1, `PUE of ${site.key}`, 'A site draws at least what its servers draw: 1 or more.');
    atLeast(site.locationKgPerKwh, 0, `location-based factor of ${site.key}`);
    atLeast(site.marketKgPerKwh, 0, `market-based factor of ${site.key}`);
  }
  atLeast(input.chip.chipKw, 0, `power of ${input.chip.key}`);
  const supplies = unique(input.supplies, 'supply');
  for (const supply of input.supplies) {
    if (!sites.has(supply.site)) {
      refuse(
        'site_missing',
        `Supply ${supply.key} stands at "${supply.site}", which is no site.`,
        'Add the site.',
        supply.key,
      );
    }
    if (supply.kind === 'metered') {
      priceSteps(supply.prices, supply.key);
      atLeast(supply.overhead ?? 0, 0, `preemption overhead of ${supply.key}`);
    } else if (supply.kind === 'committed') checkCommitment(supply, notices);
    else checkOwned(supply);
  }
  const runs = unique(input.runs, 'run');
  for (const run of input.runs) {
    parseInstant(run.start, `start of ${run.key}`);
    atLeast(run.idealHours, 0, `hours of ${run.key}`);
    if (!(run.chips > 0)) refuse('chips', `Run ${run.key} has ${run.chips} chips.`, 'Give it one or more.', run.key);
    const goodput = run.goodput ?? 1;
    if (!(goodput > 0 && goodput <= 1)) {
      refuse('goodput', `The goodput of ${run.key} is ${goodput}.`, 'Give a share above 0 and up to 1.', run.key);
    }
    atLeast(run.failureAllowance ?? 0, 0, `failure allowance of ${run.key}`);
    atLeast(run.count ?? 1, 0, `count of ${run.key}`);
    if (run.supplies.length === 0) {
      refuse('supply_missing', `Run ${run.key} names no supply.`, 'Name where its chips come from.', run.key);
    }
    for (const key of run.supplies) {
      if (!supplies.has(key)) {
        refuse(
          'supply_missing',
          `Run ${run.key} takes chips from "${key}", which is no supply.`,
          'Add or rename it.',
          run.key,
        );
      }
    }
  }
  unique(input.costs, 'cost row');
  for (const cost of input.costs) {
    const first = parseMonth(cost.firstMonth, `first month of ${cost.key}`);
    const last = parseMonth(cost.lastMonth ?? cost.firstMonth, `last month of ${cost.key}`);
    if (last < first) endBeforeStart(cost.key, cost.firstMonth, cost.lastMonth!);
    finite(cost.quantity, `quantity of ${cost.key}`);
    atLeast(cost.quantity, 0, `quantity of ${cost.key}`);
    atLeast(cost.unitPrice, 0, `price of ${cost.key}`, 'Prices are not negative; enter a credit as a separate actual.');
    if (cost.run !== undefined && !runs.has(cost.run)) {
      refuse(
        'run_missing',
        `Cost ${cost.key} is charged to "${cost.run}", which is no run.`,
        'Name a run or none.',
        cost.key,
      );
    }
  }
  if (input.contingency) atLeast(input.contingency.rate, 0, 'contingency rate');
  return notices;
}

function checkCommitment(supply: CommittedSupply, notices: Notice[]): void {
  unique(supply.tranches, `tranche of ${supply.key}`);
  const spans = supply.tranches.map((tranche) => {
    const where = `${supply.key}, ${tranche.key}`;
    const from = parseInstant(tranche.from, where);
    const to = parseInstant(tranche.to, where);
    if (to <= from) endBeforeStart(where, tranche.from, tranche.to);
    atLeast(tranche.chips, 0, `chips of ${where}`);
    const fee =
      'monthly' in tranche.fee
        ? tranche.fee.monthly
        : 'upfront' in tranche.fee
          ? tranche.fee.upfront
          : tranche.fee.perChipHour;
    atLeast(fee, 0, `fee of ${where}`, 'Fees are not negative.');
    return { tranche, from, to };
  });
  for (const { a, b, sameContract } of commitmentOverlaps(
    spans.map(({ tranche, from, to }) => ({ ...tranche, fromS: from, toS: to })),
  )) {
    if (sameContract) {
      refuse(
        'commitment_overlap',
        `Commitments ${a.key} and ${b.key} of contract ${a.contract} overlap from ${b.from}.`,
        'End the first before the second starts, or give the second its own contract if both are paid.',
        supply.key,
      );
    }
    notices.push({
      code: 'commitment_overlap',
      severity: 'ask',
      message: `Commitments ${a.key} and ${b.key} run at the same time from ${b.from}; both are paid.`,
      hint: 'If the second replaces the first, end the first on that day.',
      where: supply.key,
    });
  }
}

/** A window of a commitment (instants, s) and the contract it belongs to. */
export interface CommitmentSpan {
  key: string;
  contract?: string;
  fromS: number;
  toS: number;
}

/** Pairs of commitments that run at the same time, the earlier first; `sameContract`: one contract is paid twice. */
export function commitmentOverlaps<T extends CommitmentSpan>(
  spans: readonly T[],
): { a: T; b: T; sameContract: boolean }[] {
  const sorted = [...spans].sort((a, b) => a.fromS - b.fromS);
  return sorted.flatMap((a, i) =>
    sorted
      .slice(i + 1)
      .filter((b) => b.fromS < a.toS)
      .map((b) => ({ a, b, sameContract: a.contract !== undefined && a.contract === b.contract })),
  );
}

function checkOwned(supply: OwnedSupply): void {
  unique(supply.tranches, `tranche of ${supply.key}`);
  priceSteps(supply.electricity, `${supply.key} electricity`);
  atLeast(supply.coloPerKwMonth, 0, `colocation price of ${supply.key}`);
  atLeast(supply.maintenanceShareOfCapexPerYear, 0, `maintenance share of ${supply.key}`);
  for (const tranche of supply.tranches) {
    const where = `${supply.key}, ${tranche.key}`;
    parseMonth(tranche.capexMonth, where);
    const inService = parseMonth(tranche.inServiceMonth, where);
    if (tranche.retireMonth !== undefined && parseMonth(tranche.retireMonth, where) <= inService) {
      endBeforeStart(where, tranche.inServiceMonth, tranche.retireMonth);
    }
    atLeast(tranche.chips, 0, `chips of ${where}`);
    atLeast(tranche.capexPerChip, 0, `purchase price of ${where}`, 'Prices are not negative.');
    if (!Number.isInteger(tranche.lifeMonths) || tranche.lifeMonths < 1) {
      refuse(
        'life',
        `${where} is written off over ${tranche.lifeMonths} months.`,
        'Give one or more whole months.',
        where,
      );
    }
    if (!(tranche.residualShare >= 0 && tranche.residualShare <= 1)) {
      refuse('residual', `The residual value of ${where} is ${tranche.residualShare} of capex.`, 'Give 0 to 1.', where);
    }
  }
}

function priceSteps(steps: readonly PriceStep[], where: string): void {
  const seen = new Map<number, number>();
  for (const step of steps) {
    const day = parseDate(step.validFrom, `prices of ${where}`);
    atLeast(step.price, 0, `price of ${where} from ${step.validFrom}`, 'Prices are not negative.');
    if (seen.has(day) && seen.get(day) !== step.price) {
      refuse(
        'price_twice',
        `${where} has two prices from ${step.validFrom}.`,
        'Keep one, or give them two dates.',
        where,
      );
    }
    seen.set(day, step.price);
  }
}

function unique(rows: readonly { key: string }[], what: string): Set<string> {
  const keys = new Set<string>();
  for (const row of rows) {
    if (keys.has(row.key))
      refuse('key_twice', `Two rows are the ${what} "${row.key}".`, 'Give each its own key.', row.key);
    keys.add(row.key);
  }
  return keys;
}

function finite(value: number, what: string): void {
  if (!Number.isFinite(value)) {
    refuse(
      'money_unknown',
      `The ${what} is unknown.`,
      'Give a value or leave the row out: unknown is not counted as 0.',
      what,
    );
  }
}

function atLeast(value: number, least: number, what: string, hint = `Give ${least} or more.`): void {
  finite(value, what);
  if (value < least) refuse('negative', `The ${what} is ${value}.`, hint, what);
}

function endBeforeStart(where: string, start: string, end: string): never {
  return refuse(
    'end_before_start',
    `${where} ends (${end}) before it starts (${start}).`,
    'Swap or correct the dates.',
    where,
  );
}

function refuse(code: string, message: string, hint: string, where: string): never {
  throw new FlopsheetError(code, message, { hint, where });
}
