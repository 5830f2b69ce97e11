/**
 * A host that makes edit after edit through the handlers, as a page does, and prints its resident memory at two of them.
 * Arguments: store file, the edit to measure first at, the last edit, and `leak` for the twin, which keeps 100 kB of each
 * edit. With an undo now and then, edits of a scenario, and now and then the view a page asks for.
 */
import { statSync } from 'node:fs';
import { createHandlers } from '../../../src/bridge/handlers.ts';
import { openStore } from '../../../src/store/open.ts';
import { seedCatalog } from '../../../src/store/seed.ts';

const [file = '', from = '', to = '', twin] = process.argv.slice(2);
const store = openStore(file, { now: 0, version: '0.1.0', app: 'soak' });
seedCatalog(store.db, 0);
let clock = 0;
const handlers = createHandlers({
  store,
  host: 'memory',
  version: '0.1.0',
  author: 'soak',
  emit: () => undefined,
  now: () => ++clock,
});

const { plan } = await handlers['plans.create']({ template: '02-7b-1t-rented-h100' });
const info = await handlers['plans.open']({ plan });
let revision = info.revision;
const table = info.tables.find((one) => one.id === 'runs');
const shown = (table?.columns ?? []).map((column) => column.id);
const { scenario } = await handlers['scenario.add']({ plan, name: 'Dear', on: 'base' });
revision++;

const columns = ['tokens', 'mfu', 'chips', 'price_per_chip_hour', 'note'];
const text = (column: string, i: number): string =>
  ({ tokens: `${1 + (i % 20)}T`, mfu: `0.3 to 0.${40 + (i % 15)}`, chips: String(256 + (i % 64)), price_per_chip_hour: `${2 + (i % 7) / 10} USD/h`, note: `edit ${i}` })[column] ?? ''; // prettier-ignore

/** Resident memory in bytes, after a collection where the process allows one. */
function resident(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage.rss();
}

const kept: Uint8Array[] = [];
let before = 0;
/** Processor time of the edits just before the two measurements, in ms an edit. */
const LAST = 200;
let cpuFrom = process.cpuUsage();
let firstMs = 0;
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage(cpuFrom);
  return (user + system) / 1000 / LAST;
};
for (let i = 1; i <= Number(to); i++) {
  const column = columns[i % columns.length] ?? 'note';
  const result =
    i % 50 === 0
      ? await handlers['plan.undo']({ plan })
      : await handlers['plan.change']({
          plan,
          scenario: i % 10 === 0 ? scenario : 'base',
          base: revision,
          commands: [{ set: ['runs', 'r1', column], to: text(column, i) }],
        });
  ({ revision } = result);
  if (i % 100 === 0)
    await handlers['sheet.view']({ plan, scenario: 'base', table: 'runs', columns: shown, from: 0, count: 40 });
  if (twin === 'leak') kept.push(new Uint8Array(100_000).fill(1));
  if (i === Number(from) - LAST || i === Number(to) - LAST) cpuFrom = process.cpuUsage();
  if (i === Number(from)) {
    firstMs = cpuMs();
    before = resident();
  }
}
const lastMs = cpuMs();
const walBytes = statSync(`${store.path}-wal`).size;
console.log(JSON.stringify({ before, after: resident(), revision, walBytes, firstMs, lastMs }));
store.close();
