import { FlopsheetError } from '../../core/errors.ts';
import type { Layer, LayerList } from '../../core/model/architecture.ts';
import { attentionLayer, convolutionLayer, layerTotals, linearLayer, parameterLayer } from '../../core/model/layers.ts';
import { parseCsv } from './csv.ts';
import type { LayerConvention } from './layer-conventions.ts';
import { conventionFor } from './layer-conventions.ts';

type Row = Readonly<Record<string, string>>;

/** Most rows of a layer table. */
const MAX_ROWS = 200_000;

function number(row: Row, column: string, line: number, fallback?: number): number {
  const text = row[column]?.trim() ?? '';
  if (text === '' && fallback !== undefined) return fallback;
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < 0 || value > 1e9) {
    throw new FlopsheetError(
      'layer-table',
      `Line ${line}, layer "${row['layer'] ?? ''}": column "${column}" holds "${text}", not a whole number.`,
      {
        where: `line ${line}, ${column}`,
        hint: 'Write a whole number from 0 to 1,000,000,000.',
      },
    );
  }
  return value;
}

const CONVOLUTION = /^(dw|g|pw)?conv(2d)?$/;
const ATTENTION = /^(attn|attention)/;
const PARAMETERS = /^param/;

/** Reads a table of layers (columns model, layer, type, c_in, c_out, k, stride, pad, groups, h_in, h_out, tokens, heads; optional bias, norm) into one layer list per model. */
export function layerListsFromCsv(text: string): LayerList[] {
  const { header, rows } = parseCsv(text, MAX_ROWS);
  for (const column of ['layer', 'type', 'c_in', 'c_out']) {
    if (!header.includes(column)) {
      throw new FlopsheetError('layer-table', `Column "${column}" is missing.`, {
        where: 'line 1',
        hint: 'The table needs at least: model, layer, type, c_in, c_out, k, groups, h_out, tokens.',
      });
    }
  }
  const models = new Map<string, { row: Row; line: number }[]>();
  rows.forEach((row, at) => {
    const name = row['model'] ?? '';
    const list = models.get(name);
    if (list === undefined) models.set(name, [{ row, line: at + 2 }]);
    else list.push({ row, line: at + 2 });
  });
  return [...models].map(([name, entries]) => layerList(name, entries));
}

function layerList(name: string, entries: readonly { row: Row; line: number }[]): LayerList {
  const types = entries.map(({ row }) => row['type'] ?? '');
  const layerNorms = entries.some(
    ({ row }) =>
      ATTENTION.test(row['type'] ?? '') ||
      (PARAMETERS.test(row['type'] ?? '') && /(^|[.+_])ln/.test(row['layer'] ?? '')),
  );
  const ownNorms = entries.some(
    ({ row }) => PARAMETERS.test(row['type'] ?? '') && /(^|[.+_])bn/.test(row['layer'] ?? ''),
  );
  const convention = conventionFor(name, layerNorms);
  let tokens = 1;
  const layers = entries.map(({ row, line }, at): Layer => {
    const type = types[at] ?? '';
    const next = types[at + 1] ?? '';
    if (CONVOLUTION.test(type)) {
      const folded = !ownNorms || at === 0 || CONVOLUTION.test(next);
      return convolution(
        row,
        line,
        convention,
        folded && convention.convNorm && !(ownNorms && isTransition(entries, at)),
      );
    }
    if (type === 'linear') {
      tokens = number(row, 'tokens', line, 1);
      return linear(row, line, tokens);
    }
    if (ATTENTION.test(type)) {
      const own = number(row, 'tokens', line);
      return attentionLayer({
        name: row['layer'] ?? '',
        width: number(row, 'c_out', line),
        tokens: own,
        windows: Math.max(1, Math.round(tokens / own)),
        heads: number(row, 'heads', line, 1),
      });
    }
    if (PARAMETERS.test(type)) return parameters(entries, at);
    throw new FlopsheetError('layer-table', `Line ${line}: layer type "${type}" is not known.`, {
      where: `line ${line}, type`,
      hint: 'Use conv2d, dwconv2d, gconv2d, linear, attn_qk+av or params_only.',
    });
  });
  const { forwardMacs, params } = layerTotals({ kind: 'layers', name, layers, sequentialDepth: null });
  // Counts are compared as integers: beyond 2^53 they would be rounded, and no network is that large.
  if (!Number.isSafeInteger(forwardMacs) || !Number.isSafeInteger(params))
    throw new FlopsheetError(
      'layer-table',
      `Model "${name}" has ${params} parameters and ${forwardMacs} MAC: absurd sizes.`,
      {
        where: name,
        hint: 'Check the columns c_in, c_out, k and h_out.',
      },
    );
  return { kind: 'layers', name, layers, sequentialDepth: null };
}

