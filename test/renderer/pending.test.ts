import { describe, expect, test } from 'vitest';
import { PendingCells, type CellName } from '../../renderer/grid/pending.ts';
import { failureOf } from '../../renderer/lib/client.ts';

const cell = (row: string): CellName => ({ scenario: 'base', table: 'runs', row, column: 'mfu' });

/** A host that answers when told to. */
function slowHost() {
  const waiting: { text: string; answer: (revision: number) => void; refuse: (error: unknown) => void }[] = [];
  const pending = new PendingCells(
    (_, text) => new Promise((answer, refuse) => waiting.push({ text, answer, refuse })),
    failureOf,
    () => undefined,
  );
  return { pending, waiting };
}

describe('texts on their way to the host', () => {
  test('a text shows until a view has it, not only until it is saved', async () => {
    const { pending, waiting } = slowHost();
    const done = pending.add(cell('r1'), '40%');
    expect(pending.get(cell('r1'))?.text).toBe('40%');
    waiting[0]?.answer(7);
    await done;
    pending.seen(6);
    expect(pending.get(cell('r1'))?.text).toBe('40%');
    pending.seen(7);
    expect(pending.all()).toEqual([]);
  });

  test('a refused text stays with its reason while other cells go on', async () => {
    const { pending, waiting } = slowHost();
    const first = pending.add(cell('r1'), 'mine');
    const second = pending.add(cell('r2'), 'other');
    waiting[0]?.refuse({ code: 'CONFLICT', message: 'changed meanwhile' });
    waiting[1]?.answer(3);
    expect((await first)?.failure?.code).toBe('CONFLICT');
    expect(await second).toBeNull();
    pending.seen(99);
    expect(pending.refused().map((one) => [one.cell.row, one.text])).toEqual([['r1', 'mine']]);
  });

  test('a newer text of the same cell is not undone by the answer to the older one', async () => {
    const { pending, waiting } = slowHost();
    const old = pending.add(cell('r1'), 'old');
    const fresh = pending.add(cell('r1'), 'new');
    waiting[0]?.refuse({ code: 'CONFLICT', message: 'late' });
    expect(await old).toBeNull();
    expect(pending.get(cell('r1'))).toMatchObject({ text: 'new', failure: null });
    waiting[1]?.answer(4);
    await fresh;
    pending.seen(4);
    expect(pending.all()).toEqual([]);
  });

  test('what did not reach the host is sent again, what it refused is not', async () => {
    const { pending, waiting } = slowHost();
    const lost = pending.add(cell('r1'), 'lost');
    const refused = pending.add(cell('r2'), 'refused');
    waiting[0]?.refuse({ code: 'HOST_LOST', message: 'not reached' });
    waiting[1]?.refuse({ code: 'LOCKED', message: 'approved' });
    await Promise.all([lost, refused]);
    pending.sendAgain();
    expect(waiting.map((one) => one.text)).toEqual(['lost', 'refused', 'lost']);
  });
});
