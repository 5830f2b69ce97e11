/**
 * Schedules: values that change on dates, `schedule(2027-01: 4, 2027-07: 9)`. A value holds from its date until the next.
 * In vectors a schedule travels as the number of a text that spells its steps in base units.
 */
import { isoDate } from './dates.ts';
import type { FunctionDef, LibraryContext } from './function.ts';
import { base, productType, type NumberType } from '../quantity/dimension.ts';
import { ANY, type ValueType } from './types.ts';

const TIME: NumberType = { dimension: base('s'), kind: '' };

/** Start (days since 1970-01-01) and value (base units; null is unknown) of each step, by rising date. */
export type ScheduleSteps = readonly (readonly [day: number, value: number | null])[];

const PREFIX = 'schedule:';
const SECONDS_PER_DAY = 86_400;

/** The text that stands for a schedule. Values that are not finite are written as unknown. */
export function scheduleText(starts: readonly number[], values: readonly number[]): string {
  return `${PREFIX}${JSON.stringify(starts.map((start, i) => [start, values[i]]))}`;
}

let lastText = '';
let lastSteps: ScheduleSteps = [];

/** The steps a text of `scheduleText` spells; empty for any other text. */
export function scheduleSteps(text: string): ScheduleSteps {
  if (text === lastText) return lastSteps;
  const steps: ScheduleSteps = text.startsWith(PREFIX) ? (JSON.parse(text.slice(PREFIX.length)) as ScheduleSteps) : [];
  lastText = text;
  lastSteps = steps;
  return steps;
}

/** Value on a day, in the unit of the steps; NaN before the first step and where the step is unknown. */
export function scheduleAt(steps: ScheduleSteps, day: number): number {
  let value: number | null = null;
  for (const [start, next] of steps) {
    if (start > day) break;
    value = next;
  }
  return value ?? Number.NaN;
}

/**
 * Sum of value times seconds from one day (included) to another (not included); negative when `to` is before `from`.
 * NaN when a part of the period lies before the first step or in an unknown one.
 */
export function scheduleOver(steps: ScheduleSteps, from: number, to: number): number {
  if (to < from) return -scheduleOver(steps, to, from);
  if (to === from) return scheduleAt(steps, from) * 0;
  const first = steps[0];
  if (!first || first[0] > from) return Number.NaN;
  let sum = 0;
  steps.forEach(([start, value], i) => {
    const days = Math.min(to, steps[i + 1]?.[0] ?? to) - Math.max(from, start);
    if (days > 0) sum += (value ?? Number.NaN) * days * SECONDS_PER_DAY;
  });
  return sum;
}

/** A schedule as people read it, values divided by `scale`: `2027-01-01: 4, 2027-07-01: 9`. */
export function formatSchedule(text: string, scale: number, format: (value: number) => string): string {
  return scheduleSteps(text)
    .map(([day, value]) => `${isoDate(day)}: ${value === null ? 'unknown' : format(value / scale)}`)
    .join(', ');
}

function startsLater(steps: ScheduleSteps, day: number, context: LibraryContext): void {
  const first = steps[0];
  if (!first || first[0] <= day) return;
  context.because(`the schedule starts on ${isoDate(first[0])}, after ${isoDate(day)}`);
  context.because('add a step with an earlier date');
}

function valueType([schedule]: readonly ValueType[]): ValueType {
  return schedule?.is === 'schedule' ? { is: 'number', dimension: schedule.dimension, kind: schedule.kind } : ANY;
}

/** Functions that read schedules. */
export const SCHEDULE_FUNCTIONS: readonly FunctionDef[] = [
  {
    name: 'at',
    group: 'schedule',
    params: [
      { name: 'schedule', type: 'schedule' },
      { name: 'date', type: 'date' },
    ],
    result: 'the schedule’s values',
    resultType: valueType,
    doc: 'Value of a schedule on a date: that of the last step that has begun. Unknown before the first step.',
    example: 'at(schedule(2027-01: 4, 2027-07: 9), 2027-08-15)',
    compute: ([schedule, day], context) => {
      const steps = scheduleSteps(context.text(schedule as number));
      startsLater(steps, day as number, context);
      return scheduleAt(steps, day as number);
    },
  },
  {
    name: 'over',
    group: 'schedule',
    params: [
      { name: 'schedule', type: 'schedule' },
      { name: 'from', type: 'date', doc: 'first day' },
      { name: 'to', type: 'date', doc: 'the day after the last' },
    ],
    result: 'the schedule’s values × time',
    resultType: (args) => {
      const type = valueType(args);
      return type.is === 'number' ? { is: 'number', ...productType(type, TIME, 1) } : type;
    },
    doc: 'Sum of value × time of a schedule from one date to another: chips over a year are chip·h. Divide by the period for the average.',
    example: 'over(schedule(2027-01: 4 chip, 2027-07: 9 chip), 2027-01-01, 2028-01-01)',
    compute: ([schedule, from, to], context) => {
      const steps = scheduleSteps(context.text(schedule as number));
      startsLater(steps, Math.min(from as number, to as number), context);
      return scheduleOver(steps, from as number, to as number);
    },
  },
];
