import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findByName, resolveName } from '../../src/store/aliases.ts';
import {
  catalogHistory,
  catalogKind,
  listCatalog,
  pinRevisions,
  putUserRow,
  showCatalog,
  withdrawUserRow,
} from '../../src/store/catalog.ts';
import { fullCheck } from '../../src/store/integrity.ts';
import type { WritableStore } from '../../src/store/open.ts';
import { QUOTE_SQL, quotes } from '../../src/store/prices.ts';
import { CATALOG_FOLDER, seedCatalog } from '../../src/store/seed.ts';
import { usableMemoryRule } from '../../src/store/usable-memory.ts';
import { NOW, codeOf, memoryStore } from './fixtures.ts';

const GIB = 2 ** 30;
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((f) => rmSync(f, { recursive: true, force: true })));

function seeded(): WritableStore {
  const store = memoryStore();
  seedCatalog(store.db, NOW);
  return store;
}

/** A copy of the shipped catalog with one file edited. */
function editedCatalog(file: string, change: (text: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'flopsheet-catalog-'));
  folders.push(folder);
  cpSync(CATALOG_FOLDER, folder, { recursive: true });
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
  return folder;
}

describe('the seeded catalog', () => {
  let store: WritableStore;
  beforeAll(() => (store = seeded()));

  it('holds every kind, each row with source, date, confidence and licence where the files give them', () => {
    const count = (kind: string) => listCatalog(store.db, catalogKind(kind)).length;
    expect([count('hardware'), count('models'), count('datasets'), count('prices')]).toEqual([121, 68, 97, 336]);
    expect(count('cloud-regions')).toBe(159);
    expect(count('electricity')).toBe(136);
    expect(count('carbon_intensity')).toBe(431);
    expect(count('reliability')).toBe(62);
    expect(count('published_runs')).toBe(258);
    const bare = store.db
      .prepare(
        "SELECT count(*) FROM catalog_row WHERE (source = '' AND source_url = '') OR confidence = '' OR licence = ''",
      )
      .pluck()
      .get();
    expect(bare).toBe(0);
    expect(fullCheck(store.db)).toMatchObject({ ok: true, findings: [] });
  });

  it('uses the keys people type', () => {
    const keys = [
      'h100-sxm',
      'h200-sxm',
      'b200',
      'b300',
      'gb200',
      'gb300',
      'a100-80gb-sxm',
      'a100-40gb-sxm',
      'h800-sxm',
      'mi300x',
      'mi325x',
      'mi355x',
      'tpu-v4',
      'tpu-v5e',
      'tpu-v5p',
      'tpu-v6e',
      'gaudi2',
      'trainium2',
      'l40s',
      'h100-nvl',
    ];
    for (const key of keys) expect(showCatalog(store.db, 'hardware', key).key).toBe(key);
    for (const key of ['gpt-3-175b', 'llama-3.1-405b', 'deepseek-v3', 'mixtral-8x7b', 'qwen3-30b-a3b'])
      expect(showCatalog(store.db, 'model', key).key).toBe(key);
    expect(showCatalog(store.db, 'hardware', 'h100-sxm').fields).toMatchObject({
      bf16_fp16_tensor_tflops_dense: 989.4,
      tdp_w: 700,
      memory_bw_gb_s: 3350,
    });
    expect(showCatalog(store.db, 'model', 'llama-3.1-405b').fields).toMatchObject({
      hidden_size: 16384,
      num_hidden_layers: 126,
      num_key_value_heads: 8,
    });
  });

  it('leaves unknown fields out instead of writing 0', () => {
    expect('fp8_tflops_dense' in showCatalog(store.db, 'hardware', 'a100-80gb-sxm').fields).toBe(false);
  });

  it('knows what a program can allocate: an 80 GB H100 has 79.6 GiB, an A100 79.15 GiB', () => {
    const gib = (key: string) => Number(showCatalog(store.db, 'hardware', key).fields['memory_usable_bytes']) / GIB;
    expect(gib('h100-sxm')).toBeCloseTo(79.6, 1);
    expect(gib('a100-80gb-sxm')).toBeCloseTo(79.15, 2);
    expect(gib('h200-sxm')).toBeCloseTo(140.4, 1);
    expect(gib('mi300x')).toBeCloseTo(191.98, 1);
    for (const row of listCatalog(store.db, 'hardware')) {
      const { memory_gb: nominal, memory_usable_bytes: usable, memory_usable_source: source } = row.fields;
      if (nominal === undefined) continue;
      expect(source, row.name).not.toBe('');
      expect(Number(usable) / GIB, row.name).toBeLessThanOrEqual(Number(nominal) * 1.025);
      expect(Number(usable) / GIB, row.name).toBeGreaterThan(Number(nominal) * 0.7);
    }
  });

  it('estimates unmeasured memory within 1 % of the parts that were measured', () => {
    const measured = listCatalog(store.db, 'hardware').filter(
      (r) => String(r.fields['memory_usable_source']).includes('nvidia-smi') && /^(H|GH|B|GB)\d/.test(r.name),
    );
    expect(measured.length).toBeGreaterThan(6);
    for (const { name, fields } of measured)
      expect(
        usableMemoryRule(Number(fields['memory_gb']), String(fields['memory_type'])).bytes /
          Number(fields['memory_usable_bytes']),
        name,
      ).toBeCloseTo(1, 2);
  });
});

