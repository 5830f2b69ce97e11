/** Runs a budget could become: the optimum, another size, few data, a long life. Plain data for the table and the pin. */
import {
  dataLimitedOptimum,
  inferenceAwareOptimum,
  overTraining,
  type Law,
  type LawPoint,
} from '../../../src/core/scaling/index.ts';
import type { ScalingForm } from './lab.svelte.ts';
import type { PinnedPoint } from './pin.ts';
import type { Rate } from './pricing.ts';
import { count, flopText, plain } from './numbers.ts';
import { formatNumber, formatPercent } from '../../lib/format.ts';

export interface Answer {
  readonly id: 'optimum' | 'size' | 'data' | 'life' | 'picked';
  readonly label: string;
  readonly params: number;
  readonly tokens: number;
  readonly flop: number;
  readonly loss: number | null;
  /** What the choice costs or saves, in words. */
  readonly says: string;
  readonly pin: PinnedPoint;
}

/** An answer that the law cannot give, with the reason. */
export interface NoAnswer {
  readonly id: Answer['id'];
  readonly label: string;
  readonly why: string;
}

const times = (factor: number): string => `${formatNumber(factor, factor < 10 ? 2 : 1)} ×`;

function optimum(law: Law, flop: number, budget: string, point: LawPoint): Answer {
  return {
    id: 'optimum',
    label: 'Compute-optimal',
    params: point.paramsOpt,
    tokens: point.tokensOpt,
    flop,
    loss: point.lossOpt,
    says: point.ci
      ? `${Math.round(point.ci.level * 100)} %: ${count(point.ci.paramsOpt.low)} to ${count(point.ci.paramsOpt.high)} parameters, ${formatNumber(point.ci.tokensPerParam.low, 1)} to ${formatNumber(point.ci.tokensPerParam.high, 1)} tokens per parameter${point.ci.loss ? `, loss ${formatNumber(point.ci.loss.low, 3)} to ${formatNumber(point.ci.loss.high, 3)}` : ''}`
      : law.uncertaintyNote,
    pin: {
      name: `Optimum of ${flopText(flop)} FLOP`,
      cells: {
        params_total: `=optimal_params(${budget}, "${law.id}")`,
        tokens: `=optimal_tokens(${budget}, "${law.id}")`,
        scaling_law: law.id,
      },
      note: `from the scaling lab: optimum of ${budget} under ${law.id}`,
    },
  };
}

function otherSize(law: Law, flop: number, budget: string, power: number): Answer {
  const factor = 2 ** power;
  const at = overTraining(law, flop, { factor });
  return {
    id: 'size',
    label: `${times(factor)} the optimal size`,
    params: at.params,
    tokens: at.tokens,
    flop,
    loss: at.loss,
    says:
      at.lossPenalty < 0
        ? `loss ${formatNumber(-at.lossPenalty, 4)} below the optimum: the sizes this law prints are not those of its own least loss`
        : `loss ${formatNumber(at.lossPenalty, 4)} above the optimum: ${formatPercent(at.computeOverhead)} more compute than that loss needs, ${formatPercent(Math.abs(1 - factor))} ${factor <= 1 ? 'less' : 'more'} to serve`,
    pin: {
      name: `${times(factor)} optimal size, ${flopText(flop)} FLOP`,
      cells: {
        params_total: `=${plain(factor)} * optimal_params(${budget}, "${law.id}")`,
        tokens: `=optimal_tokens(${budget}, "${law.id}") / ${plain(factor)}`,
        scaling_law: law.id,
      },
      note: `from the scaling lab: ${plain(factor)} times the optimal size of ${budget} under ${law.id}`,
    },
  };
}

function fewData(law: Law, flop: number, budget: string, uniqueT: number): Answer {
  const unique = uniqueT * 1e12;
  const best = dataLimitedOptimum(law, flop, unique);
  const args = `${budget}, ${plain(unique)} token, "${law.id}"`;
  const passes = best.epochs > 1;
  return {
    id: 'data',
    label: `With ${count(unique)} distinct tokens`,
    params: best.params,
    tokens: best.tokens,
    flop: 6 * best.params * best.tokens,
    loss: best.loss,
    says: `${formatNumber(best.epochs, 2)} passes over them, loss ${formatNumber(best.loss - best.lossUnconstrained, 4)} above unlimited data${best.saturated ? '; more compute would not help' : ''}${best.warnings.length > 0 ? `. ${best.warnings.map((w) => w.message).join(' ')}` : ''}`,
    pin: {
      name: `${count(unique)} distinct tokens, ${flopText(flop)} FLOP`,
      cells: {
        params_total: `=data_limited_params(${args})`,
        tokens: passes ? plain(unique) : `=data_limited_tokens(${args})`,
        ...(passes ? { epochs: `=data_limited_tokens(${args}) / tokens` } : {}),
        scaling_law: law.id,
      },
      note: `from the scaling lab: optimum of ${budget} with ${plain(unique)} distinct tokens under ${law.id}`,
    },
  };
}

