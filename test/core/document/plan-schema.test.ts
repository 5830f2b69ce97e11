import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planToJson, readPlan } from '../../../src/core/document/plan-file.ts';
import { planSchema } from '../../../src/core/plan/plan-schema.ts';

const FOLDER = new URL('../../../assets/', import.meta.url);
const published = JSON.parse(readFileSync(new URL('plan.schema.json', FOLDER), 'utf8')) as Schema;

interface Schema {
  readonly [key: string]: unknown;
}

/** What of a value a schema does not allow, as paths; the keywords our schema uses. */
function complaints(value: unknown, schema: Schema, path = '$'): string[] {
  if (typeof schema['$ref'] === 'string') {
    const name = schema['$ref'].split('/').at(-1) ?? '';
    return complaints(value, (published['definitions'] as Record<string, Schema>)[name] ?? {}, path);
  }
  if (Array.isArray(schema['anyOf'])) {
    const each = (schema['anyOf'] as Schema[]).map((own) => complaints(value, own, path));
    return each.some((own) => own.length === 0) ? [] : [`${path}: none of the forms`];
  }
  const found: string[] = [];
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const types = [schema['type'] ?? []].flat() as string[];
  if (types.length > 0 && !types.includes(kind) && !(types.includes('integer') && Number.isInteger(value)))
    found.push(`${path}: ${kind}`);
  if ('const' in schema && schema['const'] !== value) found.push(`${path}: const`);
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value)) found.push(`${path}: enum`);
  if (
    typeof value === 'number' &&
    (value < Number(schema['minimum'] ?? -Infinity) || value > Number(schema['maximum'] ?? Infinity))
  )
    found.push(`${path}: range`);
  if (Array.isArray(value)) {
    if (value.length < Number(schema['minItems'] ?? 0) || value.length > Number(schema['maxItems'] ?? Infinity))
      found.push(`${path}: length`);
    value.forEach((item, i) => found.push(...complaints(item, (schema['items'] ?? {}) as Schema, `${path}[${i}]`)));
  } else if (kind === 'object') {
    const own = value as Record<string, unknown>;
    for (const key of (schema['required'] ?? []) as string[]) if (!(key in own)) found.push(`${path}: no ${key}`);
    const known = (schema['properties'] ?? {}) as Record<string, Schema>;
    for (const [key, item] of Object.entries(own))
      found.push(
        ...complaints(item, known[key] ?? ((schema['additionalProperties'] ?? {}) as Schema), `${path}.${key}`),
      );
  }
  return found;
}

describe('the schema of plan files', () => {
  it('in assets is the one the planner gives (node scripts/write-plan-schema.ts)', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(planSchema())));
  });

  it.each(readdirSync(new URL('templates/', FOLDER)))('fits %s, as shipped and as written back', (name) => {
    const file: unknown = JSON.parse(readFileSync(new URL(`templates/${name}`, FOLDER), 'utf8'));
    expect(complaints(file, published)).toEqual([]);
    expect(complaints(JSON.parse(JSON.stringify(planToJson(readPlan(file).plan))), published)).toEqual([]);
  });

  it('finds what the reader refuses', () => {
    const plan = (own: object): object => ({ format: 'flopsheet-plan', version: 1, ...own });
    for (const wrong of [
      plan({ version: 2 }),
      plan({ seed: -1 }),
      plan({ runs: [{ name: 'no key' }] }),
      plan({ runs: [{ key: 'r1', tokens: { much: true } }] }),
      plan({ scenarios: [{ key: 's', commands: [{ paint: 'red' }] }] }),
      plan({ columns: [{ table: 'cars', id: 'x' }] }),
    ]) {
      expect(complaints(wrong, published)).not.toEqual([]);
      expect(() => readPlan(wrong)).toThrow();
    }
  });
});
