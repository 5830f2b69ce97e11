import { existsSync } from 'node:fs';
import { FlopsheetError } from '../../core/errors.ts';
import { scenarioPlan } from '../../core/document/apply.ts';
import { makeSweep, measuresOf, readVaried, runSweep, shardOf, type SweepCase } from '../../core/plan/sweep.ts';
import type { Catalog } from '../../core/sheet/catalog.ts';
import { appVersion } from '../../host/version.ts';
import { canonicalJson, sha256 } from '../../store/canonical.ts';
import { planHash } from '../../store/plan-hash.ts';
import { listFlag, textFlag, type Command, type Invocation } from '../command.ts';
import { wholeFlag } from '../numbers.ts';
import { openScenario, readPlanArgument } from '../plans.ts';
import { progressBar } from '../progress.ts';
import { withCatalog } from '../store.ts';
import { mergeParts } from '../sweep-merge.ts';
import { SweepProgress } from '../sweep-progress.ts';
import { assertParquet, readSweepTable, writeSweepTable, type Cell, type SweepStamp } from '../sweep-table.ts';
import { assertWritable } from '../write-file.ts';

const PERCENTILES = ['p10', 'p50', 'p90'] as const;

export const sweepCommand: Command = {
  name: 'sweep',
  usage:
    'PLAN --vary CELL=VALUES … --out PART.parquet [--shard I/N --measure CELL … --points N --seed S --samples N --scenario KEY] | merge PART.parquet … --out ALL.parquet',
  summary: 'evaluates a plan for many inputs, in shards for a scheduler, into Parquet',
  flags: {
    vary: { type: 'string', multiple: true },
    measure: { type: 'string', multiple: true },
    shard: { type: 'string' },
    points: { type: 'string' },
    seed: { type: 'string' },
    samples: { type: 'string' },
    scenario: { type: 'string' },
    out: { type: 'string' },
  },
  minPositionals: 1,
  async run(invocation) {
    const out = textFlag(invocation, 'out');
    if (out === undefined)
      throw new FlopsheetError('ARG', 'a sweep needs the file to write', {
        where: '--out',
        hint: '--out part.parquet',
      });
    assertWritable(out);
    await assertParquet();
    if (invocation.positionals[0] === 'merge') return mergeParts(invocation, invocation.positionals.slice(1), out);
    return withCatalog(invocation, (catalog, store) => {
      const { plan } = readPlanArgument(invocation.positionals[0] as string, store);
      return sweepPlan(invocation, plan, catalog, out);
    });
  },
};

/** Shard of `--shard I/N`, counted from 0 as job arrays count. Throws `ARG`. */
function shardFlag(invocation: Invocation): { readonly index: number; readonly count: number } {
  const text = textFlag(invocation, 'shard') ?? '0/1';
  const parts = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const index = Number(parts?.[1]);
  const count = Number(parts?.[2]);
  if (!parts || index >= count)
    throw new FlopsheetError('ARG', `"${text}" is no shard`, {
      where: '--shard',
      hint: 'shards count from 0: 0/8 to 7/8',
    });
  return { index, count };
}

function catalogHash(catalog: Catalog): string {
  return sha256(
    canonicalJson([...catalog].map(([kind, { rows }]) => [kind, [...rows.values()].map((row) => row.fields)])),
  );
}

type NamedPlan = ReturnType<typeof readPlanArgument>['plan'];

