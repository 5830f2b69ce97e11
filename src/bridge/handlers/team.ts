/** What a team shares: places, what they hold beside what is here, and taking it. */
import { FlopsheetError } from '../../core/errors.ts';
import { checkedAddress, isAddress, readTeamFolder } from '../../import/team/read-team.ts';
import { createPlan } from '../../store/plans.ts';
import { putTeamSource, removeTeamSource, teamSources } from '../../store/team.ts';
import type { HandlersOf } from '../contract.ts';
import type { teamMethods, TeamResults } from '../contract/team.ts';
import { compareTeam, readTeam, takeTeam } from '../team.ts';
import type { HandlerContext } from './context.ts';

export function teamHandlers(context: HandlerContext): HandlersOf<typeof teamMethods, TeamResults> {
  const { now } = context.options;
  const compared = async (place: string) => {
    const source = teamSources(context.store.db).find((own) => own.place === place);
    if (!source) throw new FlopsheetError('NOT_FOUND', `${place} is not among the team’s places`, { where: place });
    return compareTeam(context.store.db, place, await readTeam(source, fetch));
  };
  return {
    'team.sources': () =>
      teamSources(context.store.db).map((source) => ({ ...source, isAddress: isAddress(source.place) })),
    'team.add': ({ place, mayFetch }) => {
      if (isAddress(place)) checkedAddress(place);
      else readTeamFolder(place);
      putTeamSource(context.writable(), { place, mayFetch: mayFetch && isAddress(place) }, now());
      return { added: true };
    },
    'team.remove': ({ place }) => {
      removeTeamSource(context.writable(), place);
      return { removed: true };
    },
    'team.review': async ({ place }) => {
      const { shared, ...review } = await compared(place);
      void shared;
      return review;
    },
    'team.take': async ({ place, hashes, theirs, mine }) => {
      const db = context.writable();
      const found = await compared(place);
      const other = found.files.find((file) => hashes[file.name] !== file.sha256);
      if (other)
        throw new FlopsheetError('CONFLICT', `${other.name} has changed since you looked`, {
          where: place,
          hint: 'look at it again, then take it',
        });
      const taken = takeTeam(
        db,
        found,
        { theirs, mine },
        {
          create: (plan) => createPlan(db, plan, now()),
          change: (id, commands, note) => {
            const session = context.session(id);
            return context.changed(id, session.change('base', session.revision, commands, note)).revision;
          },
        },
        now(),
      );
      context.forgetCatalog();
      return taken;
    },
  };
}
