import { FlopsheetError } from '../errors.ts';
import { detectColumns, headingScale, parseCount } from './columns.ts';
import type { Role } from './columns.ts';
import { detectDelimiter, forEachRow } from './csv-rows.ts';
import { inspectPoints } from './diagnose.ts';

/** `refuse` stops a fit until answered, `question` asks, `warning` moves the answer, `note` is for information. */
export type Severity = 'refuse' | 'question' | 'warning' | 'note';

/** What is wrong with the points, where, and how to mend it. */
export interface Finding {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** First line numbers of the text concerned (at most ten). */
  readonly lines: readonly number[];
}

/** Training runs as columns of equal length; every number positive and finite. */
export interface ScalingPoints {
  readonly params: Float64Array;
  readonly tokens: Float64Array;
  readonly loss: Float64Array;
  /** As given, else 6 N D. */
  readonly flop: Float64Array;
  readonly flopGiven: boolean;
  /** 1-based line of each point in the text. */
  readonly line: Int32Array;
  /** Heading used for each role; null where it was computed. */
  readonly columns: Readonly<Record<Role, string | null>>;
  /** Distinct tokens of each run, where the table has such a column; NaN where it says nothing. */
  readonly unique: Float64Array | null;
  /** Every heading of the table, for choosing other columns. */
  readonly headings: readonly string[];
  readonly rowsRead: number;
  readonly rowsExcluded: number;
  readonly findings: readonly Finding[];
}

export interface PointOptions {
  /** Headings (or 1-based column numbers) to use instead of detection. */
  readonly paramsColumn?: string;
  readonly tokensColumn?: string;
  readonly lossColumn?: string;
  readonly flopColumn?: string;
  /** Keeps only the rows whose text column holds this value. */
  readonly where?: { readonly column: string; readonly value: string };
}

const ROLES: readonly Role[] = ['params', 'tokens', 'flop', 'loss'];

function findColumn(headings: readonly string[], wanted: string, role: Role | 'where'): number {
  const exact = headings.findIndex((h) => h.trim().toLowerCase() === wanted.trim().toLowerCase());
  if (exact >= 0) return exact;
  const number = Number(wanted);
  if (Number.isInteger(number) && number >= 1 && number <= headings.length) return number - 1;
  throw new FlopsheetError('points_no_column', `There is no column "${wanted}" for ${role}.`, {
    hint: `The columns are ${headings.map((h) => `"${h.trim()}"`).join(', ')}.`,
    where: wanted,
  });
}

/** Without headings: loss is the column of small numbers, then the larger medians are FLOP, tokens, params in that order. */
function guessByMagnitude(first: readonly (readonly string[])[], comma: boolean): Record<Role, number> {
  const width = first[0]!.length;
  const medians = Array.from({ length: width }, (_, i) => {
    const values = first.map((cells) => parseCount(cells[i] ?? '', comma)).filter((v) => v > 0);
    values.sort((a, b) => a - b);
    return { i, median: values[values.length >> 1] ?? NaN };
  }).filter((m) => !Number.isNaN(m.median));
  const column: Record<Role, number> = { params: -1, tokens: -1, flop: -1, loss: -1 };
  const losses = medians.filter((m) => m.median < 50).sort((a, b) => a.i - b.i);
  column.loss = losses[losses.length - 1]?.i ?? -1;
  const rest = medians.filter((m) => m.i !== column.loss).sort((a, b) => a.median - b.median);
  for (const m of rest) {
    if (m.median > 5e14) column.flop = m.i;
    else if (column.params < 0) column.params = m.i;
    else if (column.tokens < 0) column.tokens = m.i;
  }
  return column;
}

/**
 * Reads a table of training runs (CSV, TSV, semicolons or spaces; with or without headings; `1.4B`, `1e9`, `total_gflops`)
 * into points. Two of params, tokens and FLOP suffice: the third follows from C = 6 N D. Rows that cannot be used are left out
 * and listed; what is doubtful is in `findings`.
 * @throws FlopsheetError `points_empty`, `points_no_column`, `points_missing_column` when nothing can be read.
 */
