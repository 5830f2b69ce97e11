/** The pieces from which the argument schemas of all methods are made. */
import * as v from 'valibot';
import { TABLE_IDS } from '../../core/document/plan.ts';

export const text = (max = 10_000) => v.pipe(v.string(), v.maxLength(max));
export const id = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
export const tableId = v.picklist(TABLE_IDS);
export const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const cellRef = v.strictObject({ table: tableId, row: id, column: id });
export const cellText = v.nullable(text(100_000));
export const cells = v.record(id, text(100_000));

export const rank = v.pipe(v.number(), v.minValue(-1), v.maxValue(1));
export const name = v.pipe(v.string(), v.minLength(1), v.maxLength(500));

/** Commands that scenarios may hold. */
const planCommands = [
  v.strictObject({ set: v.tuple([tableId, id, id]), to: cellText, from: v.optional(cellText) }),
  v.strictObject({
    row: v.tuple([tableId, id]),
    to: v.nullable(v.strictObject({ at: wholeNumber, cells })),
    from: v.optional(v.nullable(v.strictObject({ at: wholeNumber, cells }))),
  }),
  v.strictObject({
    column: v.tuple([tableId, id]),
    to: v.nullable(
      v.strictObject({
        label: v.optional(text(200)),
        unit: v.optional(text(100)),
        formula: v.optional(text()),
        note: v.optional(text()),
        format: v.optional(text(40)),
        marks: v.optional(text(2_000)),
      }),
    ),
  }),
  v.strictObject({
    settings: v.picklist(['name', 'currency', 'seed', 'samples']),
    to: v.union([text(300), v.number()]),
  }),
  v.strictObject({ correlation: v.tuple([name, name]), to: v.nullable(rank) }),
] as const;

export const commandSchema = v.union([
  ...planCommands,
  v.strictObject({
    scenario: id,
    to: v.nullable(
      v.strictObject({
        at: wholeNumber,
        scenario: v.strictObject({
          key: id,
          name: text(300),
          on: id,
          commands: v.pipe(v.array(v.union(planCommands)), v.maxLength(100_000)),
        }),
      }),
    ),
  }),
]);

export const planRef = v.strictObject({ plan: id });
export const scenarioRef = v.strictObject({ plan: id, scenario: id });
