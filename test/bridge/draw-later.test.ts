/** Spreads of large plans: views come at once, rows and totals are drawn between calls, each piece of work once. */
import { expect, test } from 'vitest';
import { createHandlers } from '../../src/bridge/handlers.ts';
import { openStore } from '../../src/store/open.ts';
import { Sampler } from '../../src/core/sheet/sample.ts';
import { totalNode } from '../../src/core/sheet/totals.ts';
import { sheetOf } from '../core/sheet/picture.ts';

const run = (i: number) => ({
  key: `r${i}`,
  params_total: '7B',
  tokens: '1T',
  hardware: 'h100-sxm',
  chips: '512',
  peak_flop_per_s: '989.4 TFLOP/s',
  mfu: '0.3 to 0.5',
  chip_hour_price: '2 to 3',
  ...(i === 3 ? { included: 'no' } : {}),
});

test('a view does not wait for spreads; they are there when the client is told, also those of totals', async () => {
  let now = Date.UTC(2026, 10, 25, 12);
  let ready = 0;
  const app = createHandlers({
    store: openStore(':memory:', { now, version: '0', app: 'flopsheet' }),
    host: 'memory',
    version: '0',
    author: 'ana',
    emit: (event) => void (event === 'sheet.ready' && ready++),
    now: () => (now += 1000),
  });
  const runs = Array.from({ length: 80 }, (_, i) => run(i));
  const file = JSON.stringify({ format: 'flopsheet-plan', version: 1, samples: 16_384, runs });
  const { plan } = await app['plans.create']({ file });
  const look = async () => {
    const columns = ['mfu', 'compute_cost'];
    const view = await app['sheet.view']({ plan, scenario: 'base', table: 'runs', columns, from: 0, count: 80 });
    return [view.rows[0]?.cells[0]?.spread, view.totals[1]?.spread];
  };
  expect(await look()).toEqual([undefined, undefined]);
  expect(await look()).toEqual([undefined, undefined]);
  await expect.poll(() => ready, { timeout: 20_000 }).toBe(2);
  const [cell, total] = await look();
  expect(cell?.p50).toBeCloseTo(0.39, 1);
  expect(total?.p10).toBeLessThan(total?.p50 ?? 0);
  expect(ready).toBe(2);
});

test('totals drawn together are what each alone is, sample by sample', () => {
  const head = 'key | params_total | tokens | hardware | chips | mfu | chip_hour_price | included';
  const rows = ['a', 'b', 'c'].map(
    (key) => `${key} | 7B | 1T | h100-sxm | 512 | 0.3 to 0.5 | 2 to 3 | ${key === 'b' ? 'no' : 'yes'}`,
  );
  const sheet = sheetOf({ runs: [head, ...rows].join('\n') });
  const settings = { samples: 256, seed: 3 };
  const together = new Sampler(sheet, settings);
  const table = sheet.state.tables.runs;
  const columns = table.columns.filter((column) => column.def.total && column.anyUncertain);
  expect(columns.length).toBeGreaterThan(3);
  for (const row of together.totals(table, columns)) void row;
  for (const column of columns) {
    const node = totalNode(sheet, 'runs', column);
    expect(together.node(node)).toEqual(new Sampler(sheet, settings).node(node));
  }
});