function longLife(law: Law, point: LawPoint, budget: string, form: ScalingForm, rate: Rate | null): Answer {
  const demand = { inputTokens: form.readTokens * 1e12, outputTokens: form.writtenTokens * 1e12 };
  // A FLOP costs what its share of the peak makes it: prompts run as well as training, writing does not.
  const slow = rate?.mfu && form.serveMfu > 0 ? rate.mfu / (form.serveMfu / 100) : 1;
  const best = inferenceAwareOptimum(law, { likeOptimalParams: point.paramsOpt }, demand, {
    usdPerTrainFlop: 1,
    usdPerInputFlop: 1,
    usdPerOutputFlop: slow,
  });
  const serving = (demand.inputTokens + slow * demand.outputTokens) / (demand.inputTokens + demand.outputTokens || 1);
  const args = `"${law.id}", optimal_loss(${budget}, "${law.id}"), ${plain(demand.inputTokens)} token, ${plain(demand.outputTokens)} token, 1, ${plain(serving)}`;
  const cost = rate?.costPerFlop ? `, ${count(best.total * rate.costPerFlop)} ${rate.currency} with serving` : '';
  return {
    id: 'life',
    label: `Served ${count(demand.inputTokens + demand.outputTokens)} tokens`,
    params: best.params,
    tokens: best.tokens,
    flop: best.trainFlop,
    loss: best.loss,
    says: `same loss as the optimum; training and serving together ${formatPercent(Math.abs(best.change))} ${best.change <= 0 ? 'cheaper' : 'dearer'}${cost}, ${times(best.tokensRatio)} the tokens`,
    pin: {
      name: `For ${count(demand.inputTokens + demand.outputTokens)} tokens served`,
      cells: {
        params_total: `=lifetime_optimal_params(${args})`,
        tokens: `=lifetime_optimal_tokens(${args})`,
        scaling_law: law.id,
      },
      note: `from the scaling lab: cheapest over its life, quality of the optimum of ${budget} under ${law.id}`,
    },
  };
}

/** A place pressed on the surface: numbers of its own, marked as chosen by hand. */
function pickedPoint(law: Law, at: { params: number; tokens: number }, loss: number, best: number): Answer {
  const flop = 6 * at.params * at.tokens;
  return {
    id: 'picked',
    label: 'Picked on the surface',
    params: at.params,
    tokens: at.tokens,
    flop,
    loss,
    says: `loss ${formatNumber(loss - best, 4)} above the optimum of the budget`,
    pin: {
      name: `${count(at.params)} on ${count(at.tokens)} tokens`,
      cells: { params_total: plain(at.params, 3), tokens: plain(at.tokens, 3), scaling_law: law.id },
      note: `from the scaling lab: picked by hand on the loss surface of ${law.id}`,
    },
  };
}

/** Every answer the law can give at this budget, and why it cannot give the others. */
export function answers(
  law: Law,
  point: LawPoint,
  /** The budget as formulas write it. */
  budget: string,
  form: ScalingForm,
  rate: Rate | null,
  picked: { readonly params: number; readonly tokens: number } | null,
  loss: ((params: number, tokens: number) => number) | null,
): (Answer | NoAnswer)[] {
  const attempt = (id: Answer['id'], label: string, make: () => Answer): Answer | NoAnswer => {
    try {
      return make();
    } catch (error) {
      const { message, hint } = error as { message: string; hint?: string };
      return { id, label, why: `${message} ${hint ?? ''}` };
    }
  };
  const list: (Answer | NoAnswer)[] = [
    optimum(law, point.flop, budget, point),
    attempt('size', 'Another size', () => otherSize(law, point.flop, budget, form.sizePower)),
  ];
  if (form.unique > 0) list.push(attempt('data', 'With few data', () => fewData(law, point.flop, budget, form.unique)));
  if (form.readTokens + form.writtenTokens > 0)
    list.push(attempt('life', 'Over its life', () => longLife(law, point, budget, form, rate)));
  if (picked && loss && point.lossOpt !== null)
    list.push(pickedPoint(law, picked, loss(picked.params, picked.tokens), point.lossOpt));
  return list;
}
