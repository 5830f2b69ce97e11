/** JSON Schema (draft 7) of plan files, made from the same columns that sheet and reader use. */
import { BUILT_IN_COLUMNS } from './planner.ts';
import { TABLE_IDS, type TableId } from '../document/plan.ts';
import { PLAN_FORMAT, PLAN_VERSION } from '../document/plan-file.ts';

type Json = { readonly [key: string]: unknown };

/** A cell is text as typed; numbers and yes/no are read as the text that means the same. */
const CELL: Json = { type: ['string', 'number', 'boolean', 'null'] };

/**
 * The schema of a plan file of this version. Tables list their built-in columns with unit and meaning; columns of the
 * user's own and keys of newer versions are allowed, as the reader keeps them.
 */
export function planSchema(): Json {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Flopsheet plan',
    description:
      'A cell is text exactly as typed: a number with an optional unit ("15.6T", "2.49 USD/h"), a range ("0.36 to 0.44"), or a formula that starts with "=". Unknown keys are kept and reported.',
    type: 'object',
    required: ['format', 'version'],
    properties: {
      format: { const: PLAN_FORMAT },
      version: { type: 'integer', minimum: 1, maximum: PLAN_VERSION },
      name: { type: 'string' },
      summary: { type: 'string', description: 'What a template says of itself.' },
      currency: { type: 'string', description: 'ISO 4217 code; money columns are in this currency.' },
      seed: { type: 'integer', minimum: 0, maximum: 0xffffffff },
      samples: { type: 'integer', minimum: 16, maximum: 1_048_576 },
      ...Object.fromEntries(
        TABLE_IDS.filter((id) => id !== 'phases' && id !== 'mixture').map((id) => [
          id,
          { type: 'array', items: { $ref: `#/definitions/${id}` } },
        ]),
      ),
      columns: { type: 'array', items: { $ref: '#/definitions/column' } },
      scenarios: { type: 'array', items: { $ref: '#/definitions/scenario' } },
      correlations: {
        type: 'array',
        items: {
          type: 'object',
          required: ['a', 'b', 'rank'],
          properties: {
            a: { type: 'string', description: 'runs.r1.mfu, runs.*.mfu or assumptions.pue' },
            b: { type: 'string' },
            rank: { type: 'number', minimum: -1, maximum: 1, description: 'Spearman rank correlation.' },
          },
        },
      },
      laws: { type: 'array', items: { type: 'object' }, description: 'Fitted scaling laws that formulas name.' },
      origin: {
        type: 'object',
        description: 'Where a shared file was written: plan, revision, hash.',
        properties: { plan: { type: 'string' }, revision: { type: 'integer' }, hash: { type: 'string' } },
      },
      catalog: {
        type: 'array',
        description: 'Catalog rows the plan uses, for a place that does not have them.',
        items: { type: 'object', required: ['kind', 'key', 'name', 'fields'] },
      },
      sources: {
        type: 'object',
        additionalProperties: { type: 'integer', minimum: 0 },
        description: 'Sample dimension of every uncertain cell; left out, cells are numbered anew.',
      },
    },
    definitions: {
      ...Object.fromEntries(TABLE_IDS.map((id) => [id, rowSchema(id)])),
      column: {
        type: 'object',
        required: ['table', 'id'],
        description: 'A column of the user’s own, or the user’s formula for a built-in one.',
        properties: {
          table: { enum: TABLE_IDS },
          id: { type: 'string' },
          label: { type: 'string' },
          unit: { type: 'string' },
          formula: { type: 'string' },
          note: { type: 'string' },
        },
      },
      scenario: {
        type: 'object',
        required: ['key'],
        properties: {
          key: { type: 'string', minLength: 1 },
          name: { type: 'string' },
          on: { type: 'string', description: '"base", or the key of the scenario below.' },
          commands: { type: 'array', items: { $ref: '#/definitions/command' } },
        },
      },
      command: { anyOf: commandSchemas() },
    },
  };
}

function rowSchema(table: TableId): Json {
  const child = table === 'phases' || table === 'mixture';
  return {
    type: 'object',
    ...(child ? {} : { required: ['key'] }),
    properties: {
      key: { type: 'string', minLength: 1, description: 'Unique in its table; never changes.' },
      ...Object.fromEntries(
        BUILT_IN_COLUMNS.filter((column) => column.table === table && column.id !== 'key').map((column) => [
          column.id,
          {
            ...CELL,
            title: column.unit ? `${column.label} (${column.unit})` : column.label,
            description: [
              column.help,
              column.formula === undefined ? '' : `Computed unless given: ${column.formula}`,
              column.choices ? `One of ${column.choices.join(', ')}.` : '',
            ]
              .filter(Boolean)
              .join(' '),
          },
        ]),
      ),
      ...(table === 'runs'
        ? {
            phases: { type: 'array', items: { $ref: '#/definitions/phases' } },
            mixture: { type: 'array', items: { $ref: '#/definitions/mixture' } },
          }
        : {}),
    },
    additionalProperties: CELL,
  };
}

function commandSchemas(): Json[] {
  const address = (length: number): Json => ({
    type: 'array',
    minItems: length,
    maxItems: length,
    items: { type: 'string' },
  });
  const command = (word: string, length: number, to: Json | null): Json => ({
    type: 'object',
    required: to ? [word, 'to'] : [word],
    properties: { [word]: address(length), ...(to ? { to } : {}) },
  });
  return [
    command('set', 3, CELL),
    command('exclude', 2, null),
    command('include', 2, null),
    command('row', 2, { type: ['object', 'null'] }),
    command('column', 2, { type: ['object', 'null'] }),
    command('correlation', 2, { type: ['number', 'null'] }),
  ];
}
