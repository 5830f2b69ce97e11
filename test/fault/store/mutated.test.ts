import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FlopsheetError } from '../../../src/core/errors.ts';
import { listCatalog, putUserRow } from '../../../src/store/catalog.ts';
import { connect } from '../../../src/store/database.ts';
import { fullCheck } from '../../../src/store/integrity.ts';
import { openStore } from '../../../src/store/open.ts';
import { appendChange, createPlan, listPlans, loadPlan } from '../../../src/store/plans.ts';
import { salvageStore } from '../../../src/store/salvage.ts';
import { NOW, VERSION, codeOf, edit, samplePlan, setCell } from '../../store/fixtures.ts';

const FILES = process.env['FLOPSHEET_FAULT_LONG'] ? 2000 : 200;

let folder: string;
let file: string;
let plan: string;
let sound: Buffer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flopsheet-mutated-'));
  file = join(folder, 'store.db');
  const store = openStore(file, { now: NOW, version: VERSION });
  plan = createPlan(store.db, samplePlan(), NOW);
  for (let i = 0; i < 60; i++)
    appendChange(store.db, plan, i, edit(setCell('chips', String(i)), setCell('note', 'n'.repeat(i * 11))), NOW + i);
  putUserRow(store.db, { kind: 'hardware', name: 'Our ASIC', fields: { tdp_w: 400 } }, NOW);
  store.close();
  sound = readFileSync(file);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A small seeded generator: the same damage every run. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function damage(n: number): Buffer {
  const pick = generator(n * 7919 + 1);
  const bytes = Buffer.from(sound);
  switch (n % 6) {
    case 0:
      for (let i = 0; i < 1 + pick(20); i++) bytes[pick(bytes.length)] = pick(256);
      return bytes;
    case 1: {
      const page = pick(bytes.length / 4096);
      return bytes.fill(pick(2) ? 0 : 0xff, page * 4096, (page + 1) * 4096);
    }
    case 2:
      return bytes.subarray(0, pick(bytes.length));
    case 3:
      for (let i = 0; i < 8; i++) bytes[pick(100)] = pick(256);
      return bytes;
    case 4: {
      const [a, b] = [pick(bytes.length / 4096), pick(bytes.length / 4096)];
      bytes.copy(bytes, a * 4096, b * 4096, (b + 1) * 4096);
      return bytes;
    }
    default: {
      const page = pick(bytes.length / 4096);
      for (let i = 0; i < 12; i++) bytes[page * 4096 + pick(64)] = pick(256);
      return bytes;
    }
  }
}

/** Everything the app does with a store at start. Returns the code of the error, or an empty string. */
function use(path: string): string {
  try {
    const store = openStore(path, { now: NOW, version: VERSION });
    try {
      const report = fullCheck(store.db);
      for (const { id } of listPlans(store.db)) loadPlan(store.db, id);
      listCatalog(store.db, 'hardware');
      return report.ok ? '' : 'found';
    } finally {
      store.close();
    }
  } catch (cause) {
    if (cause instanceof FlopsheetError) return cause.code;
    throw cause;
  }
}

describe('a database somebody or something damaged', () => {
  it(`is an error with a code or a finding, never a crash, ${FILES} times`, { timeout: FILES * 2000 }, () => {
    const outcomes: Record<string, number> = {};
    for (let n = 0; n < FILES; n++) {
      const path = join(folder, `m${n}.db`);
      writeFileSync(path, damage(n));
      const started = Date.now();
      let outcome: string;
      try {
        outcome = use(path);
      } catch (cause) {
        throw new Error(`damage ${n} gave an error without a code: ${String(cause)}`, { cause });
      }
      expect(Date.now() - started, `damage ${n}`).toBeLessThan(10_000);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (outcome !== '' && n % 10 === 1) {
        try {
          salvageStore(path, { version: VERSION, now: NOW });
          expect(use(path), `salvaged ${n}`).toBe('');
        } catch (cause) {
          if (!(cause instanceof FlopsheetError))
            throw new Error(`salvage of damage ${n} gave an error without a code: ${String(cause)}`, { cause });
          throw cause;
        }
      }
    }
    expect(Object.keys(outcomes).length).toBeGreaterThan(3);
  });

  it('with one changed letter inside a value is noticed; twin: SQLite alone and a plain read do not notice', () => {
    const bytes = Buffer.from(sound);
    const at = bytes.indexOf('"to":"31"');
    expect(at).toBeGreaterThan(0);
    bytes[at + 6] = 0x39;
    writeFileSync(file, bytes);
    const db = connect(file, { readOnly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.prepare('SELECT commands FROM journal WHERE commands LIKE \'%"to":"91"%\'').all()).toHaveLength(1);
    db.close();
    const store = openStore(file, { now: NOW, version: VERSION });
    expect(codeOf(() => loadPlan(store.db, plan))).toBe('plan_damaged');
    expect(fullCheck(store.db).findings).toMatchObject([{ part: 'journal', where: plan }]);
    store.close();
  });
});