async function sweepPlan(invocation: Invocation, named: NamedPlan, catalog: Catalog, out: string): Promise<number> {
  const samples = wholeFlag(invocation, 'samples', 16, 1_048_576);
  const scenario = textFlag(invocation, 'scenario') ?? 'base';
  const plan = samples === undefined ? named : { ...named, settings: { ...named.settings, samples } };
  const { sheet } = openScenario(plan, scenario, catalog);
  const varied = listFlag(invocation, 'vary');
  const sweep = makeSweep(
    varied.map((text) => readVaried(sheet, text)),
    wholeFlag(invocation, 'points', 1, 10_000_000),
    wholeFlag(invocation, 'seed', 0, 0xffffffff) ?? plan.settings.seed,
  );
  const measures = measuresOf(sheet, listFlag(invocation, 'measure'));
  const shard = shardFlag(invocation);
  const columns = [
    'case',
    ...sweep.varied.map(({ id }) => id),
    ...measures.flatMap(({ id }) => [id, ...(samples === undefined ? [] : PERCENTILES.map((p) => `${id}_${p}`))]),
    'problem',
  ];
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined)
    throw new FlopsheetError('ARG', `two columns would be called ${twice}`, {
      where: twice,
      hint: 'an input that is varied need not be measured',
    });
  const stamp: SweepStamp = {
    sweep: sha256(
      canonicalJson({
        plan: planHash(scenarioPlan(plan, scenario)),
        catalog: catalogHash(catalog),
        version: appVersion(),
        varied,
        columns,
        points: sweep.points,
        seed: sweep.seed,
        samples: samples ?? null,
        shards: shard.count,
      }),
    ),
    plan: plan.settings.name,
    varied,
    cases: sweep.cases,
    shards: shard.count,
    shard: shard.index,
    units: Object.fromEntries(measures.filter(({ unit }) => unit !== '').map(({ id, unit }) => [id, unit])),
    version: appVersion(),
  };
  if (await isDone(out, stamp)) return report(invocation, out, stamp, { rows: null, resumed: 0, problems: 0 });
  const { from, to } = shardOf(sweep.cases, shard.index, shard.count);
  const progress = new SweepProgress(out, `${stamp.sweep} ${shard.index}`);
  const rows: Cell[][] = [...progress.done];
  const bar = progressBar('cases');
  for (const one of runSweep(sheet, sweep, measures, {
    from: from + rows.length,
    to,
    percentiles: samples !== undefined,
  })) {
    const row = rowOf(
      one,
      sweep.varied.map(({ id }) => id),
      measures.map(({ id }) => id),
      samples !== undefined,
    );
    rows.push(row);
    progress.add(row);
    if (rows.length % 50 === 0 || one.number === to - 1) bar(rows.length, to - from);
  }
  await writeSweepTable(out, { stamp, columns, rows });
  const resumed = progress.done.length;
  progress.finish();
  return report(invocation, out, stamp, {
    rows: rows.length,
    resumed,
    problems: rows.filter((row) => row.at(-1) !== null).length,
  });
}

/** The part is there and is this part. Throws `WRITE` when another sweep stands in its place. */
async function isDone(out: string, stamp: SweepStamp): Promise<boolean> {
  if (!existsSync(out)) return false;
  const there = (await readSweepTable(out)).stamp;
  if (there.sweep === stamp.sweep && there.shard === stamp.shard) return true;
  throw new FlopsheetError('WRITE', `${out} holds another sweep or shard`, {
    where: out,
    hint: 'remove it, or choose another name; plan, catalog, version and flags must be the same to go on',
  });
}

function rowOf(one: SweepCase, inputs: readonly string[], measures: readonly string[], percentiles: boolean): Cell[] {
  return [
    one.number,
    ...inputs.map((id) => one.inputs[id] as Cell),
    ...measures.flatMap((id) => {
      const value = one.values[id] ?? null;
      if (!percentiles) return [value];
      // What does not vary is its own percentile.
      const own = one.spreads[id] ?? (typeof value === 'number' ? { p10: value, p50: value, p90: value } : null);
      return [value, ...PERCENTILES.map((p) => (own && Number.isFinite(own[p]) ? own[p] : null))];
    }),
    one.problem === '' ? null : one.problem,
  ];
}

function report(
  invocation: Invocation,
  file: string,
  { cases, shard, shards, sweep }: SweepStamp,
  { rows, resumed, problems }: { rows: number | null; resumed: number; problems: number },
): number {
  if (invocation.json) invocation.print(JSON.stringify({ file, sweep, cases, shard, shards, rows, resumed, problems }));
  else if (rows === null) invocation.print(`${file} is there already: shard ${shard}/${shards} of ${cases} cases`);
  else
    invocation.print(
      `${file}: ${rows} of ${cases} cases, shard ${shard}/${shards}${resumed > 0 ? `, ${resumed} of them done before` : ''}${problems > 0 ? `; ${problems} with unknown results, see the column "problem"` : ''}`,
    );
  return 0;
}