export function parsePoints(text: string, options: PointOptions = {}): ScalingPoints {
  const sample: string[] = [];
  forEachRow(text.slice(0, 20_000), '\u0000', (cells) => {
    if (sample.length < 20) sample.push(cells[0]!);
  });
  if (text.length > 20_000 && sample.length > 1) sample.pop();
  if (sample.length < 2) {
    throw new FlopsheetError('points_empty', 'There are no points to read.', {
      hint: 'Paste a table with one training run a row: params, tokens (or FLOP) and loss.',
    });
  }
  const delimiter = detectDelimiter(sample);
  const comma = delimiter === ';' && sample.some((line) => /(^|;)\s*\d+,\d+\s*(;|$)/.test(line));
  const first: string[][] = [];
  forEachRow(sample.join('\n'), delimiter, (cells) => first.push(cells));
  const hasHeadings =
    first[0]!.filter((cell) => Number.isNaN(parseCount(cell, comma)) && cell.trim() !== '').length >
    first[0]!.length / 2;
  const headings = hasHeadings ? first[0]!.map((h) => h.trim()) : first[0]!.map((_, i) => `column ${i + 1}`);
  const findings: Finding[] = [];
  const { column, alternatives } = hasHeadings
    ? detectColumns(headings)
    : {
        column: guessByMagnitude(first, comma),
        alternatives: { params: [], tokens: [], flop: [], loss: [] } as Record<Role, string[]>,
      };
  const wanted: Record<Role, string | undefined> = {
    params: options.paramsColumn,
    tokens: options.tokensColumn,
    flop: options.flopColumn,
    loss: options.lossColumn,
  };
  for (const role of ROLES) {
    if (wanted[role] !== undefined) {
      column[role] = findColumn(headings, wanted[role], role);
      for (const other of ROLES)
        if (other !== role && wanted[other] === undefined && column[other] === column[role]) column[other] = -1;
    } else if (alternatives[role].length > 0) {
      findings.push({
        severity: 'note',
        code: 'column_chosen',
        message: `Column "${headings[column[role]]}" is used for ${role}; ${alternatives[role].map((h) => `"${h}"`).join(', ')} would also do.`,
        hint: `Name the column for ${role} to use another.`,
        lines: [],
      });
    }
  }
  if (!hasHeadings) {
    findings.push({
      severity: 'question',
      code: 'columns_guessed',
      message: `There are no headings. By their size: ${ROLES.filter((r) => column[r] >= 0)
        .map((r) => `${r} is ${headings[column[r]]}`)
        .join(', ')}.`,
      hint: 'Add a first line with params, tokens, loss, or name the columns.',
      lines: [],
    });
  }
  const sizes = ROLES.slice(0, 3).filter((role) => column[role] >= 0);
  if (column.loss < 0 || sizes.length < 2) {
    const missing =
      column.loss < 0
        ? 'loss'
        : sizes.length === 0
          ? 'params and tokens'
          : `one more of ${ROLES.slice(0, 3)
              .filter((r) => column[r] < 0)
              .join(' or ')}`;
    throw new FlopsheetError('points_missing_column', `The table has no column for ${missing}.`, {
      hint: `Needed are loss and two of params, tokens, FLOP. The columns are ${headings.map((h) => `"${h}"`).join(', ')}.`,
      where: missing,
    });
  }
  return readRows(text, { delimiter, comma, hasHeadings, headings, column, findings, options });
}

interface Layout {
  readonly delimiter: string;
  readonly comma: boolean;
  readonly hasHeadings: boolean;
  readonly headings: readonly string[];
  readonly column: Record<Role, number>;
  readonly findings: Finding[];
  readonly options: PointOptions;
}