describe('seeding again', () => {
  it('changes nothing when the files are the same', () => {
    const { db } = seeded();
    const before = db.prepare('SELECT count(*) FROM catalog_row').pluck().get();
    expect(seedCatalog(db, NOW + 1)).toMatchObject({ added: 0, revised: 0, withdrawn: 0 });
    db.prepare("DELETE FROM meta WHERE key = 'seed_hash'").run();
    expect(seedCatalog(db, NOW + 2)).toMatchObject({ added: 0, revised: 0, withdrawn: 0, unchanged: before });
  });

  it('adds a revision for a changed row and keeps the old one readable', () => {
    const { db } = seeded();
    const folder = editedCatalog('accelerators.csv', (text) =>
      text.replace('NVIDIA,H100 SXM5 80GB,SXM5,2022-09-20,700', 'NVIDIA,H100 SXM5 80GB,SXM5,2022-09-20,710'),
    );
    expect(seedCatalog(db, NOW + 1, folder)).toMatchObject({ added: 0, revised: 1, withdrawn: 0 });
    expect(showCatalog(db, 'hardware', 'h100-sxm')).toMatchObject({ revision: 2, fields: { tdp_w: 710 } });
    expect(showCatalog(db, 'hardware', 'h100-sxm', 1)).toMatchObject({ revision: 1, fields: { tdp_w: 700 } });
    expect(codeOf(() => showCatalog(db, 'hardware', 'h100-sxm', 3))).toBe('catalog_revision');
  });

  it('never overwrites what a user changed or added', () => {
    const { db } = seeded();
    const own = showCatalog(db, 'hardware', 'h100-sxm');
    putUserRow(db, { ...own, kind: 'hardware', fields: { ...own.fields, tdp_w: 650 } }, NOW);
    putUserRow(db, { kind: 'hardware', name: 'Our ASIC', fields: { tdp_w: 400 }, aliases: ['asic'] }, NOW);
    const folder = editedCatalog('accelerators.csv', (text) =>
      text.replace('NVIDIA,H100 SXM5 80GB,SXM5,2022-09-20,700', 'NVIDIA,H100 SXM5 80GB,SXM5,2022-09-20,710'),
    );
    seedCatalog(db, NOW + 1, folder);
    expect(showCatalog(db, 'hardware', 'h100-sxm')).toMatchObject({ origin: 'user', fields: { tdp_w: 650 } });
    expect(showCatalog(db, 'hardware', 'asic')).toMatchObject({
      key: 'our-asic',
      origin: 'user',
      fields: { tdp_w: 400 },
    });
    expect(catalogHistory(db, 'hardware', 'h100-sxm').map((r) => [r.revision, r.origin, r.fields['tdp_w']])).toEqual([
      [1, 'seed', 700],
      [2, 'user', 650],
      [3, 'seed', 710],
    ]);
    withdrawUserRow(db, 'hardware', 'h100-sxm', NOW + 2);
    expect(showCatalog(db, 'hardware', 'h100-sxm')).toMatchObject({ origin: 'seed', fields: { tdp_w: 710 } });
    expect(codeOf(() => withdrawUserRow(db, 'hardware', 'h100-sxm', NOW + 3))).toBe('catalog_not_yours');
  });

  it('withdraws a row that left the files, which plans that pinned it still read', () => {
    const { db } = seeded();
    const folder = editedCatalog('accelerators.csv', (text) =>
      text
        .split('\n')
        .filter((line) => !line.startsWith('Tesla,Dojo'))
        .join('\n'),
    );
    expect(seedCatalog(db, NOW + 1, folder)).toMatchObject({ withdrawn: 1 });
    expect(codeOf(() => showCatalog(db, 'hardware', 'dojo-d1'))).toBe('catalog_unknown');
    expect(showCatalog(db, 'hardware', 'dojo-d1', 1).name).toBe('Dojo D1');
    seedCatalog(db, NOW + 2);
    expect(showCatalog(db, 'hardware', 'dojo-d1').revision).toBe(3);
  });
});

