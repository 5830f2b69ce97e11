/** The desk that asks a worker: each question once, answers told together, a crash answered and the rest gone on with. */
import { afterEach, expect, test, vi } from 'vitest';
import { SHIPPED_PREDICTOR_FIT } from '../../src/core/cluster/shipped.ts';
import { AnswerDesk, type AnswerWorker } from '../../src/bridge/answer-desk.ts';
import { createHandlers } from '../../src/bridge/handlers.ts';
import type { Computation, Question } from '../../src/core/formula/answers.ts';
import { openStore } from '../../src/store/open.ts';
import { seedCatalog } from '../../src/store/seed.ts';
import type { AnsweredQuestion, AskedQuestion } from '../../src/worker/answer.ts';

const DOUBLE: Computation<number, number> = { name: 'double', compute: (x) => 2 * x };
let serial = 0;
const question = (data: number): Question => ({ computation: DOUBLE, key: `test ${++serial} ${data}`, data });

class FakeWorker implements AnswerWorker {
  readonly asked: AskedQuestion[] = [];
  terminated = false;
  private message: (answered: AnsweredQuestion) => void = () => undefined;
  private error: (error: Error) => void = () => undefined;
  postMessage(asked: AskedQuestion): void {
    this.asked.push(asked);
  }
  on(event: 'message' | 'error', listener: never): void {
    if (event === 'message') this.message = listener;
    else this.error = listener;
  }
  terminate(): void {
    this.terminated = true;
  }
  answer(): void {
    const { key, data } = this.asked.at(-1) as AskedQuestion;
    this.message({ key, outcome: { answer: 2 * (data as number) } });
  }
  crash(): void {
    this.error(new Error('out of memory'));
  }
}

afterEach(() => vi.useRealTimers());

test('asks one question at a time and tells of many answers at once', () => {
  vi.useFakeTimers();
  const worker = new FakeWorker();
  const arrived = vi.fn();
  const desk = new AnswerDesk(
    arrived,
    () => undefined,
    () => worker,
  );
  const [a, b] = [question(1), question(2)];
  expect([desk.ask(a), desk.ask(b), desk.ask(a)]).toEqual([null, null, null]);
  expect(worker.asked.map(({ data }) => data)).toEqual([1]);
  worker.answer();
  worker.answer();
  expect([desk.ask(a), desk.ask(b), desk.open]).toEqual([{ answer: 2 }, { answer: 4 }, 0]);
  expect(arrived).not.toHaveBeenCalled();
  vi.advanceTimersByTime(200);
  expect(arrived).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(60_000);
  expect(worker.terminated).toBe(true);
});

test('who cannot wait computes it here; the worker is then not asked', () => {
  vi.useFakeTimers();
  const worker = new FakeWorker();
  const arrived = vi.fn();
  const desk = new AnswerDesk(
    arrived,
    () => undefined,
    () => worker,
  );
  const [a, b] = [question(1), question(2)];
  desk.ask(a);
  desk.ask(b);
  expect(desk.now(b)).toEqual({ answer: 4 });
  worker.answer();
  expect(worker.asked).toHaveLength(1);
  expect(desk.open).toBe(0);
});

test('a question that brings the worker down says so; the next goes to a fresh one', () => {
  const workers: FakeWorker[] = [];
  const faults: unknown[] = [];
  const desk = new AnswerDesk(
    () => undefined,
    (error) => faults.push(error),
    () => (workers.push(new FakeWorker()), workers.at(-1) as FakeWorker),
  );
  const [a, b] = [question(1), question(2)];
  desk.ask(a);
  desk.ask(b);
  workers[0]?.crash();
  expect(faults).toHaveLength(1);
  expect(desk.ask(a)).toMatchObject({ reasons: [expect.stringContaining('could not be computed')] });
  workers[1]?.answer();
  expect(desk.ask(b)).toEqual({ answer: 4 });
  desk.close();
  expect(workers[1]?.terminated).toBe(true);
});

test('a predicted run in a real worker: computing first, then the number that a script gets, and the clients hear of it', async () => {
  let now = Date.UTC(2026, 10, 25, 12);
  const store = openStore(':memory:', { now, version: '0', app: 'flopsheet' });
  seedCatalog(store.db, now);
  const events: { event: string; payload: unknown }[] = [];
  let desk: AnswerDesk | undefined;
  const options = { store, host: 'memory', version: '0', author: 'ana', now: () => (now += 1000) } as const;
  const ready = new Promise<void>((resolve) => {
    const emit = (event: string, payload: unknown): void => {
      events.push({ event, payload });
      if (event === 'sheet.ready') resolve();
    };
    const answers = (arrived: () => void): AnswerDesk =>
      (desk = new AnswerDesk(arrived, (error) => events.push({ event: 'fault', payload: error })));
    Object.assign(options, { emit, answers });
  });
  const app = createHandlers(options as never);
  const run = {
    key: 'r1',
    model: 'llama-3.1-405b',
    tokens: '15T',
    hardware: 'h100-sxm',
    chips: '16384',
    batch_tokens: '16777216',
    mfu_mode: 'predicted',
  };
  const file = JSON.stringify({ format: 'flopsheet-plan', version: 1, samples: 1024, runs: [run] });
  const { plan } = await app['plans.create']({ file });
  const look = async (handlers: typeof app) => {
    const columns = ['tokens_per_s_predicted', 'mfu', 'train_days'];
    const view = await handlers['sheet.view']({ plan, scenario: 'base', table: 'runs', columns, from: 0, count: 1 });
    return view.rows[0]!.cells;
  };
  expect((await look(app)).map(({ computing, value }) => [computing, value])).toEqual([
    [true, null],
    [true, null],
    [true, null],
  ]);
  await ready;
  const cells = await look(app);
  expect(events).toEqual([{ event: 'sheet.ready', payload: { plan, revision: 0 } }]);
  const script = createHandlers({ ...options, emit: () => undefined, answers: undefined } as never);
  expect(cells).toEqual(await look(script));
  // The fit's error on runs it has not seen is in the spread; MFU is a fraction, so its tails are a little uneven.
  const { low, high } = SHIPPED_PREDICTOR_FIT.bands.dense;
  const half = Math.exp((high - low) / 2);
  const { p10, p50, p90 } = cells[1]!.spread!;
  for (const side of [p90 / p50, p50 / p10]) expect(Math.abs(side / half - 1)).toBeLessThan(0.02);
  expect(cells[0]!.spread).toBeUndefined();
  desk?.close();
});
