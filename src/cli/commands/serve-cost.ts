import { readFileSync } from 'node:fs';
import { FlopsheetError } from '../../core/errors.ts';
import { formatSignificant } from '../../core/format/number.ts';
import { answerCase, type ServingCaseAnswer } from '../../core/serving/answer-case.ts';
import { answerServing, type ServingAnswer } from '../../core/serving/answer.ts';
import { SERVING_COLUMNS, readServingCase } from '../../core/serving/cases.ts';
import { denseCeilings } from '../../core/serving/ceilings.ts';
import type { Deployment } from '../../core/serving/deployment.ts';
import { servingPrecision } from '../../core/serving/format.ts';
import { engineOf } from '../../core/serving/parameters.ts';
import { SHIPPED_SERVING_FIT } from '../../core/serving/shipped-fit.ts';
import { catalogRow } from '../../core/sheet/catalog.ts';
import { studiedChip } from '../../bridge/serving-subjects.ts';
import { parseCsv } from '../../import/model/csv.ts';
import { textFlag, type Command, type Invocation } from '../command.ts';
import { assertFile, readModelArgument } from '../models.ts';
import { numberFlag, wholeFlag } from '../numbers.ts';
import { hardwareByName, servingContext } from '../serving-context.ts';
import { withCatalog } from '../store.ts';
import { table } from '../table.ts';

const LARGEST_TABLE = 64_000_000;
const MOST_ROWS = 200_000;
const text = { type: 'string' } as const;

export const serveCostCommand: Command = {
  name: 'serve-cost',
  usage:
    '--model FILE|KEY --hardware KEY --chips N --isl I --osl O [--concurrency K | --rate R] [--precision P --engine E --tp T …] | --csv FILE [--configs DIR] | --preset 1t-dense-8xh100',
  summary: 'latency, throughput and cost of serving a model',
  flags: {
    model: text,
    hardware: text,
    chips: text,
    isl: text,
    osl: text,
    concurrency: text,
    rate: text,
    precision: text,
    engine: text,
    tp: text,
    dp: text,
    pp: text,
    ep: text,
    kv: text,
    'prefix-hit': text,
    'draft-tokens': text,
    acceptance: text,
    'prefill-chips': text,
    'usd-per-chip-hour': text,
    'watts-per-chip': text,
    seed: text,
    csv: text,
    configs: text,
    preset: text,
  },
  minPositionals: 0,
  async run(invocation) {
    if (textFlag(invocation, 'preset') !== undefined) return preset(invocation);
    const csv = textFlag(invocation, 'csv');
    return csv === undefined ? one(invocation) : many(csv, invocation);
  },
};

function need<T>(value: T | undefined, flag: string, hint: string): T {
  if (value === undefined) throw new FlopsheetError('ARG', `serve-cost needs --${flag}`, { where: `--${flag}`, hint });
  return value;
}

