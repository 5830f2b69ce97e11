import { readTeam, compareTeam, takeTeam } from '../../bridge/team.ts';
import type { TeamItem } from '../../bridge/contract/team.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { userName } from '../../host/user.ts';
import { appendChange, createPlan, loadPlan } from '../../store/plans.ts';
import type { Command } from '../command.ts';
import { openForWriting } from '../store.ts';
import { table } from '../table.ts';

export const teamCommand: Command = {
  name: 'team',
  usage: 'review PLACE | take PLACE [--theirs | --mine] [--allow-network]   (PLACE: a folder, or an https address)',
  summary: 'prices and plans a team shares: what is new, what conflicts, and taking it',
  flags: { theirs: { type: 'boolean' }, mine: { type: 'boolean' }, 'allow-network': { type: 'boolean' } },
  minPositionals: 2,
  async run(invocation) {
    const [action = '', place = ''] = invocation.positionals;
    if (action !== 'review' && action !== 'take')
      throw new FlopsheetError('ARG', `team has no action "${action}"`, { hint: 'review or take' });
    const { theirs, mine } = invocation.flags;
    if (theirs && mine) throw new FlopsheetError('ARG', '--theirs and --mine exclude each other', { where: '--mine' });
    const files = await readTeam({ place, mayFetch: invocation.flags['allow-network'] === true }, fetch);
    const store = openForWriting(invocation);
    try {
      const { db } = store;
      const found = compareTeam(db, place, files);
      const conflicts = found.items.filter(({ state }) => state === 'conflict').map(({ id }) => id);
      const done =
        action === 'review'
          ? { taken: 0, conflicts: conflicts.length }
          : takeTeam(
              db,
              found,
              { theirs: theirs ? conflicts : [], mine: mine ? conflicts : [] },
              {
                create: (plan) => createPlan(db, plan, Date.now()),
                change: (id, commands, note) =>
                  appendChange(
                    db,
                    id,
                    loadPlan(db, id).revision,
                    { commands, kind: 'edit', author: userName(), note },
                    Date.now(),
                  ).revision,
              },
              Date.now(),
            );
      const { shared, ...review } = found;
      void shared;
      if (invocation.json) invocation.print(JSON.stringify({ ...review, ...done }));
      else {
        for (const file of found.files) invocation.print(`${file.name}  ${file.bytes} bytes  sha256 ${file.sha256}`);
        const news = found.items.filter(({ state }) => state !== 'same');
        invocation.print(news.length === 0 ? 'nothing new' : table(['', 'What', 'Theirs', 'Yours'], news.map(line)));
        if (action === 'take') invocation.print(`taken: ${done.taken}`);
      }
      for (const { where, message, hint } of found.problems) invocation.warn(`${where}: ${message} ${hint}`);
      if (done.conflicts > 0)
        invocation.warn(`${done.conflicts} changed on both sides: take --theirs or keep --mine decides`);
      return done.conflicts > 0 ? 1 : 0;
    } finally {
      store.close();
    }
  },
};

function line({ state, label, theirs, yours }: TeamItem): string[] {
  return [state, label, theirs, yours];
}
