/**
 * Tables of operation counters: ptflops, fvcore (and mmengine), tf.profiler, thop and others. They disagree on what they
 * count: one multiply-add is 1 to ptflops and fvcore, 2 to tf.profiler. Where the table does not print it, the person is asked.
 */
import { FlopsheetError } from '../../errors.ts';
import { logNumber } from '../training-line.ts';
import { eachLine } from './lines.ts';

export type CountedAs = 'mac' | 'flop';
export type OpTool = 'ptflops' | 'fvcore' | 'tf.profiler' | 'unknown';

export interface OpSummary {
  readonly kind: 'op-table';
  readonly format: 'op-table';
  readonly tool: OpTool;
  /** Total as printed, in the unit of `countedAs`. */
  readonly count: number;
  readonly countedAs: CountedAs;
  /** Who says so: the table itself, the habit of the tool, or the person. */
  readonly saidBy: 'table' | 'tool' | 'you';
  /** Of one forward pass over the input the table was made with. */
  readonly forwardMacs: number;
  readonly forwardFlop: number;
  readonly params: number | null;
  /** Largest rows first, at most 50; the table's own unit. */
  readonly parts: readonly { readonly name: string; readonly count: number }[];
  readonly notes: readonly string[];
}

/** A count with a prefix: `312.48 KMac`, `81.40m`, `65.7G`, `242759424`. Prefixes of tf.profiler are lower-case. */
function counted(text: string): number | null {
  const found = /^([\d.,]+)\s*([kKmMgGbBtT]?)/.exec(text.trim());
  if (!found) return null;
  return logNumber(`${found[1]}${(found[2] as string).toUpperCase()}`);
}

interface Found {
  tool: OpTool;
  countedAs: CountedAs | null;
  total: number | null;
  params: number | null;
  readonly parts: { name: string; count: number }[];
}

function readLine(line: string, found: Found): void {
  const complexity = /Computational complexity:?\s+([\d.,]+\s*[KMGT]?)(Macs?|MACs?|Flops?|FLOPs?)/i.exec(line);
  if (complexity) {
    found.tool = 'ptflops';
    found.total = counted(complexity[1] as string);
    found.countedAs = /mac/i.test(complexity[2] as string) ? 'mac' : 'flop';
    return;
  }
  const layer = /\((\w+)\):\s*(\w+)\(\s*[\d.,]+\s*[kMG]?,\s*[\d.]+% Params,\s*([\d.,]+\s*[KMG]?)Mac/.exec(line);
  if (layer) {
    const count = counted(layer[3] as string);
    found.tool = 'ptflops';
    found.countedAs = 'mac';
    if (count !== null && count > 0) found.parts.push({ name: `${layer[1]} (${layer[2]})`, count });
    return;
  }
  const whole = /^\s*([\d.,]+\s*[kMG]?),\s*100\.000% Params,\s*([\d.,]+\s*[KMGT]?)(Mac|Flop)s?,/i.exec(line);
  if (whole && found.total === null) {
    found.tool = 'ptflops';
    found.params = counted(whole[1] as string);
    found.total = counted(whole[2] as string);
    found.countedAs = (whole[3] as string).toLowerCase() === 'mac' ? 'mac' : 'flop';
    return;
  }
  const params = /Number of parameters:?\s+([\d.,]+\s*[kMG]?)/i.exec(line);
  if (params) {
    found.params = counted(params[1] as string);
    return;
  }
  const cells = line.split('|').map((cell) => cell.trim());
  if (cells.length >= 4 && cells[1] !== undefined && cells[3] !== undefined) {
    if (cells[3] === '#flops' || cells[2]?.startsWith('#parameters') === true) {
      found.tool = 'fvcore';
      // A sentence above the table may have named a total already; the first row says which unit it is in.
      found.total = null;
      return;
    }
    const count = counted(cells[3]);
    if (found.tool === 'fvcore' && count !== null && /^[\w.]+$/.test(cells[1])) {
      if (found.total === null) {
        found.total = count;
        found.params = counted(cells[2] as string);
      } else found.parts.push({ name: cells[1], count });
      return;
    }
  }
  const root = /_TFProfRoot \((?:--|[\d.,]+\w?)\/([\d.,]+[kmb]?)\s*flops\)/.exec(line);
  if (root) {
    found.tool = 'tf.profiler';
    found.total = counted(root[1] as string);
    return;
  }
  const scope = /^\s+([\w./:-]+) \(([\d.,]+[kmb]?)\/([\d.,]+[kmb]?)\s*flops\)/.exec(line);
  if (scope && found.tool === 'tf.profiler') {
    const count = counted(scope[2] as string);
    if (count !== null && count > 0) found.parts.push({ name: scope[1] as string, count });
    return;
  }
  const op = /^(\w+)\s+([\d.,]+[kmb]?) float_ops \(([\d.]+)%, ([\d.]+)%\)/.exec(line);
  if (op) {
    const count = counted(op[2] as string);
    found.tool = 'tf.profiler';
    if (count === null) return;
    // The op view has no root: it lists every kind of operation once.
    found.total = (found.total ?? 0) + count;
    found.parts.push({ name: op[1] as string, count });
    return;
  }
  const loose =
    /\b(?:total\s+)?(?:(multiply-adds|mult-adds|macs|madds)|flops)\b\s*(?:\(([KMG])\))?\s*[:=]\s*([\d.,]+\s*[KMGT]?)/i.exec(
      line,
    );
  if (loose && found.total === null) {
    const scale = { K: 1e3, M: 1e6, G: 1e9 }[(loose[2] ?? '').toUpperCase()] ?? 1;
    const count = counted(loose[3] as string);
    found.total = count === null ? null : count * scale;
    found.countedAs = loose[1] === undefined ? null : 'mac';
  }
}

/** Whether a line belongs to such a table. */
export function isOpTable(line: string): boolean {
  return /Computational complexity|% MACs|% Params, |#flops|_TFProfRoot .*flops|float_ops|total (flops|macs)\b|mult-adds/i.test(
    line,
  );
}