async function one(invocation: Invocation): Promise<number> {
  const name = need(textFlag(invocation, 'model'), 'model', 'a config.json or a catalog key');
  const chip = need(textFlag(invocation, 'hardware'), 'hardware', 'for example h100-sxm');
  const chips = need(wholeFlag(invocation, 'chips', 1, 1_000_000), 'chips', 'for example 8');
  const isl = need(numberFlag(invocation, 'isl'), 'isl', 'input tokens per request, for example 1024');
  const osl = need(numberFlag(invocation, 'osl'), 'osl', 'output tokens per request, for example 1024');
  const concurrency = numberFlag(invocation, 'concurrency');
  const rate = numberFlag(invocation, 'rate');
  if (concurrency !== undefined && rate !== undefined)
    throw new FlopsheetError('ARG', 'a load is either closed (--concurrency) or open (--rate), not both', {
      where: '--rate',
      hint: 'p99 of the two must not be compared',
    });
  for (const [flag, value] of [
    ['concurrency', concurrency],
    ['rate', rate],
  ] as const)
    if (value !== undefined && !(value > 0))
      throw new FlopsheetError('ARG', `--${flag} is above zero, not ${value}`, {
        where: `--${flag}`,
        hint: 'for example 16',
      });
  const model = await readModelArgument(name, invocation);
  if (model.architecture === null)
    throw new FlopsheetError('MODEL', `the architecture of ${model.name} is not known: it cannot be timed`, {
      where: '--model',
      hint: 'give its config.json',
    });
  const engine = textFlag(invocation, 'engine');
  const draft = wholeFlag(invocation, 'draft-tokens', 1, 32);
  const kv = textFlag(invocation, 'kv');
  if (kv !== undefined && kv !== 'bf16' && kv !== 'fp8')
    throw new FlopsheetError('ARG', `--kv is bf16 or fp8, not "${kv}"`, {
      where: '--kv',
      hint: 'the format of the key-value cache',
    });
  const degrees = Object.fromEntries(
    (['tp', 'dp', 'pp', 'ep'] as const).flatMap((flag) => {
      const value = wholeFlag(invocation, flag, 1, 4096);
      return value === undefined ? [] : [[flag, value]];
    }),
  );
  const { hardware, key, listed } = await withCatalog(invocation, async (catalog, store) => {
    const found = await hardwareByName(catalog, store, chip);
    const row = catalogRow(catalog, 'hardware', found.key);
    return { ...found, listed: row === undefined ? null : studiedChip(catalog, row) };
  });
  const typed = numberFlag(invocation, 'usd-per-chip-hour');
  const price = typed ?? listed?.usdPerChipHour ?? null;
  const priceNote =
    typed === undefined && price !== null
      ? [
          `${price} USD per chip-hour of ${key}: median of neoclouds on demand, ${listed?.priceAsOf ?? ''}; --usd-per-chip-hour replaces it.`,
        ]
      : [];
  const precision = servingPrecision(textFlag(invocation, 'precision') ?? 'bf16');
  const prefillChips = wholeFlag(invocation, 'prefill-chips', 0, chips);
  const deployment: Deployment = {
    architecture: model.architecture,
    hardware,
    chips,
    engine: engine === undefined ? null : engineOf(engine),
    precision,
    request: {
      inputTokens: isl,
      outputTokens: osl,
      prefixHit: numberFlag(invocation, 'prefix-hit') ?? 0,
      ...(draft === undefined
        ? {}
        : {
            speculation: {
              draftTokens: draft,
              acceptance: numberFlag(invocation, 'acceptance') ?? 0.7,
              draftCost: 0.1,
            },
          }),
    },
    ...(kv === undefined ? {} : { kv }),
    ...(Object.keys(degrees).length === 0 ? {} : { layout: degrees }),
    ...(prefillChips === undefined || prefillChips === 0 ? {} : { prefillChips }),
  };
  const answer = answerServing(
    deployment,
    {
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(rate === undefined ? {} : { requestsPerS: rate }),
      usdPerChipHour: price,
      wattsPerChip: numberFlag(invocation, 'watts-per-chip') ?? listed?.wattsPerChip ?? null,
    },
    SHIPPED_SERVING_FIT,
    { seed: wholeFlag(invocation, 'seed', 0, 2 ** 31) ?? 1 },
  );
  const result = {
    ...answer,
    notes: [...model.notes, ...answer.notes, ...(answer.fits && answer.stable ? priceNote : [])],
  };
  if (invocation.json) invocation.print(JSON.stringify(result));
  else invocation.print(readable(model.name, result));
  return result.fits && result.stable ? 0 : 1;
}

const shown = (value: number | null, unit: string, digits = 4): string =>
  value === null ? 'unknown' : `${formatSignificant(value, digits)} ${unit}`.trim();

function readable(name: string, a: ServingAnswer): string {
  const { tp, dp, pp, ep, replicas } = a.layout;
  const rows: [string, string][] = [
    ['Layout', `tp ${tp}, dp ${dp}, pp ${pp}, ep ${ep}; ${replicas} replica${replicas === 1 ? '' : 's'}`],
    ['Time to first token', shown(a.ttft_s, 's')],
    [
      'Time per output token',
      a.tpot_s === null
        ? 'unknown'
        : `${shown(a.tpot_s * 1e3, 'ms')} (${formatSignificant((a.tpot_s_p10 ?? 0) * 1e3, 3)} to ${formatSignificant((a.tpot_s_p90 ?? 0) * 1e3, 3)})`,
    ],
    ...(a.loop === 'open'
      ? ([
          ['p99 time to first token', shown(a.ttft_s_p99, 's')],
          ['p99 time per output token', a.tpot_s_p99 === null ? 'unknown' : shown(a.tpot_s_p99 * 1e3, 'ms')],
          ['Load of capacity', a.load === null ? 'unknown' : `${(100 * a.load).toFixed(0)} %`],
        ] as [string, string][])
      : []),
    ['Output tokens', shown(a.tokens_per_s, 'per s')],
    ['Output tokens per chip', shown(a.tokens_per_s_per_chip, 'per s')],
    ['Requests that fit', formatSignificant(a.max_batch, 6)],
    ['Bottleneck', a.bottleneck.replaceAll('_', ' ')],
    [
      'Cost per million output tokens',
      a.usd_per_million_output_tokens === null ? 'unknown' : `${a.usd_per_million_output_tokens.toFixed(3)} USD`,
    ],
  ];
  return [
    `${name}, ${a.loop === 'open' ? 'requests arrive at a rate (open loop)' : 'a fixed number in flight (closed loop)'}`,
    table(['What', 'Value'], rows),
    ...a.notes.map((note) => `note: ${note}`),
  ].join('\n');
}