describe('names', () => {
  let store: WritableStore;
  beforeAll(() => (store = seeded()));

  it.each([
    ['H100 SXM5', 'h100-sxm'], ['H100', 'h100-sxm'], ['NVIDIA H100 SXM5 80GB', 'h100-sxm'], ['NVIDIA H100-SXM5-80GB', 'h100-sxm'], ['DGX-GB200', 'gb200'], ['H800', 'h800-sxm'],
    ['A100 SXM4 40GB', 'a100-40gb-sxm'], ['a100_40gb', 'a100-40gb-sxm'], ['h100_sxm', 'h100-sxm'], ['NVIDIA Blackwell GPU (B200-SXM-180GB)', 'b200'], ['AMD Instinct MI300X 192GB HBM3', 'mi300x'],
    ['8xMI325X_2xEPYC_9575F', 'mi325x'], ['XE9680_H200_SXM_141GBx8_TRT', 'h200-sxm'], ['GB200-NVL72_GB200-186GB_aarch64x72_TRT', 'gb200'], ['Intel(R) Gaudi(R) 2 AI Accelerator', 'gaudi2'], ['TPU-v5p', 'tpu-v5p'], ['cloud-tpu-v5e-4096-PAX', 'tpu-v5e'],
  ])('%s is %s', (name, key) => expect(resolveName(store.db, 'hardware', name).key).toBe(key)); // prettier-ignore

  it('does not guess between two chips, and says so', () => {
    expect(() => resolveName(store.db, 'hardware', '32xMI300X_2xEPYC_9534_16xMI325X_2xEPYC_9655')).toThrow(
      'mi300x and mi325x',
    );
    expect(() => resolveName(store.db, 'hardware', 'Hopper')).toThrow('product family');
  });

  it('offers the nearest names for one it does not know', () => {
    try {
      resolveName(store.db, 'model', 'Lama-3.1-405');
      expect.unreachable();
    } catch (cause) {
      expect(cause).toMatchObject({ code: 'catalog_unknown' });
      expect((cause as { hint: string }).hint).toMatch(/Llama-3\.1-405B/i);
    }
  });

  it('knows kinds by singular, plural and with hyphens', () => {
    expect(['hardware', 'models', 'published-runs', 'prices', 'electricity', 'cloud regions'].map(catalogKind)).toEqual(
      ['hardware', 'model', 'published_run', 'price', 'electricity', 'cloud_region'],
    );
    expect(codeOf(() => catalogKind('gpus'))).toBe('catalog_kind');
  });

  it('takes query text as text, whatever it holds', () => {
    expect(listCatalog(store.db, 'hardware', { query: 'h100 nvl' }).map((r) => r.key)).toContain('h100-nvl');
    for (const query of ["'; DROP TABLE plan; --", '100%', '_', '\\', '"', 'NEAR(', '*'])
      expect(listCatalog(store.db, 'dataset', { query }).length).toBeLessThanOrEqual(97);
    expect(listCatalog(store.db, 'dataset', { query: '%%%%nothing' })).toEqual([]);
    expect(listCatalog(store.db, 'hardware', { limit: 5 })).toHaveLength(5);
  });

  it('refuses a row without a name or with a key nobody could type', () => {
    expect(codeOf(() => putUserRow(store.db, { kind: 'model', name: ' ', fields: {} }, NOW))).toBe('catalog_name');
    expect(codeOf(() => putUserRow(store.db, { kind: 'model', key: 'Not A Key', name: 'x', fields: {} }, NOW))).toBe(
      'catalog_name',
    );
  });

  it('pins what is current', () => {
    expect(pinRevisions(store.db, [{ kind: 'hardware', key: 'h100-sxm' }, { kind: 'hardware', key: 'nothing' }])).toEqual({ 'hardware/h100-sxm': 1 }); // prettier-ignore
    expect(findByName(store.db, 'hardware', 'H100')).toMatchObject({ match: 'alias' });
  });
});

