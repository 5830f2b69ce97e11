/** Fitted laws as JSON in plan files and in the store: small enough to travel, checked when they come back. */
import { FlopsheetError } from '../errors.ts';
import { LAWS } from './laws.ts';
import { ADDITIVE_PARAMETERS } from './published-errors.ts';
import type { Law, LawDomain, LawUncertainty, Range } from './types.ts';

/** Draws lose nothing that shows at eight digits; lnA and alpha are so entangled that fewer would widen D/N. */
const DIGITS = 8;
const ALLOCATION_PARAMETERS = ['lnParamsCoef', 'paramsExponent', 'lnTokensCoef', 'tokensExponent'] as const;

const SHAPES = {
  additive: { constants: ['E', 'A', 'B', 'alpha', 'beta'], draws: ADDITIVE_PARAMETERS },
  allocation: {
    constants: ['paramsCoef', 'paramsExponent', 'tokensCoef', 'tokensExponent'],
    draws: ALLOCATION_PARAMETERS,
  },
} as const;

/** A fitted law under the key and name it is saved with, its draws rounded. */
export function savedLaw(law: Law, id: string, name: string): Law {
  return readLaw(lawToFile({ ...law, id, name }), id);
}

/** A law as JSON, each draw a line of its own. */
export function lawToFile(law: Law): Record<string, unknown> {
  const { uncertainty } = law;
  if (uncertainty?.kind !== 'draws') return { ...law };
  const draws = uncertainty.draws.map((row) => row.map((x) => String(Number(x.toPrecision(DIGITS)))).join(' '));
  return { ...law, uncertainty: { ...uncertainty, draws } };
}

/** A key for a law from its name: `7B ladder, fall` becomes `7b-ladder-fall`, with a number when taken. */
export function lawKey(name: string, taken: ReadonlySet<string>): string {
  const stem =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 48) || 'law';
  const used = new Set([...taken, ...LAWS.flatMap((law) => [law.id, ...(law.aliases ?? [])])]);
  for (let i = 1; ; i++) {
    const key = i === 1 ? stem : `${stem}-${i}`;
    if (!used.has(key)) return key;
  }
}

function bad(message: string, where: string): FlopsheetError {
  return new FlopsheetError('law_bad_file', message, {
    where,
    hint: 'Save the law again from the scaling lab, and export the plan anew.',
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function text(value: unknown, max = 500): string {
  return typeof value === 'string' ? value.slice(0, max) : '';
}

/**
 * Reads a fitted law from JSON; keys it does not know are dropped.
 * @throws FlopsheetError `law_bad_file` that names the place.
 */
export function readLaw(json: unknown, where: string): Law {
  if (!isObject(json)) throw bad('a law must be an object', where);
  const { id, name, equation } = json;
  if (typeof id !== 'string' || !/^[a-z0-9][a-z0-9-]{0,60}$/.test(id))
    throw bad('a law needs an "id" of small letters, digits and hyphens', where);
  if (equation !== 'additive' && equation !== 'allocation')
    throw bad(`law "${id}": "equation" must be additive or allocation`, where);
  const shape = SHAPES[equation];
  const given = isObject(json['constants']) ? json['constants'] : {};
  const constants: Record<string, number> = {};
  for (const constant of shape.constants) {
    const value = given[constant];
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
      throw bad(`law "${id}": constant ${constant} must be a number of at least 0`, where);
    constants[constant] = value;
  }
  const source = isObject(json['source']) ? json['source'] : {};
  return {
    id,
    name: text(name, 200) || id,
    task: 'dense',
    equation,
    formula: equation === 'additive' ? 'L = E + A / N^alpha + B / D^beta' : 'N* = k C^a, D* = m C^b',
    constants,
    uncertainty: readDraws(json['uncertainty'], shape.draws, id, where),
    uncertaintyNote: text(json['uncertaintyNote']),
    domain: readDomain(json['domain']),
    paramsConvention: 'as_given',
    lossUnit: text(json['lossUnit'], 100) || 'as given',
    source: { title: text(source['title']), reference: text(source['reference']), section: text(source['section']) },
    trust: 'C',
    verified: true,
    cautions: Array.isArray(json['cautions']) ? json['cautions'].slice(0, 10).map((caution) => text(caution)) : [],
  };
}

function readDraws(value: unknown, parameters: readonly string[], id: string, where: string): LawUncertainty | null {
  if (value === null || value === undefined) return null;
  const rows = isObject(value) && value['kind'] === 'draws' ? value['draws'] : undefined;
  const draws = Array.isArray(rows)
    ? rows.map((row: unknown): unknown => (typeof row === 'string' ? row.trim().split(/\s+/).map(Number) : row))
    : rows;
  if (
    !Array.isArray(draws) ||
    draws.length > 10_000 ||
    draws.some((row) => !Array.isArray(row) || row.length !== parameters.length || row.some((x) => !Number.isFinite(x)))
  )
    throw bad(`law "${id}": "uncertainty" must hold draws of ${parameters.join(', ')}`, where);
  return draws.length === 0 ? null : { kind: 'draws', parameters, draws: draws as number[][] };
}

function readDomain(value: unknown): LawDomain {
  const given = isObject(value) ? value : {};
  const domain: Record<string, Range | string> = {};
  for (const key of ['flop', 'params', 'tokens', 'tokensPerParam']) {
    const range = given[key];
    if (Array.isArray(range) && range.length === 2 && range.every((x) => Number.isFinite(x)))
      domain[key] = [range[0] as number, range[1] as number];
  }
  if (typeof given['note'] === 'string') domain['note'] = text(given['note']);
  return domain;
}
