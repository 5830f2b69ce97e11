import { describe, expect, it } from 'vitest';
import { addProfile, listProfiles } from '../../src/store/profiles.ts';
import { createPlan } from '../../src/store/plans.ts';
import { NOW, codeOf, memoryStore, samplePlan } from './fixtures.ts';

describe('0060-calibration', () => {
  it('refuses a software adapter as a device', () => {
    const { db } = memoryStore();
    const add = (fallback: number) =>
      db
        .prepare(
          "INSERT INTO calibration_device (fingerprint, name, host, is_fallback, identity, first_seen_ms) VALUES ('f', 'n', 'node', ?, '{}', 0)",
        )
        .run(fallback);
    expect(() => add(1)).toThrow('CHECK');
    expect(() => add(0)).not.toThrow();
    expect(() => add(0)).toThrow('UNIQUE');
  });

  it('keeps profiles with their file and date, newest first', () => {
    const { db } = memoryStore();
    const planId = createPlan(db, samplePlan(), NOW);
    const profile = {
      planId,
      rowKey: 'r1',
      fileName: 'train.log',
      fileDate: '2026-11-25',
      format: 'megatron-lm',
      summary: { mfu: 0.4 },
      importedAt: NOW,
    };
    const first = addProfile(db, profile);
    const second = addProfile(db, { ...profile, importedAt: NOW + 1 });
    expect(listProfiles(db, planId).map((own) => own.id)).toEqual([second, first]);
    expect(listProfiles(db, planId)[0]).toEqual({ ...profile, importedAt: NOW + 1, id: second });
    expect(codeOf(() => addProfile(db, { ...profile, planId: 'nobody' }))).not.toBe('');
  });
});
