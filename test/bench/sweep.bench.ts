/** Sweeps through the command line: cases a second, and what was written read back by DuckDB where it is installed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../src/cli/run.ts';
import { readSweepTable } from '../../src/cli/sweep-table.ts';
import { figure, peer, type BenchResult } from './measure.ts';

const CASES = 4_000;

interface DuckDb {
  DuckDBInstance: {
    create(): Promise<{
      connect(): Promise<{ runAndReadAll(sql: string): Promise<{ getRowObjectsJS(): Record<string, unknown>[] }> }>;
    }>;
  };
}

/** Number of rows and sum of the totals, as DuckDB reads them; null where it is not installed. */
async function byDuckDb(file: string): Promise<readonly [rows: number, total: number] | null> {
  const module = (await peer('@duckdb/node-api')) as DuckDb | null;
  if (!module) return null;
  const connection = await (await module.DuckDBInstance.create()).connect();
  const sql = `select count(*)::integer as n, sum(total_cost) as total from '${file.replaceAll("'", "''")}'`;
  const [row] = (await connection.runAndReadAll(sql)).getRowObjectsJS();
  return [Number(row?.['n']), Number(row?.['total'])];
}

export async function sweepCases(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'flopsheet-bench-'));
  try {
    const plan = join(folder, 'plan.json');
    const out = join(folder, 'out.parquet');
    const cells = { params_total: '7B', tokens: '1T', hardware: 'h100-sxm', chips: '512', chip_hour_price: '2' };
    const runs = Array.from({ length: 10 }, (_, i) => ({ key: `r${i}`, ...cells }));
    writeFileSync(plan, JSON.stringify({ format: 'flopsheet-plan', version: 1, name: 'Bench', runs }));
    const asked = ['--vary', 'runs.r1.mfu=0.3..0.5', '--points', String(CASES), '--db', ':memory:', '--out', out];
    const start = performance.now();
    const status = await runCli(['sweep', plan, ...asked], { print: () => {}, warn: () => {} });
    const seconds = (performance.now() - start) / 1000;
    if (status !== 0) throw new Error(`the sweep ended with ${status}`);
    const { columns, rows } = await readSweepTable(out);
    const total = rows.reduce((sum, row) => sum + Number(row[columns.indexOf('total_cost')]), 0);
    const duck = await byDuckDb(out);
    if (rows.length !== CASES || (duck && (duck[0] !== CASES || Math.abs(duck[1] / total - 1) > 1e-12)))
      throw new Error(`DuckDB reads ${String(duck)}, not ${rows.length} rows of ${total}`);
    const target = `at least 1,000 cases a second${duck ? ', read back alike by DuckDB' : ''}`;
    return [figure('sweep_cases', CASES / seconds, 'cases/s', 1_000, target, 'more')];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
