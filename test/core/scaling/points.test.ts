import { describe, expect, it } from 'vitest';
import { FlopsheetError } from '../../../src/core/errors.ts';
import { fitLaw, parsePoints } from '../../../src/core/scaling/index.ts';
import type { PointOptions, ScalingPoints } from '../../../src/core/scaling/index.ts';
import { headingScale, parseCount } from '../../../src/core/scaling/columns.ts';
import { randomTruth, syntheticPoints } from './synthetic.ts';

function failure(run: () => unknown): FlopsheetError {
  try {
    run();
  } catch (error) {
    if (error instanceof FlopsheetError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const codes = (points: ScalingPoints) => points.findings.map((f) => f.code);
const parse = (text: string, options?: PointOptions) => parsePoints(text, options);

/** A table of synthetic runs as text. */
function table(
  count: number,
  change: (row: string[], i: number) => string[] = (row) => row,
  head = 'params,tokens,loss',
): string {
  const points = syntheticPoints(randomTruth(1), count, 0.005, 2);
  const rows = Array.from(points.loss.keys(), (i) =>
    change([points.params[i]!.toPrecision(6), points.tokens[i]!.toPrecision(6), points.loss[i]!.toFixed(5)], i).join(
      ',',
    ),
  );
  return [head, ...rows].join('\n');
}

describe('reading points', () => {
  it('reads numbers as people write them', () => {
    expect(parseCount('1.4B')).toBe(1.4e9);
    expect(parseCount('300 M')).toBe(3e8);
    expect(parseCount('1,400,000')).toBe(1.4e6);
    expect(parseCount('15.6T')).toBe(15.6e12);
    expect(parseCount('3,42', true)).toBe(3.42);
    expect(parseCount('abc')).toBeNaN();
    expect(parseCount('')).toBeNaN();
  });

  it('reads units from headings', () => {
    expect(headingScale('params (B)')).toBe(1e9);
    expect(headingScale('tokens_m')).toBe(1e6);
    expect(headingScale('throughput/total_gflops')).toBe(1e9);
    expect(headingScale('compute (PF-days)')).toBe(8.64e19);
    expect(headingScale('params')).toBe(1);
    expect(headingScale('Training FLOP')).toBe(1);
  });

  it('recognises headings of published tables and tracker exports', () => {
    expect(
      parse('x,y,color,Model Size,Training FLOP,hex_color,loss\n1,2,#fff,1e9,1e20,#fff,2.9\n1,2,#fff,2e9,1e20,#fff,2.8')
        .columns,
    ).toEqual({ params: 'Model Size', tokens: null, flop: 'Training FLOP', loss: 'loss' });
    const wandb = parse(
      '"Name","parameter_count","throughput/total_tokens","throughput/total_gflops","eval/paloma/macro_loss","trainer.train_batch_size"\n"a","669160448","7787380736","30000190274.06881","3.5","32"\n"b","998036992","16608657408","99999453897.5","3.3","64"',
    );
    expect(wandb.columns).toEqual({
      params: 'parameter_count',
      tokens: 'throughput/total_tokens',
      flop: 'throughput/total_gflops',
      loss: 'eval/paloma/macro_loss',
    });
    expect(wandb.flop[0]).toBeCloseTo(3.000019e19, -14);
    const german = parse('Params (B);Tokens (B);val_loss\n0,07;1,4;3,42\n1,4;28;2,9\n');
    expect([german.params[0], german.tokens[1], german.loss[0]]).toEqual([7e7, 2.8e10, 3.42]);
  });

  it('computes the third of params, tokens and FLOP', () => {
    const points = parse('flops,tokens,loss\n6e20,1e11,2.5\n6e21,3e11,2.3\n');
    expect(points.params[0]).toBe(1e9);
    expect(points.columns.params).toBeNull();
  });

  it('takes named columns over its own choice and keeps one group when asked', () => {
    const text =
      'set,N,N_no_embed,D,loss_c4_val,loss_other\na,1e9,9e8,2e10,3,4\nb,2e9,1.8e9,4e10,2.8,3.8\na,4e9,3.8e9,8e10,2.6,3.6\n';
    expect(parse(text).columns.loss).toBe('loss_c4_val');
    expect(codes(parse(text))).toContain('column_chosen');
    const points = parse(text, { lossColumn: 'loss_other', paramsColumn: '3', where: { column: 'set', value: 'a' } });
    expect([...points.loss]).toEqual([4, 3.6]);
    expect(points.columns.params).toBe('N_no_embed');
    expect(failure(() => parse(text, { lossColumn: 'nope' })).hint).toContain('"loss_c4_val"');
  });

  it('tells params and tokens apart by size when there are no headings, and asks', () => {
    const points = parse('3.4\t1.4B\t70M\n2.9\t20B\t1B\n2.5\t140B\t7B\n');
    expect(points.params[0]).toBe(7e7);
    expect(points.tokens[0]).toBe(1.4e9);
    expect(points.findings.find((f) => f.code === 'columns_guessed')!.severity).toBe('question');
  });
});

describe('bad input', () => {
  it('nothing, text without numbers, and a missing loss are refused by name', () => {
    expect(failure(() => parse('')).code).toBe('points_empty');
    expect(failure(() => parse('name,size\na,b\nc,d')).code).toBe('points_missing_column');
    expect(failure(() => parse('params,tokens\n1e9,2e10\n2e9,4e10')).message).toContain('loss');
    expect(failure(() => parse('params,loss\n1e9,3\n2e9,2.9')).message).toContain('tokens or flop');
  });

  it('too few points: says the best of them', () => {
    const error = failure(() => fitLaw(parse(table(4))));
    expect(error.code).toBe('fit_too_few_points');
    expect(error.hint).toContain('What can be said');
  });

  it('one budget: gives the best size at that budget instead of exponents', () => {
    const points = syntheticPoints(randomTruth(1), 200, 0, 3);
    const keep = Array.from(points.loss.keys()).filter((i) => i % 10 === 4);
    const pick = (a: Float64Array) => Float64Array.from(keep, (i) => a[i]!);
    const one = {
      ...points,
      params: pick(points.params),
      tokens: pick(points.tokens),
      loss: pick(points.loss),
      flop: pick(points.flop),
      line: Int32Array.from(keep),
    };
    for (const method of ['parametric', 'isoflop', 'vpnls'] as const) {
      const error = failure(() => fitLaw(one, { method }));
      expect(error.code).toBe('fit_one_budget');
      expect(error.hint).toMatch(/best size is about/);
    }
  });

  it('negative, zero, missing and non-numeric losses are left out and listed by line', () => {
    const text = table(60, (row, i) =>
      i === 3
        ? [row[0]!, row[1]!, '-2.5']
        : i === 5
          ? [row[0]!, row[1]!, '0']
          : i === 7
            ? [row[0]!, row[1]!, 'NaN']
            : i === 9
              ? [row[0]!, '', row[2]!]
              : row,
    );
    const points = parse(text);
    expect(points.loss.length).toBe(56);
    expect(points.findings.find((f) => f.code === 'rows_not_positive')!.lines).toEqual([5, 7]);
    expect(points.findings.find((f) => f.code === 'rows_unreadable')!.lines).toEqual([9, 11]);
    expect(fitLaw(points, { starts: 60 }).nPoints).toBe(56);
  });

  it('mixed units: rows in billions among counts are left out and named', () => {
    const points = parse(
      table(60, (row, i) => (i === 10 || i === 20 ? [String(Number(row[0]) / 1e9), row[1]!, row[2]!] : row)),
    );
    const finding = points.findings.find((f) => f.code === 'mixed_units')!;
    expect([...finding.lines].sort((a, b) => a - b)).toEqual([12, 22]);
    expect(points.loss.length).toBe(58);
  });

  it('a column wholly in an unnamed unit is asked about, and the exponents still come out', () => {
    const small = parse(table(80, (row) => [String(Number(row[0]) / 1e9), String(Number(row[1]) / 1e9), row[2]!]));
    expect(codes(small)).toContain('units_unclear');
    const whole = fitLaw(parse(table(80))).constants!;
    const scaled = fitLaw(small).constants!;
    expect(scaled.alpha).toBeCloseTo(whole.alpha, 4);
    expect(scaled.beta).toBeCloseTo(whole.beta, 4);
  });

  it('swapped columns are refused until confirmed', () => {
    const text = table(60, (row) => [row[1]!, row[0]!, row[2]!]);
    expect(codes(parse(text))).toContain('columns_swapped');
    const error = failure(() => fitLaw(parse(text)));
    expect(error.code).toBe('fit_columns_swapped');
    expect(error.hint).toContain('"tokens" for params');
    expect(fitLaw(parse(text), { confirmed: true, starts: 30 }).nPoints).toBe(60);
    const mended = parse(text, { paramsColumn: 'tokens', tokensColumn: 'params' });
    expect(codes(mended)).not.toContain('columns_swapped');
  });

  it('duplicates are counted, named and dropped on request', () => {
    const text = table(40);
    const points = parse(`${text}\n${text.split('\n').slice(1, 6).join('\n')}`);
    expect(points.findings.find((f) => f.code === 'duplicates')!.message).toContain('5 of 45');
    expect(fitLaw(points, { dropDuplicates: true, starts: 30 }).nPoints).toBe(40);
    expect(fitLaw(points, { starts: 30 }).nPoints).toBe(45);
  });

  it('perplexities, FLOP that do not match, mixed groups and one ratio are pointed out', () => {
    expect(codes(parse(table(40, (row) => [row[0]!, row[1]!, String(Math.exp(Number(row[2]) + 1))])))).toContain(
      'loss_unlikely',
    );
    expect(
      codes(
        parse(table(40, (row) => [...row, String(18 * Number(row[0]) * Number(row[1]))], 'params,tokens,loss,flops')),
      ),
    ).toContain('flop_mismatch');
    expect(
      codes(parse(table(40, (row, i) => [...row, i % 2 ? 'c4' : 'pile'], 'params,tokens,loss,dataset'))),
    ).toContain('several_groups');
    const step = parse(table(40, (row) => [row[0]!, String(20 * Number(row[0])), row[2]!]));
    expect(fitLaw(step, { starts: 30 }).findings.map((f) => f.code)).toContain('one_ratio');
  });

  it('a column of unique tokens warns that repeated data follow another law', () => {
    const points = parse('params,tokens,unique_tokens,val_loss\n1e9,2e10,1e10,3\n2e9,4e10,1e10,2.9\n');
    expect(points.columns.tokens).toBe('tokens');
    expect(codes(points)).toContain('repeated_data');
  });

  it('constant sizes or token counts are refused, with what is missing', () => {
    const error = failure(() => fitLaw(parse(table(40, (row) => ['1e9', row[1]!, row[2]!]))));
    expect(error.code).toBe('fit_no_variation');
    expect(error.message).toContain('1 size');
  });

  it('isoflop on points without budgets says to use the parametric method', () => {
    const text = table(30, (row, i) => [String(1e8 * 1.37 ** i), String(3e9 * 1.29 ** i), row[2]!]);
    const error = failure(() => fitLaw(parse(text), { method: 'isoflop' }));
    expect(error.code).toBe('fit_no_minimum');
    expect(error.hint).toContain('parametric');
  });
});