/**
 * Reads the table. `told` is what the person says a count is; without it the table's own unit or the tool's habit holds.
 * Throws `OPS_ASK` when neither is known, `LOG_EMPTY` when there is no total.
 */
export async function readOpTable(
  chunks: AsyncIterable<string>,
  name: string,
  told: CountedAs | undefined,
): Promise<OpSummary> {
  const found: Found = { tool: 'unknown', countedAs: null, total: null, params: null, parts: [] };
  await eachLine(chunks, (line) => readLine(line, found));
  const { total, tool } = found;
  if (total === null || !(total > 0))
    throw new FlopsheetError('LOG_EMPTY', 'the table has no total of operations', {
      where: name,
      hint: 'paste the whole output of ptflops, fvcore or tf.profiler, with its first line',
    });
  const habit: CountedAs | null = tool === 'fvcore' ? 'mac' : tool === 'tf.profiler' ? 'flop' : null;
  const countedAs = told ?? found.countedAs ?? habit;
  if (countedAs === null)
    throw new FlopsheetError('OPS_ASK', 'does this table count multiply-adds (MAC) or FLOP?', {
      where: name,
      hint: 'many tools print MAC and call them FLOPs; a FLOP count is twice as large. Say which: --count mac or --count flop',
    });
  const notes: string[] = [];
  if (told !== undefined && found.countedAs !== null && told !== found.countedAs)
    notes.push(`the table prints ${found.countedAs === 'mac' ? 'MAC' : 'FLOP'}; you said otherwise`);
  else if (told === undefined && found.countedAs === null)
    notes.push(
      tool === 'fvcore'
        ? 'fvcore counts one multiply-add as one and calls it a flop: read as MAC; --count flop if yours counts two'
        : 'tf.profiler counts a multiply and an add as two: read as FLOP; --count mac if yours counts one',
    );
  notes.push('elementwise work is in the total where the tool counts it; training is about three forward passes');
  return {
    kind: 'op-table',
    format: 'op-table',
    tool,
    count: total,
    countedAs,
    saidBy: told !== undefined ? 'you' : found.countedAs !== null ? 'table' : 'tool',
    forwardMacs: countedAs === 'mac' ? total : total / 2,
    forwardFlop: countedAs === 'mac' ? 2 * total : total,
    params: found.params,
    parts: found.parts.sort((a, b) => b.count - a.count).slice(0, 50),
    notes,
  };
}
