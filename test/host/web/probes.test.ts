import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECRET, startFixture, type Fixture } from './fixture.ts';
import { startNaive } from './naive.ts';
import { PROBES, type Target } from './probes.ts';

let fixture: Fixture;
let naive: Awaited<ReturnType<typeof startNaive>>;
let guarded: Target;
let open: Target;

beforeAll(async () => {
  fixture = await startFixture({ headersMs: 1_000, checkMs: 200 });
  naive = await startNaive(fixture.page);
  guarded = { port: fixture.host.port, cookie: await fixture.signIn(), secret: SECRET };
  open = { ...guarded, port: naive.port };
});
afterAll(async () => {
  await fixture.close();
  await naive.close();
});

test('the list is whole', () => expect(PROBES).toHaveLength(17));

describe.each(PROBES)('$name', ({ run, refusedBy }) => {
  test('is refused by the host', async () => expect(refusedBy).toContain(await run(guarded)));
  test('gets through where nothing is guarded', async () => expect(await run(open)).toBe(200));
});

test('the host still answers after all of them', async () => {
  const answer = await fixture.post('/api/call/plans.templates', {}, { Cookie: guarded.cookie });
  expect(await answer.json()).toEqual({ ok: true, result: [] });
});
