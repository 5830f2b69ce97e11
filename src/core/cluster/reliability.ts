import { FlopsheetError } from '../errors.ts';

/**
 * Failures, checkpoints and goodput of a job. All times in seconds unless named otherwise; rates per node-day.
 * Sources: Young 1974; Daly 2006; Kokolis et al. 2024 (arXiv 2410.21680) for node failure rates and ETTR.
 */

/** Mean time to failure of a job (h): 24 / (nodes x failures per node-day). Infinite at a rate of 0. */
export function jobMttfHours(nodes: number, failuresPerNodeDay: number): number {
  positive(nodes, 'nodes');
  notNegative(failuresPerNodeDay, 'failures per node-day');
  return failuresPerNodeDay === 0 ? Infinity : 24 / (nodes * failuresPerNodeDay);
}

/** Failures per node-day behind an observed count: interruptions / (nodes x days). */
export function failureRate(interruptions: number, nodes: number, days: number): number {
  notNegative(interruptions, 'interruptions');
  return interruptions / (positive(nodes, 'nodes') * positive(days, 'days'));
}

/** Mean time to interruption (h) when preemptions (per hour) come on top of failures: rates add. */
export function interruptionMttfHours(mttfHours: number, preemptionsPerHour: number): number {
  notNegative(preemptionsPerHour, 'preemptions per hour');
  const rate = 1 / positive(mttfHours, 'mean time to failure') + preemptionsPerHour;
  return rate === 0 ? Infinity : 1 / rate;
}

/** Young's checkpoint interval (s): sqrt(2 d M), d = blocking checkpoint time, M = job mean time to failure (both s). */
export function youngInterval(checkpointS: number, mttfS: number): number {
  return Math.sqrt(2 * notNegative(checkpointS, 'checkpoint time') * positive(mttfS, 'mean time to failure'));
}

/** Daly's checkpoint interval (s): Young's with higher-order terms less d while d < 2M, else M. */
export function dalyInterval(checkpointS: number, mttfS: number): number {
  const young = youngInterval(checkpointS, mttfS);
  if (checkpointS >= 2 * mttfS) return mttfS;
  if (mttfS === Infinity) return Infinity;
  const ratio = checkpointS / (2 * mttfS);
  return young * (1 + Math.sqrt(ratio) / 3 + ratio / 9) - checkpointS;
}

export interface JobTimes {
  /** blocking time of a checkpoint (s) */
  checkpointS: number;
  /** time to detect, replace and restart after a failure (s) */
  recoveryS: number;
  /** job mean time to failure (s) */
  mttfS: number;
  /** time between checkpoints (s); Young's if left out */
  intervalS?: number;
}

/**
 * Effective training time ratio 1 / (1 + d/tau + (R + tau/2)/M): share of wall time that makes progress. First order;
 * use `exactWallTime` where tau is not small against M.
 */
export function effectiveTrainingTimeRatio(job: JobTimes): number {
  const tau = intervalOf(job);
  if (tau === 0) return 1 / (1 + job.recoveryS / job.mttfS);
  const checkpoints = tau === Infinity ? 0 : job.checkpointS / tau;
  const lost = job.mttfS === Infinity ? 0 : (job.recoveryS + tau / 2) / job.mttfS;
  return 1 / (1 + checkpoints + lost);
}

/** What of the wall time is lost to what, as shares of productive time: checkpoints, recovery, work done again. */
export function lostShares(job: JobTimes): { checkpoint: number; recovery: number; rework: number } {
  const tau = intervalOf(job);
  const perFailure = job.mttfS === Infinity ? 0 : 1 / job.mttfS;
  return {
    checkpoint: tau === 0 || tau === Infinity ? 0 : job.checkpointS / tau,
    recovery: job.recoveryS * perFailure,
    rework: perFailure === 0 ? 0 : (tau / 2) * perFailure,
  };
}

/**
 * Expected wall time (s) of `workS` seconds of progress with exponential failures:
 * T = M e^(R/M) (e^((tau + d)/M) - 1) W / tau. Source: Daly 2006, eq. 13.
 */
export function exactWallTime(workS: number, job: JobTimes): number {
  const tau = intervalOf(job);
  const { mttfS, recoveryS, checkpointS } = job;
  notNegative(workS, 'work');
  if (mttfS === Infinity) return tau === Infinity ? workS : workS * (1 + checkpointS / tau);
  positive(tau, 'checkpoint interval');
  return (mttfS * Math.exp(recoveryS / mttfS) * Math.expm1((tau + checkpointS) / mttfS) * workS) / tau;
}

/** Chip-hours paid for beyond the ideal at an ETTR: ideal / ETTR - ideal. */
export function wastedChipHours(idealChipHours: number, ettr: number): number {
  if (!(ettr > 0 && ettr <= 1)) throw bad('effective training time ratio', ettr, 'Give a share above 0 and up to 1.');
  return notNegative(idealChipHours, 'ideal chip-hours') * (1 / ettr - 1);
}

/**
 * Spare nodes so that nodes in repair find one with the given confidence: the smallest k with
 * Poisson(nodes x failures per node-day x repair days) <= k.
 */
export function spareNodes(nodes: number, failuresPerNodeDay: number, repairDays: number, confidence = 0.99): number {
  const mean = positive(nodes, 'nodes') * notNegative(failuresPerNodeDay, 'rate') * notNegative(repairDays, 'repair');
  if (!(confidence > 0 && confidence < 1)) throw bad('confidence', confidence, 'Give a share between 0 and 1.');
  // Terms in logarithms: e^-mean underflows beyond a mean of 745.
  let logTerm = -mean;
  let below = Math.exp(logTerm);
  let k = 0;
  while (below < confidence && k < mean + 60 * Math.sqrt(mean + 1)) {
    k++;
    logTerm += Math.log(mean / k);
    below += Math.exp(logTerm);
  }
  return k;
}

function intervalOf(job: JobTimes): number {
  notNegative(job.checkpointS, 'checkpoint time');
  notNegative(job.recoveryS, 'recovery time');
  if (!(job.mttfS > 0)) throw bad('mean time to failure', job.mttfS, 'Give a time above 0.');
  const tau = job.intervalS ?? Math.sqrt(2 * job.checkpointS * job.mttfS);
  if (!(tau >= 0)) return Infinity;
  if (tau === 0 && job.checkpointS > 0) throw bad('checkpoint interval', tau, 'Give a time above 0.');
  return tau;
}

function positive(value: number, name: string): number {
  if (!(value > 0)) throw bad(name, value, 'Give a number above 0.');
  return value;
}

function notNegative(value: number, name: string): number {
  if (!(value >= 0)) throw bad(name, value, 'Give 0 or more.');
  return value;
}

function bad(name: string, value: number, hint: string): FlopsheetError {
  return new FlopsheetError('reliability_input', `The ${name} of a job is ${value}.`, { hint, where: name });
}
