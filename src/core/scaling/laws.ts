import { FlopsheetError } from '../errors.ts';
import { DENSE_LAWS } from './laws-dense.ts';
import { MOE_LAWS } from './laws-moe.ts';
import { OTHER_LAWS } from './laws-other.ts';
import { withPublishedErrors } from './published-errors.ts';
import type { Law } from './types.ts';

/** The law library: every shipped law, in the order it is listed to people. */
export const LAWS: readonly Law[] = [...DENSE_LAWS.map(withPublishedErrors), ...MOE_LAWS, ...OTHER_LAWS];

/** `Hoffmann_A3_tex` and `hoffmann-a3-tex` are one name. */
function normalise(id: string): string {
  return id
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
}

/**
 * Finds a law by id or alias (case, spaces and underscores do not matter), first among `extra` (laws the user fitted and saved).
 * @throws FlopsheetError `law_unknown` that names the nearest ids.
 */
export function findLaw(id: string, extra: readonly Law[] = []): Law {
  const wanted = normalise(id);
  const all = [...extra, ...LAWS];
  const hit = all.find(
    (law) => normalise(law.id) === wanted || law.aliases?.some((alias) => normalise(alias) === wanted),
  );
  if (hit) return hit;
  const stem = wanted.replace(/[^a-z].*$/, '');
  const near = all.filter((law) => stem.length >= 3 && law.id.includes(stem)).map((law) => law.id);
  throw new FlopsheetError('law_unknown', `There is no scaling law called "${id}".`, {
    hint: near.length > 0 ? `Did you mean ${near.slice(0, 5).join(', ')}?` : 'List the laws with "law list".',
    where: id,
  });
}
