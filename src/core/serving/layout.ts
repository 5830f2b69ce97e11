import { FlopsheetError } from '../errors.ts';
import type { ServingProfile } from './profile.ts';

/** How one replica is spread over chips: attention is tensor parallel over `tp` in each of `dp` groups, layers over `pp`
 *  stages, experts over `ep` groups of `moeTp` chips (ep * moeTp = tp * dp). */
export interface ServingLayout {
  readonly tp: number;
  readonly dp: number;
  readonly pp: number;
  readonly ep: number;
  readonly moeTp: number;
}

/** Chips of one replica. */
export const chipsOfReplica = (l: ServingLayout): number => l.tp * l.dp * l.pp;

/** A layout from what is given; experts follow the attention's tensor parallelism unless `ep` says otherwise. */
export function servingLayout(given: Partial<ServingLayout> & { readonly tp: number }): ServingLayout {
  const dp = given.dp ?? 1;
  const width = given.tp * dp;
  const ep = given.ep ?? (dp > 1 ? width : 1);
  return { tp: given.tp, dp, pp: given.pp ?? 1, ep, moeTp: given.moeTp ?? width / ep };
}

/** Checks that degrees are whole, fit together and fit the model. Throws `serving-layout` saying which. */
export function checkServingLayout(p: ServingProfile, l: ServingLayout): void {
  const fail = (message: string, where: string, hint: string): never => {
    throw new FlopsheetError('serving-layout', message, { where, hint });
  };
  for (const [name, value] of Object.entries(l))
    if (!Number.isInteger(value) || value < 1)
      fail(`${name} is ${value}: a degree is a whole number from 1.`, name, 'Use 1, 2, 4, 8…');
  if (p.hasExperts && l.ep * l.moeTp !== l.tp * l.dp)
    fail(
      `${l.ep} expert groups of ${l.moeTp} chips are not the ${l.tp * l.dp} chips of tp ${l.tp} and dp ${l.dp}.`,
      'ep',
      `Choose ep so that it divides ${l.tp * l.dp}.`,
    );
  if (l.pp > p.layerCount)
    fail(`${l.pp} stages are more than the model's ${p.layerCount} layers.`, 'pp', 'Use fewer stages.');
  if (p.hasExperts && l.ep > p.maxExperts)
    fail(`${l.ep} expert groups are more than the model's ${p.maxExperts} experts.`, 'ep', 'Use a smaller ep.');
}