describe('price quotes', () => {
  it('come newest first up to the day asked for, without superseded ones', () => {
    const { db } = seeded();
    const query = { chip: 'h100-sxm', providerClass: 'neocloud', commitment: 'on_demand', on: '2026-10-01' };
    const found = quotes(db, query);
    expect(found.length).toBeGreaterThan(5);
    expect(found.map((q) => q.asOf)).toEqual(
      found
        .map((q) => q.asOf)
        .sort()
        .reverse(),
    );
    for (const q of found) expect(q.asOf <= '2026-10-01').toBe(true);
    const user = putUserRow(
      db,
      {
        kind: 'price',
        name: 'Our quote',
        asOf: '2026-09-30',
        fields: { chip: 'H100', provider_class: 'neocloud', commitment: 'on_demand', usd_per_chip_hour: 1.9 },
      },
      NOW,
    );
    expect(user.fields['chip_key']).toBe('h100-sxm');
    putUserRow(db, { ...user, kind: 'price', fields: { ...user.fields, usd_per_chip_hour: 1.8 } }, NOW);
    expect(quotes(db, query).filter((q) => q.key === 'our-quote').map((q) => q.fields['usd_per_chip_hour'])).toEqual([1.8]); // prettier-ignore
  });

  it('are found through the index, whatever the number of rows', () => {
    const { db } = memoryStore();
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${QUOTE_SQL}`).all('a', 'b', 'c', 'd', 1) as { detail: string }[];
    const steps = plan.map((step) => step.detail).join('\n');
    expect(steps).toContain(
      'SEARCH r USING INDEX catalog_quote (quote_chip=? AND quote_class=? AND quote_commitment=? AND as_of<?)',
    );
    expect(steps).not.toContain('SCAN');
    expect(steps).not.toContain('TEMP B-TREE');
  });
});

describe('searching with text that means something to SQL', () => {
  it('finds or finds nothing, and is never a mistake of the statement', () => {
    const { db } = memoryStore();
    seedCatalog(db, NOW);
    const pieces = [
      "'",
      '"',
      '%',
      '_',
      '\\',
      ';',
      '--',
      '/*',
      '*/',
      ' OR 1=1',
      'H100',
      '\0',
      '?',
      ':a',
      '(',
      ')',
      'NULL',
      '💥',
      ' ',
    ];
    const all = listCatalog(db, 'hardware').length;
    for (let n = 0; n < 1500; n++) {
      const query = Array.from({ length: 1 + (n % 6) }, (_, i) => pieces[(n * 7 + i * (n % 11)) % pieces.length]).join(
        '',
      );
      expect(listCatalog(db, 'hardware', { query, limit: 5 }).length).toBeLessThanOrEqual(5);
    }
    expect(listCatalog(db, 'hardware', { query: "' OR '1'='1" })).toEqual([]);
    expect(listCatalog(db, 'hardware', { query: 'x '.repeat(50_000) }).length).toBeLessThan(all);
    const withPercent = listCatalog(db, 'hardware', { query: '%' }).length;
    expect(withPercent).toBeGreaterThan(0);
    expect(withPercent).toBeLessThan(all);
  });
});