function readRows(text: string, layout: Layout): ScalingPoints {
  const { headings, column, findings, options, comma } = layout;
  const where = options.where
    ? { at: findColumn(headings, options.where.column, 'where'), value: options.where.value.trim() }
    : null;
  const scale = (role: Role) => (column[role] >= 0 ? headingScale(headings[column[role]]!) : 1);
  const scales = { params: scale('params'), tokens: scale('tokens'), flop: scale('flop'), loss: 1 };
  const read: Record<Role, number[]> = { params: [], tokens: [], flop: [], loss: [] };
  const lines: number[] = [];
  const uniqueAt = headings.findIndex((h) => /unique.*token|token.*unique/i.test(h));
  const unique: number[] = [];
  const unreadable: number[] = [];
  const notPositive: number[] = [];
  const textValues = headings.map(() => new Set<string>());
  let rows = 0;
  let skipHeading = layout.hasHeadings;
  forEachRow(text, layout.delimiter, (cells, line) => {
    if (skipHeading) {
      skipHeading = false;
      return;
    }
    if (where && cells[where.at]?.trim() !== where.value) return;
    rows++;
    const value = (role: Role) =>
      column[role] < 0 ? NaN : parseCount(cells[column[role]] ?? '', comma) * scales[role];
    let params = value('params');
    let tokens = value('tokens');
    let flop = value('flop');
    const loss = value('loss');
    if (column.params < 0) params = flop / (6 * tokens);
    if (column.tokens < 0) tokens = flop / (6 * params);
    if (column.flop < 0) flop = 6 * params * tokens;
    if (!(Number.isFinite(params) && Number.isFinite(tokens) && Number.isFinite(loss) && Number.isFinite(flop)))
      unreadable.push(line);
    else if (!(params > 0 && tokens > 0 && loss > 0 && flop > 0)) notPositive.push(line);
    else {
      read.params.push(params);
      read.tokens.push(tokens);
      read.flop.push(flop);
      read.loss.push(loss);
      lines.push(line);
      if (uniqueAt >= 0) unique.push(parseCount(cells[uniqueAt] ?? '', comma) * headingScale(headings[uniqueAt]!));
    }
    if (rows <= 5000) {
      cells.forEach((cell, i) => {
        const set = textValues[i];
        if (set && set.size <= 40 && cell.trim() !== '' && Number.isNaN(parseCount(cell, comma))) set.add(cell.trim());
      });
    }
  });
  const excludedBy = (list: number[], code: string, what: string, hint: string) => {
    if (list.length === 0) return;
    findings.push({
      severity: 'warning',
      code,
      message: `${list.length} of ${rows} rows are left out: ${what}.`,
      hint,
      lines: list.slice(0, 10),
    });
  };
  excludedBy(
    unreadable,
    'rows_unreadable',
    'a number is missing or not a number',
    'Fill in params, tokens or FLOP, and loss, or remove the rows.',
  );
  excludedBy(
    notPositive,
    'rows_not_positive',
    'a loss, size or token count is zero or negative',
    'A loss is a positive number of nats; check for log-losses or missing values written as 0.',
  );
  textValues.forEach((set, i) => {
    if (
      set.size >= 2 &&
      set.size <= 40 &&
      set.size < rows / 3 &&
      (!where || where.at !== i) &&
      !/outlier|reason|colou?r|name/i.test(headings[i]!)
    ) {
      const names = [...set].slice(0, 6).join(', ');
      findings.push({
        severity: 'warning',
        code: 'several_groups',
        message: `Column "${headings[i]}" holds ${set.size} groups (${names}${set.size > 6 ? ', …' : ''}); losses of different data or models do not follow one law.`,
        hint: `Fit one group at a time if they differ in data, tokenizer or architecture.`,
        lines: [],
      });
    }
  });
  const points: ScalingPoints = {
    params: Float64Array.from(read.params),
    tokens: Float64Array.from(read.tokens),
    loss: Float64Array.from(read.loss),
    flop: Float64Array.from(read.flop),
    flopGiven: column.flop >= 0,
    line: Int32Array.from(lines),
    columns: {
      params: headings[column.params] ?? null,
      tokens: headings[column.tokens] ?? null,
      flop: headings[column.flop] ?? null,
      loss: headings[column.loss] ?? null,
    },
    unique: uniqueAt >= 0 ? Float64Array.from(unique) : null,
    headings,
    rowsRead: rows,
    rowsExcluded: unreadable.length + notPositive.length,
    findings,
  };
  if (uniqueAt >= 0) {
    findings.push({
      severity: 'warning',
      code: 'repeated_data',
      message:
        'The table has a column of unique tokens: runs that repeat data do not follow a law of params and tokens alone.',
      hint: 'Fit only the runs of one epoch, or fit the repetition constants on top of a base law.',
      lines: [],
    });
  }
  const confirmed = options.paramsColumn !== undefined && options.tokensColumn !== undefined;
  return inspectPoints(points, {
    columnsConfirmed: confirmed,
    tokensGiven: column.tokens >= 0,
    paramsGiven: column.params >= 0,
  });
}
