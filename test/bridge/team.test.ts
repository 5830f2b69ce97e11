/** A team's folder or address beside one's own store: new, changed, changed on both sides, and what is never fetched. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Handlers, TeamItem } from '../../src/bridge/contract.ts';
import { createHandlers } from '../../src/bridge/handlers.ts';
import { planDifference } from '../../src/core/document/difference.ts';
import { applyCommands } from '../../src/core/document/apply.ts';
import { writePlanFile } from '../../src/core/document/plan-file.ts';
import { fetchTeamFile, readTeamFolder } from '../../src/import/team/read-team.ts';
import { openStore } from '../../src/store/open.ts';
import { planHash } from '../../src/store/plan-hash.ts';
import { seedCatalog } from '../../src/store/seed.ts';
import { Dice, randomCommand, randomPlan } from '../core/sheet/random-plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'flopsheet-team-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let app: Handlers;
let now = Date.UTC(2026, 10, 25);

const HEADER = 'chip,provider,class,commitment,usd_per_chip_hour,date,source\n';
const prices = (h100: string, h200: string): void =>
  writeFileSync(
    join(folder, 'prices.csv'),
    `${HEADER}h100-sxm,Our contract,neocloud,reserved_1y,${h100},2026-11-01,order 17\nh200-sxm,Our contract,neocloud,reserved_1y,${h200},2026-11-01,order 18\n`,
  );
const plan = (chips: string, name = 'Team plan'): void =>
  writeFileSync(
    join(folder, 'plans', 'base.json'),
    JSON.stringify({
      format: 'flopsheet-plan',
      version: 1,
      name,
      runs: [{ key: 'r1', params_total: '7B', tokens: '1T', hardware: 'h100-sxm', chips }],
    }),
  );

beforeAll(async () => {
  const store = openStore(':memory:', { now, version: '0', app: 'flopsheet' });
  seedCatalog(store.db, now);
  app = createHandlers({
    store,
    host: 'memory',
    version: '1',
    author: 'ana',
    emit: () => undefined,
    now: () => (now += 1000),
  });
  mkdirSync(join(folder, 'plans'));
  prices('2.10', '2.90');
  plan('512');
  await app['team.add']({ place: folder, mayFetch: false });
});

const states = async (): Promise<string[]> =>
  (await app['team.review']({ place: folder })).items.map(({ label, state }: TeamItem) => `${label}: ${state}`);
async function take(theirs: string[] = [], mine: string[] = []) {
  const { files } = await app['team.review']({ place: folder });
  const hashes = Object.fromEntries(files.map((file) => [file.name, file.sha256]));
  return app['team.take']({ place: folder, hashes, theirs, mine });
}
const H100 = 'Our contract h100-sxm reserved_1y';
const H200 = 'Our contract h200-sxm reserved_1y';

describe('a shared folder', () => {
  test('is taken once, then only what changed; what I changed too is a conflict until I decide', async () => {
    expect(await states()).toEqual([`${H100}: new`, `${H200}: new`, `Team plan: new`]);
    expect(await take()).toEqual({ taken: 3, conflicts: 0 });
    expect(await states()).toEqual([`${H100}: same`, `${H200}: same`, `Team plan: same`]);

    // Theirs alone changes: taken without asking, as one step that can be undone.
    prices('2.00', '2.90');
    plan('1024');
    expect(await states()).toEqual([`${H100}: update`, `${H200}: same`, `Team plan: update`]);
    expect(await take()).toEqual({ taken: 2, conflicts: 0 });
    const mine = (await app['plans.list']({}))[0]!;
    const cell = async () => JSON.parse((await app['plans.export']({ plan: mine.id })).text).runs[0].chips as string;
    expect([mine.revision, await cell()]).toEqual([1, '1024']);
    await app['plan.undo']({ plan: mine.id });
    expect(await cell()).toBe('512');
    await app['plan.redo']({ plan: mine.id });

    // Mine alone changes: nothing to take, and nothing of mine is lost.
    const base = (await app['plans.list']({}))[0]?.revision as number;
    await app['plan.change']({
      plan: mine.id,
      scenario: 'base',
      base,
      commands: [{ set: ['runs', 'r1', 'chips'], to: '768' }],
    });
    expect(await take()).toEqual({ taken: 0, conflicts: 0 });
    expect(await cell()).toBe('768');

    // Both change.
    plan('2048');
    const { items } = await app['team.review']({ place: folder });
    expect(items[2]).toMatchObject({ state: 'conflict', theirs: 'runs.r1.chips: 2048', yours: 'runs.r1.chips: 768' });
    expect(await take()).toEqual({ taken: 0, conflicts: 1 });
    expect(await cell()).toBe('768');
    expect(await take([], ['plan/plans/base.json'])).toEqual({ taken: 0, conflicts: 0 });
    expect((await states())[2]).toBe('Team plan: same');
    plan('4096');
    expect((await states())[2]).toBe('Team plan: conflict');
    expect(await take(['plan/plans/base.json'])).toEqual({ taken: 1, conflicts: 0 });
    expect(await cell()).toBe('4096');
  });

  test('a price I gave otherwise is a conflict; theirs becomes a revision above mine', async () => {
    prices('2.00', '2.75');
    await app['prices.add']({
      chip: 'h200-sxm',
      usdPerChipHour: 2.6,
      provider: 'Our contract',
      providerClass: 'neocloud',
      commitment: 'reserved_1y',
      asOf: '2026-11-01',
    });
    const conflict = (await app['team.review']({ place: folder })).items.find(({ state }) => state === 'conflict');
    expect(conflict).toMatchObject({
      label: H200,
      theirs: '2.75 USD per chip-hour, 2026-11-01',
      yours: '2.6 USD per chip-hour, 2026-11-01',
    });
    expect(await take([conflict!.id])).toEqual({ taken: 1, conflicts: 0 });
  });

  test('what was not looked at is not taken, and a bad file is a problem beside the good ones', async () => {
    const { files } = await app['team.review']({ place: folder });
    prices('1.00', '1.00');
    const hashes = Object.fromEntries(files.map((file) => [file.name, file.sha256]));
    await expect(app['team.take']({ place: folder, hashes, theirs: [], mine: [] })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    writeFileSync(join(folder, 'broken.json'), '{"format":');
    const review = await app['team.review']({ place: folder });
    expect(review.problems.map(({ where }) => where)[0]).toContain('broken.json');
    expect(review.items).toHaveLength(3);
    expect(() => readTeamFolder(join(folder, 'nothing'))).toThrow('cannot be read');
  });
});

describe('an address', () => {
  const answer = (body: string, init?: ResponseInit) => (async () => new Response(body, init)) as typeof fetch;
  const never: typeof fetch = () => Promise.reject(new Error('the network was used'));

  test('is fetched only when allowed, only over https, without passwords', async () => {
    await app['team.add']({ place: 'https://prices.example/prices.csv', mayFetch: false });
    await expect(app['team.review']({ place: 'https://prices.example/prices.csv' })).rejects.toMatchObject({
      code: 'TEAM',
      message: expect.stringContaining('not allowed') as unknown,
    });
    for (const place of [
      'http://prices.example/p.csv',
      'file:///etc/passwd',
      'https://ana:secret@prices.example/p.csv',
    ]) {
      await expect(Promise.resolve().then(() => app['team.add']({ place, mayFetch: true }))).rejects.toMatchObject({
        code: 'TEAM',
      });
      await expect(fetchTeamFile(place, never)).rejects.toMatchObject({ code: 'TEAM' });
    }
  });

  test('gives one file with its hash; a redirect, an error and a flood are refused', async () => {
    const at = 'https://prices.example/prices.csv';
    // sha256sum of "chip,price\n".
    expect(await fetchTeamFile(at, answer('chip,price\n'))).toEqual({
      name: 'prices.csv',
      text: 'chip,price\n',
      bytes: 11,
      sha256: '3300bb66922fed459bae759eb4fd65c91150d8644974a1f5a04b64b7040b47d8',
    });
    const moved = new Response(null, { status: 302, headers: { location: 'https://elsewhere.example/' } });
    await expect(fetchTeamFile(at, async () => moved)).rejects.toMatchObject({
      hint: expect.stringContaining('https://elsewhere.example/') as unknown,
    });
    await expect(fetchTeamFile(at, answer('', { status: 404 }))).rejects.toThrow('answers 404');
    let sent = 0;
    const flood = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1_000_000;
        controller.enqueue(new Uint8Array(1_000_000));
      },
    });
    await expect(fetchTeamFile(at, async () => new Response(flood))).rejects.toThrow('more than 20 MB');
    expect(sent).toBeLessThan(25_000_000);
  });
});

test('the difference of two plans, applied, gives the other, over random plans', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const dice = new Dice(seed);
    const from = randomPlan(dice, 1 + dice.below(6));
    let to = seed % 4 === 0 ? randomPlan(dice, 1 + dice.below(6)) : from;
    for (let i = 0; i < 8; i++) to = applyCommands(to, [randomCommand(dice, to, i)]).plan;
    const commands = planDifference(from, to);
    const got = commands.length > 0 ? applyCommands(from, commands).plan : from;
    expect(planHash(got), `seed ${seed}: ${writePlanFile(to)}`).toBe(planHash(to));
  }
});
