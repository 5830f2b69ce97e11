import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fullCheck } from '../../../src/store/integrity.ts';
import { openStore } from '../../../src/store/open.ts';
import { createPlan, loadPlan } from '../../../src/store/plans.ts';
import { NOW, VERSION, samplePlan } from '../../store/fixtures.ts';

/** Kill -9 proves that writes are whole; it does not prove that they survive a power cut (the page cache stays). */
const KILLS = process.env['FLOPSHEET_FAULT_LONG'] ? 1000 : 20;
const WRITER = new URL('./writer.ts', import.meta.url).pathname;

let folder: string;
let file: string;
let plan: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flopsheet-kill-'));
  file = join(folder, 'store.db');
  const store = openStore(file, { now: NOW, version: VERSION });
  plan = createPlan(store.db, samplePlan(), NOW);
  store.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a writer and kills it when `when` says so; returns the last revision it was told is saved. */
function killWriter(protection: string, mode: string, when: (output: string) => number | null): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [WRITER, file, plan, protection, mode], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    let armed = false;
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const delay = armed ? null : when(output);
      if (delay === null) return;
      armed = true;
      setTimeout(() => child.kill('SIGKILL'), delay);
    });
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') return fail(new Error(`the writer ended by itself (${code}): ${errors}`));
      // A line cut short was not acknowledged.
      done(Number(/saved (\d+)\n(?![\s\S]*saved \d+\n)/.exec(output)?.[1] ?? 0));
    });
  });
}

function reopened<T>(look: (store: ReturnType<typeof openStore>) => T): T {
  const store = openStore(file, { now: NOW, version: VERSION });
  try {
    return look(store);
  } finally {
    store.close();
  }
}

describe('kill -9 while editing', () => {
  it(`loses no saved edit and leaves none half written, ${KILLS} times`, { timeout: KILLS * 10_000 }, async () => {
    let edits = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // Spread over 5 to 145 ms, the same every run.
      const delay = 5 + ((kill * 61) % 140);
      const saved = await killWriter('protected', 'run', (output) => (output.includes('ready') ? delay : null));
      reopened(({ db }) => {
        const loaded = loadPlan(db, plan);
        expect(loaded.revision).toBeGreaterThanOrEqual(saved);
        if (loaded.revision > 0) expect(loaded.plan.tables.runs[0]?.cells['chips']).toBe(String(loaded.revision));
        expect(fullCheck(db).findings).toEqual([]);
        edits = loaded.revision;
      });
    }
    expect(edits).toBeGreaterThan(KILLS);
  });

  it('in the middle of a write leaves the state before it', { timeout: 60_000 }, async () => {
    await killWriter('protected', 'pause', (output) => (output.includes('middle') ? 20 : null));
    reopened(({ db }) => {
      expect(loadPlan(db, plan).revision).toBe(0);
      expect(fullCheck(db).findings).toEqual([]);
    });
  });

  it('twin: the same kill without a transaction leaves half a write', { timeout: 60_000 }, async () => {
    await killWriter('unprotected', 'pause', (output) => (output.includes('middle') ? 20 : null));
    reopened(({ db }) => expect(fullCheck(db).findings).toMatchObject([{ part: 'plan', where: plan }]));
  });
});
