import type { SavedLaw, ScalingSubjects } from '../../../src/bridge/contract.ts';
import { parseCount } from '../../../src/core/scaling/columns.ts';
import { findLaw, lawPoint, LAWS, lossFunction, type Law, type LawPoint } from '../../../src/core/scaling/index.ts';
import { failureOf, type Client } from '../../lib/client.ts';
import { readPref, writePref } from '../../lib/prefs.svelte.ts';
import type { OpenPlan } from '../../app/plan.svelte.ts';
import { plain } from './numbers.ts';
import { chipRate, PRICING_COLUMNS, pricingRuns, TAKEN_COLUMNS, type PricingRun, type Rate } from './pricing.ts';

export type BudgetUnit = 'flop' | 'money' | 'chip_hours';

export interface ScalingForm {
  law: string;
  /** As typed: 1e24, 5M. */
  budget: string;
  unit: BudgetUnit;
  /** `run:KEY` of the plan or `chip:KEY` of the catalog. */
  priced: string;
  /** Percent of peak, for a chip. */
  mfu: number;
  /** Chips that run it together. */
  chips: number;
  /** Price of a chip-hour in USD; 0: the catalog's. */
  price: number;
  /** Size over the optimal one, as a power of two. */
  sizePower: number;
  /** Distinct tokens there are, in T; 0: no limit. */
  unique: number;
  /** Tokens over the model's life, in T. */
  readTokens: number;
  writtenTokens: number;
  /** Percent of peak while it writes. */
  serveMfu: number;
}

const USUAL: ScalingForm = {
  law: 'besiroglu2024',
  budget: '1e24',
  unit: 'flop',
  priced: 'chip:h100-sxm',
  mfu: 40,
  chips: 1024,
  price: 0,
  sizePower: -1,
  unique: 1,
  readTokens: 5,
  writtenTokens: 1,
  serveMfu: 10,
};

/** Budgets the slider spans, as powers of ten. */
export const SLIDER = { low: 18, high: 28 } as const;

