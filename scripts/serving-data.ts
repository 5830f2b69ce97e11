/** Measured serving points as cases to fit: read, cleaned, weighted. */
import { readServingCase } from '../src/core/serving/cases.ts';
import type { MeasuredCase } from '../src/core/serving/fit.ts';
import { prepareCase } from '../src/core/serving/predict-case.ts';
import type { ServingFamily } from '../src/core/serving/serving-fit.ts';
import { caseContext, rowsOf } from './predictor-data.ts';

/** A measured point with what it is grouped and left out by. */
export interface ServingRow extends MeasuredCase {
  readonly model: string;
  readonly chip: string;
  readonly engine: string;
  readonly family: ServingFamily;
  /** Why the row is left out of fit and scores; empty when it is used. */
  readonly anomaly: string;
}

/** FLOP/s of weights alone that a point implies, over the dense peak of its chips. */
function impliedShare(row: MeasuredCase): number {
  const { source: c, replica: r } = row.prepared;
  const seconds = (row.ttft ?? 0) + (c.outputTokens - 1) * row.tpot;
  const tokens = (c.concurrency * (c.inputTokens + c.outputTokens)) / seconds;
  const chips = r.layout.tp * r.layout.dp * c.replicas + c.prefillChips;
  const peak = r.hardware.fp4FlopPerS ?? r.hardware.fp8FlopPerS ?? r.hardware.bf16FlopPerS;
  return (2 * r.profile.paramsActive * tokens) / (chips * peak);
}

/** Configurations whose TPOT does not rise with concurrency: falls by a fifth or more, or stays within 3 % over a doubling. */
function inconsistent(
  rows: readonly { readonly key: string; readonly concurrency: number; readonly tpot: number }[],
): Set<string> {
  const groups = new Map<string, { concurrency: number; tpot: number }[]>();
  for (const row of rows) groups.set(row.key, [...(groups.get(row.key) ?? []), row]);
  const bad = new Set<string>();
  for (const [key, members] of groups) {
    const sorted = [...members].sort((a, b) => a.concurrency - b.concurrency);
    const falls = sorted.some((a, i) =>
      sorted.slice(i + 1).some((b) => b.concurrency > a.concurrency && b.tpot < 0.8 * a.tpot),
    );
    const first = sorted[0]!;
    const last = sorted.at(-1)!;
    const flat = last.concurrency >= 2 * first.concurrency && first.concurrency >= 32 && last.tpot < 1.03 * first.tpot;
    if (falls || flat) bad.add(key);
  }
  return bad;
}

/** Every closed-loop point of the table in a mode that can be predicted. */
export function servingRows(mode: 'agg' | 'disagg' = 'agg'): { rows: ServingRow[]; refused: Map<string, number> } {
  const context = caseContext();
  const refused = new Map<string, number>();
  const names = new Map<string, string>();
  const found: (Omit<ServingRow, 'weight' | 'anomaly'> & { key: string; group: string; concurrency: number })[] = [];
  rowsOf('test/data/inferencex_silicon_points.csv').forEach((row, index) => {
    if (row['source_class'] !== 'inferencex' || row['mode'] !== mode) return;
    const source = readServingCase(row, index, context);
    const prepared = prepareCase(source);
    const tpot = Number(row['tpot_ms']) / 1000;
    const ttft = Number(row['ttft_ms']) / 1000;
    if (prepared === null || !(tpot > 0)) {
      const reason = source.refused || 'no measurement';
      refused.set(reason, (refused.get(reason) ?? 0) + 1);
      return;
    }
    const { profile, layout } = prepared.replica;
    const chip = context.chipKey(source.chip) ?? source.chip;
    const engine = source.engine ?? '';
    // Rows of one architecture are one model: trainings of the same shapes answer alike.
    const shape = [profile.hidden, profile.layerCount, profile.paramsTotal].join('|');
    const model = names.get(shape) ?? profile.architecture.name;
    names.set(shape, model);
    found.push({
      prepared,
      tpot,
      ttft: ttft > 0 ? ttft : null,
      model,
      chip,
      engine,
      family: profile.hasExperts ? 'moe' : 'dense',
      group: [model, chip, engine, source.precision].join('|'),
      key: [
        source.model,
        chip,
        engine,
        row['backend_version'],
        source.precision,
        row['isl'],
        row['osl'],
        row['measured'],
        JSON.stringify(layout),
        source.replicas,
      ].join('|'),
      concurrency: source.concurrency,
    });
  });
  const sizes = new Map<string, number>();
  for (const row of found) sizes.set(row.group, (sizes.get(row.group) ?? 0) + 1);
  const odd = inconsistent(found);
  return {
    refused,
    rows: found.map(({ key, group, concurrency: _, ...row }) => ({
      ...row,
      weight: (sizes.get(group) ?? 1) ** -0.25,
      anomaly:
        impliedShare({ ...row, weight: 1 }) > 1
          ? 'implies more than the dense peak'
          : odd.has(key)
            ? 'time per token does not rise with concurrency'
            : '',
    })),
  };
}