async function many(file: string, invocation: Invocation): Promise<number> {
  assertFile(file, LARGEST_TABLE, 'name a CSV file with a header line');
  const { header, rows } = parseCsv(readFileSync(file, 'utf8'), MOST_ROWS);
  const missing = SERVING_COLUMNS.filter((column) => !header.includes(column));
  if (missing.length > 0)
    throw new FlopsheetError(
      'csv-columns',
      `${file} lacks the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`,
      {
        where: file,
        hint: `a table of serving points has the columns ${SERVING_COLUMNS.join(', ')}`,
      },
    );
  const price = numberFlag(invocation, 'usd-per-chip-hour') ?? null;
  const answers = await withCatalog(invocation, (catalog, store) => {
    const context = servingContext(catalog, store, textFlag(invocation, 'configs'));
    return rows.map((row, index) => answerCase(readServingCase(row, index, context), SHIPPED_SERVING_FIT, price));
  });
  if (invocation.json) invocation.print(JSON.stringify({ rows: answers }));
  else invocation.print(readableRows(rows, answers));
  return 0;
}

function readableRows(
  rows: readonly Readonly<Record<string, string>>[],
  answers: readonly ServingCaseAnswer[],
): string {
  const ms = (value: number | null): string => (value === null ? 'unknown' : formatSignificant(value * 1e3, 4));
  return table(
    ['Model', 'Chip', 'Engine', 'Precision', 'In flight', 'TTFT ms', 'TPOT ms', 'Tokens/s/chip', 'Notes'],
    answers.map((a, i) => [
      rows[i]?.['model'] ?? '',
      rows[i]?.['system'] ?? '',
      rows[i]?.['backend'] ?? '',
      rows[i]?.['precision'] ?? '',
      rows[i]?.['concurrency'] ?? '',
      ms(a.ttft_s),
      ms(a.tpot_s),
      a.tokens_per_s_per_chip === null ? 'unknown' : formatSignificant(a.tokens_per_s_per_chip, 4),
      a.notes.join(' '),
    ]),
  );
}

/** The claim of 2023 that 8 H100 cannot serve a dense trillion at 33 tokens/s: what a data sheet allows at batch 1. */
async function preset(invocation: Invocation): Promise<number> {
  const id = textFlag(invocation, 'preset');
  if (id !== '1t-dense-8xh100')
    throw new FlopsheetError('ARG', `there is no preset "${id ?? ''}"`, {
      where: '--preset',
      hint: 'there is 1t-dense-8xh100',
    });
  const { hardware } = await withCatalog(invocation, (catalog, store) => hardwareByName(catalog, store, 'h100-sxm'));
  const rows = denseCeilings(1e12, 8, {
    bytesPerS: hardware.memoryBandwidth,
    memoryBytes: 80e9,
    flopPerS: hardware.bf16FlopPerS,
  });
  const json = {
    preset: id,
    rows: rows.map((row) => ({
      format: row.format,
      weights_bytes: row.weightBytes,
      tokens_per_s_per_user_ceiling: row.tokensPerS,
      fits: row.fits,
      missing_bytes: row.missingBytes,
      flop_utilisation_at_20_tokens_per_s: row.utilisationAt20TokensPerS,
    })),
    notes: [
      'Batch 1, weights read once per token, nothing else. Utilisation is 2 FLOP per parameter over the dense 16-bit peak. Total tokens/s rise with the batch.',
    ],
  };
  if (invocation.json) invocation.print(JSON.stringify(json));
  else
    invocation.print(
      [
        'Dense model of 1T parameters on 8 H100 (80 GB each), batch 1',
        table(
          ['Weights', 'TB', 'Ceiling tok/s', 'Fits 640 GB', 'Missing GB', 'FLOP use at 20 tok/s'],
          rows.map((row) => [
            row.format,
            formatSignificant(row.weightBytes / 1e12, 2),
            formatSignificant(row.tokensPerS, 3),
            row.fits ? 'yes' : 'no',
            formatSignificant(row.missingBytes / 1e9, 4),
            `${(100 * row.utilisationAt20TokensPerS).toFixed(2)}%`,
          ]),
        ),
        ...json.notes.map((note) => `note: ${note}`),
      ].join('\n'),
    );
  return 0;
}