/** A convolution followed by a norm row of its own carries none. */
function isTransition(entries: readonly { row: Row }[], at: number): boolean {
  return at > 0 && !CONVOLUTION.test(entries[at + 1]?.row['type'] ?? '');
}

function flagOf(row: Row, column: string): boolean | undefined {
  const text = row[column]?.trim();
  return text === undefined || text === '' ? undefined : text === '1' || text.toLowerCase() === 'true';
}

function convolution(row: Row, line: number, convention: LayerConvention, norm: boolean): Layer {
  const kernel = number(row, 'k', line);
  const size = number(row, 'h_out', line);
  const width = number(row, 'w_out', line, size);
  // A 1x1 convolution on a 1x1 map is a squeeze-and-excitation matrix: biased, without norm.
  const squeeze = kernel === 1 && size === 1 && number(row, 'h_in', line, size) === 1;
  return convolutionLayer({
    name: row['layer'] ?? '',
    channelsIn: number(row, 'c_in', line),
    channelsOut: number(row, 'c_out', line),
    kernel: [kernel, number(row, 'k_w', line, kernel)],
    groups: number(row, 'groups', line, 1),
    outputHeight: size,
    outputWidth: width,
    bias: flagOf(row, 'bias') ?? (squeeze || convention.convBias),
    norms: (flagOf(row, 'norm') ?? (norm && !squeeze)) ? 1 : 0,
  });
}

function linear(row: Row, line: number, tokens: number): Layer {
  // Patch merging projects without a bias in every implementation that names its rows so.
  const bias = flagOf(row, 'bias') ?? !/^merge/.test(row['layer'] ?? '');
  return linearLayer({
    name: row['layer'] ?? '',
    inputs: number(row, 'c_in', line),
    outputs: number(row, 'c_out', line),
    tokens,
    bias,
    norms: 0,
  });
}

/** Norms, tables and scales of a row without sizes, from its name and its neighbours. A `params` cell, when there, is taken as it is. */
function parameters(entries: readonly { row: Row; line: number }[], at: number): Layer {
  const { row, line } = entries[at] as { row: Row; line: number };
  const name = row['layer'] ?? '';
  const own = row['params']?.trim() ?? '';
  if (own !== '') return parameterLayer(name, number(row, 'params', line));
  const before = entries.slice(0, at).findLast((entry) => !PARAMETERS.test(entry.row['type'] ?? ''));
  const after = entries.slice(at + 1).find((entry) => !PARAMETERS.test(entry.row['type'] ?? ''));
  const width = before === undefined ? 0 : number(before.row, 'c_out', before.line);
  const nextWidth = after === undefined ? width : number(after.row, 'c_in', after.line);
  const attention = sinceLast(entries, at).find((entry) => ATTENTION.test(entry.row['type'] ?? ''));
  const block = attention !== undefined || /layerscale/.test(name);
  let params = 0;
  for (const part of name.split('+')) {
    if (/(^|\.)(ln|bn)$/.test(part)) params += 2 * (block ? width : nextWidth) * (attention === undefined ? 1 : 2);
    else if (part === 'layerscale') params += width;
    else if (part === 'relpos' && attention !== undefined)
      params +=
        (2 * Math.sqrt(number(attention.row, 'tokens', attention.line)) - 1) ** 2 *
        number(attention.row, 'heads', attention.line);
    else if (part === 'cls') params += width;
    else if (part === 'pos') params += width * (after === undefined ? 1 : number(after.row, 'tokens', after.line, 1));
  }
  if (!Number.isInteger(params) || (params === 0 && width > 0)) {
    throw new FlopsheetError(
      'layer-table',
      `Line ${line}: the parameters of "${name}" cannot be derived from its name.`,
      { where: `line ${line}, layer`, hint: 'Add a "params" cell to this row.' },
    );
  }
  return parameterLayer(name, params);
}

/** Rows between the last row without a product and this one. */
function sinceLast<T extends { row: Row }>(entries: readonly T[], at: number): T[] {
  const from = entries.slice(0, at).findLastIndex((entry) => PARAMETERS.test(entry.row['type'] ?? ''));
  return entries.slice(from + 1, at);
}