/** Names as people type them: case, spaces and signs do not matter. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '');

/** Everything the scaling screen knows. */
export class ScalingLab {
  form = $state<ScalingForm>({ ...USUAL, ...readPref<Partial<ScalingForm>>('scaling', {}) });
  subjects = $state.raw<ScalingSubjects | null>(null);
  /** Laws the user fitted, and those the plan brought. */
  saved = $state.raw<readonly SavedLaw[]>([]);
  readonly own = $derived(this.saved.map((law): Law => ({ ...law.law, name: law.name })));
  runs = $state.raw<readonly PricingRun[]>([]);
  failure = $state('');
  /** A place pressed on the loss surface. */
  picked = $state.raw<{ readonly params: number; readonly tokens: number } | null>(null);
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
    void client
      .call('scaling.subjects', {})
      .then((subjects) => (this.subjects = subjects))
      .catch((error: unknown) => (this.failure = failureOf(error).message));
  }

  /** Reads what runs of the plan cost; a plan without runs leaves the chips. */
  async readRuns(plan: OpenPlan | null): Promise<void> {
    if (plan === null) return void (this.runs = []);
    try {
      const view = await this.client.call('sheet.view', {
        plan: plan.id,
        scenario: plan.scenario,
        table: 'runs',
        columns: [...PRICING_COLUMNS, ...TAKEN_COLUMNS],
        from: 0,
        count: 500,
      });
      this.runs = pricingRuns(view, plan.info.currency);
    } catch (error) {
      this.failure = failureOf(error).message;
    }
  }

  /** Reads the saved laws, and those of the plan. */
  async readLaws(plan: OpenPlan | null): Promise<void> {
    try {
      this.saved = await this.client.call('scaling.laws', plan === null ? {} : { plan: plan.id });
    } catch (error) {
      this.failure = failureOf(error).message;
    }
  }

  readonly laws = $derived([...this.own, ...LAWS].filter((law) => law.task === 'dense'));
  readonly law = $derived.by((): Law => {
    try {
      return findLaw(this.form.law, this.own);
    } catch {
      return findLaw(USUAL.law);
    }
  });
  readonly hasLoss = $derived(lossFunction(this.law) !== null);
  readonly run = $derived(
    this.form.priced.startsWith('run:') ? (this.runs.find((r) => `run:${r.key}` === this.form.priced) ?? null) : null,
  );
  readonly chip = $derived(
    this.subjects?.chips.find((c) => `chip:${c.key}` === this.form.priced) ??
      (this.run === null ? (this.subjects?.chips.find((c) => c.key === 'h100-sxm') ?? null) : null),
  );
  readonly rate = $derived.by((): Rate | null => {
    if (this.run !== null) return this.run.rate;
    return this.chip === null ? null : chipRate(this.chip, this.form.mfu / 100, this.form.price);
  });
  /** FLOP of one of the unit the budget is typed in; null when it cannot be said. */
  readonly flopPerUnit = $derived.by((): number | null => {
    const { unit } = this.form;
    if (unit === 'flop') return 1;
    if (this.rate === null) return null;
    if (unit === 'chip_hours') return this.rate.flopPerChipHour;
    return this.rate.costPerFlop === null ? null : 1 / this.rate.costPerFlop;
  });
  /** The published run of a budget such as `10x GPT-4`. */
  readonly multipleOf = $derived.by(() => {
    const found = /^\s*([\d.]+(?:e[+-]?\d+)?)\s*[x×]\s*(.+?)\s*$/i.exec(this.form.budget);
    if (!found) return null;
    const run = this.subjects?.runs.find((own) => plainName(own.name) === plainName(found[2] ?? ''));
    return { times: Number(found[1]), name: found[2] ?? '', run: run ?? null };
  });
  readonly flop = $derived.by((): number => {
    if (this.multipleOf !== null) return this.multipleOf.times * (this.multipleOf.run?.flop ?? Number.NaN);
    const typed = parseCount(this.form.budget.replace(/\s*(FLOP|USD|EUR|chip·h|h)$/i, ''));
    return this.flopPerUnit === null ? Number.NaN : typed * this.flopPerUnit;
  });

  /** Why nothing can be answered; empty when something can. */
  readonly problem = $derived.by((): string => {
    if (this.failure !== '') return this.failure;
    if (this.multipleOf !== null && this.multipleOf.run === null)
      return this.subjects === null
        ? ''
        : `No published run is called “${this.multipleOf.name}”. Find its name under Compute multiples, as in 10x GPT-4.`;
    if (this.multipleOf === null && this.flopPerUnit === null)
      return this.subjects === null
        ? ''
        : `${this.form.unit === 'money' ? 'Money' : 'Chip-hours'} cannot be turned into FLOP: ${
            this.run !== null && this.run.rate === null
              ? 'the run has no known FLOP and chip-hours. Choose another run, or a chip.'
              : this.chip !== null && !(this.form.mfu > 0 && this.form.mfu <= 100)
                ? 'MFU is a percentage above 0 and up to 100.'
                : 'there is no price. Type one, or choose another chip.'
          }`;
    if (!(this.flop > 0) || !Number.isFinite(this.flop))
      return 'The budget is a positive number or a multiple of a published run, as in 1e24, 5M or 10x GPT-4.';
    if (this.flop < 1e10 || this.flop > 1e40) return 'The budget is outside 1e10 to 1e40 FLOP: check its unit.';
    return '';
  });

  readonly point = $derived.by((): LawPoint | null => {
    if (this.problem !== '' || !(this.flop > 0)) return null;
    try {
      return lawPoint(this.law, { flop: this.flop });
    } catch {
      return null;
    }
  });

  /**
   * The budget as formulas write it: FLOP, or money and chip-hours through a run of the plan, so that the pinned run follows
   * when that run's price or speed changes.
   */
  readonly expression = $derived.by((): string => {
    const { unit } = this.form;
    const run = this.run;
    if (
      this.multipleOf !== null ||
      unit === 'flop' ||
      run === null ||
      run.rate === null ||
      !/^[a-z][a-z0-9_]*$/i.test(run.key)
    )
      return `${plain(this.flop)} FLOP`;
    const amount = plain(this.flop / (this.flopPerUnit ?? 1));
    const of = `runs.${run.key}`;
    return unit === 'money'
      ? `${amount} ${run.rate.currency} * ${of}.train_flop / ${of}.total_cost`
      : `${amount} chip·h * ${of}.train_flop / ${of}.chip_hours`;
  });

  /** Sets the budget to so much FLOP, in the unit it is typed in. */
  setFlop(flop: number): void {
    if (this.flopPerUnit === null) return;
    const value = Number((flop / this.flopPerUnit).toPrecision(3));
    this.form.budget = value >= 1e6 ? value.toExponential().replace('e+', 'e') : String(value);
  }

  remember(): void {
    writePref('scaling', $state.snapshot(this.form));
  }
}
