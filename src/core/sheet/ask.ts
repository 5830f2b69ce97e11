/** Formulas asked about rather than stored: live check while typing, completion, and one-off evaluation. */
import type { TableId } from '../document/plan.ts';
import { TABLE_IDS } from '../document/plan.ts';
import { AGGREGATES } from '../formula/check-aggregate.ts';
import { DISTRIBUTIONS } from '../formula/check-distribution.ts';
import { walk, type Expr } from '../formula/expr.ts';
import { signature } from '../formula/function.ts';
import { tokenize, type Token } from '../formula/lexer.ts';
import { FormulaError } from '../formula/formula-error.ts';
import { describeType, type ValueType } from '../formula/types.ts';
import { unitNames, type Unit } from '../quantity/unit.ts';
import { isFraction } from './column.ts';
import { exprProblem } from './diagnose.ts';
import { formatWithUnit } from './format-cell.ts';
import { valueOf } from './interpret.ts';
import { compileAt, knownTypes, orderNodes } from './link.ts';
import { literalTarget } from './build.ts';
import { readCell, type LiteralTarget } from './literal.ts';
import { Sampler, sampleProgram } from './sample.ts';
import type { Sheet } from './sheet.ts';
import type { Compiled } from './state.ts';
import type { CellProblem, Completion, FormulaCheck, Spread } from './view.ts';

export interface AskPlace {
  readonly table: TableId | null;
  readonly row: string | null;
  readonly column: string | null;
}

export interface Answer {
  readonly type: ValueType;
  /** Central value in base units; NaN when unknown. */
  readonly value: number;
  /** In base units. */
  readonly spread: Spread | null;
  readonly problem: CellProblem | null;
  /** Unit of an outermost `in`, when there is one. */
  readonly unit: Unit | null;
}

/** Compiles a formula that is not stored; new nodes it needs are computed at once. */
function compileAsked(
  sheet: Sheet,
  formula: string,
  place: AskPlace,
  expected: ValueType | null,
  literal?: LiteralTarget,
): Compiled {
  const column = place.table && place.column ? sheet.column(place.table, place.column) : undefined;
  const row = place.table && place.row !== null ? (sheet.state.tables[place.table].rowNumber.get(place.row) ?? -1) : -1;
  const before = sheet.state.nodes.length;
  const compiled = compileAt(
    sheet.state,
    formula,
    {
      table: place.table,
      row,
      sourceKey: `asked.${place.table ?? ''}.${place.row ?? ''}.${place.column ?? ''}`,
      fraction: column ? isFraction(column.def) : false,
      expected,
      what: 'this column',
      ...(literal ? { literal } : {}),
    },
    knownTypes(sheet.state),
  );
  if (sheet.state.nodes.length > before) {
    orderNodes(sheet.state);
    sheet.refresh(before);
  }
  return compiled;
}

/** Evaluates a formula in a place of the sheet, with its spread when it is uncertain. Throws FormulaError. */
export function evaluateFormula(sheet: Sheet, formula: string, place: AskPlace): Answer {
  const compiled = compileAsked(sheet, formula, place, null);
  if (compiled.error) throw compiled.error;
  const { expr, program } = compiled;
  const row = place.table && place.row !== null ? (sheet.state.tables[place.table].rowNumber.get(place.row) ?? -1) : -1;
  const at = { table: place.table, row };
  const value = valueOf(sheet, expr, at);
  const problem = Number.isFinite(value) ? null : exprProblem(sheet, expr, at, 'formula');
  const sampler = new Sampler(sheet, { samples: sheet.plan.settings.samples, seed: sheet.plan.settings.seed });
  const samples = problem
    ? Number.NaN
    : sampleProgram(sampler, program, place.table ? sheet.state.tables[place.table] : null, row);
  return {
    type: expr.type,
    value,
    spread: typeof samples === 'number' ? null : sampler.spread(samples, 1),
    problem,
    unit: null,
  };
}

/** What the formula bar shows while somebody types into a cell. */
export function checkText(
  sheet: Sheet,
  place: { table: TableId; row: string; column: string },
  text: string,
): FormulaCheck {
  const column = sheet.column(place.table, place.column);
  const row = sheet.state.tables[place.table].rowNumber.get(place.row) ?? -1;
  if (!column || text.trim() === '') return { ok: true, type: '', display: '', names: [] };
  const address = `${place.table}.${place.row}.${place.column}`;
  const target = literalTarget(column);
  const content = readCell(text, target);
  if (content.is === 'problem')
    return {
      ok: false,
      type: describeType(column.type),
      problem: { code: content.code, message: content.message, hint: content.hint, root: address },
      display: '',
      names: [],
    };
  if (content.is === 'value')
    return {
      ok: true,
      type: describeType(column.type),
      display: content.text ?? formatWithUnit(column.type, content.value, sheet.state.texts, column.unit),
      names: [],
    };
  const compiled = compileAsked(sheet, content.formula, place, column.type, content.literal ? target : undefined);
  const shift = content.offset;
  if (compiled.error) {
    const problem = compiled.error.problem(address);
    return {
      ok: false,
      type: '',
      problem: { ...problem, from: (problem.from ?? 0) + shift, to: (problem.to ?? 0) + shift },
      display: '',
      names: namesIn(sheet, content.formula, null, { table: place.table, row }, shift),
    };
  }
  const value = valueOf(sheet, compiled.expr, { table: place.table, row });
  return {
    ok: true,
    type: describeType(compiled.expr.type),
    display: formatWithUnit(
      compiled.expr.type,
      value,
      sheet.state.texts,
      column.type.is === 'number' ? column.unit : undefined,
    ),
    names: namesIn(sheet, content.formula, compiled.expr, { table: place.table, row }, shift),
  };
}

function namesIn(
  sheet: Sheet,
  formula: string,
  expr: Expr | null,
  place: { table: TableId; row: number },
  shift: number,
): FormulaCheck['names'] {
  let tokens: Token[];
  try {
    tokens = tokenize(formula);
  } catch (error) {
    if (error instanceof FormulaError) return [];
    throw error;
  }
  const values = new Map<number, string>();
  if (expr)
    walk(expr, (part) => {
      if ((part.op === 'column' && !part.outer) || part.op === 'cell' || part.op === 'catalog') {
        const value = part.op === 'column' && part.table !== place.table ? Number.NaN : valueOf(sheet, part, place);
        const unit = part.op === 'column' ? sheet.state.tables[part.table].columns[part.column]?.unit : undefined;
        values.set(part.to, formatWithUnit(part.type, value, sheet.state.texts, unit) || 'unknown');
      }
    });
  return tokens.flatMap((token, i): FormulaCheck['names'][number][] => {
    if (token.type !== 'name') return [];
    const next = tokens[i + 1];
    const afterDot = tokens[i - 1]?.type === 'operator' && (tokens[i - 1] as { value: string }).value === '.';
    const base = { from: token.from + shift, to: token.to + shift, name: token.value };
    if (next?.type === 'operator' && next.value === '(')
      return [
        {
          ...base,
          kind: 'function' as const,
          hover: functionHelp(sheet, token.value),
        },
      ];
    if (afterDot) return [{ ...base, kind: 'field' as const, hover: values.get(token.to) ?? '' }];
    const column = sheet.column(place.table, token.value);
    if (column)
      return [
        {
          ...base,
          kind: 'column' as const,
          hover: expr ? `${column.def.label}: ${values.get(token.to) ?? 'unknown'}` : column.def.label,
        },
      ];
    if (sheet.state.assumptions.has(token.value))
      return [{ ...base, kind: 'assumption' as const, hover: values.get(token.to) ?? '' }];
    if ((TABLE_IDS as readonly string[]).includes(token.value)) return [{ ...base, kind: 'table' as const, hover: '' }];
    return [];
  });
}

/** A function's signature and, on the next line, what it does; empty for a name that is no function. */
function functionHelp(sheet: Sheet, name: string): string {
  const fn = sheet.options.registry.get(name);
  if (fn) return `${signature(fn)}\n${fn.doc}`;
  const special = specialFunctions().find((item) => item.label === name);
  return special ? `${special.detail}\n${special.info}` : '';
}

/** Names that may stand at a position of a formula, best first. */
export function completionsAt(sheet: Sheet, table: TableId, text: string, position: number): Completion[] {
  const before = text.slice(0, position);
  const member = /([A-Za-z_]\w*)\.([A-Za-z_]\w*)?$/.exec(before);
  const typed = (/[A-Za-z_]\w*$/.exec(before)?.[0] ?? '').toLowerCase();
  const all = member
    ? memberCompletions(sheet, table, member[1] as string)
    : unitPosition(before)
      ? unitCompletions()
      : nameCompletions(sheet, table);
  const rank = (item: Completion): number => {
    const label = item.label.toLowerCase();
    return label.startsWith(typed) ? 0 : label.includes(typed) ? 1 : item.detail.toLowerCase().includes(typed) ? 2 : 3;
  };
  return all
    .map((item) => ({ item, rank: rank(item) }))
    .filter((entry) => entry.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, 200)
    .map((entry) => entry.item);
}

/** After a number and a space, or after `in`, a unit is meant. */
function unitPosition(before: string): boolean {
  return /\d[kKMBT%]?\s+[A-Za-z/·]*$/.test(before) || /\bin\s+[A-Za-z/·]*$/.test(before);
}

function unitCompletions(): Completion[] {
  return unitNames().map((label) => ({ label, kind: 'unit' as const, detail: 'unit', info: '' }));
}

/** Functions the grammar itself knows. */
function specialFunctions(): Completion[] {
  return [
    ...AGGREGATES.map((name) => ({
      label: name,
      kind: 'function' as const,
      detail: `${name}(table.column, condition)`,
      info: 'Over the included rows of a table.',
    })),
    ...Object.entries(DISTRIBUTIONS).map(([name, spec]) => ({
      label: name,
      kind: 'function' as const,
      detail: `${name}(${spec.params.map(([param]) => param).join(', ')})`,
      info: spec.doc,
    })),
    {
      label: 'if',
      kind: 'function' as const,
      detail: 'if(condition, yes, no)',
      info: 'One of two values; the other is not looked at.',
    },
    {
      label: 'schedule',
      kind: 'function' as const,
      detail: 'schedule(2027-01: 4, …)',
      info: 'A value that changes on dates.',
    },
  ];
}

function nameCompletions(sheet: Sheet, table: TableId): Completion[] {
  const columns = sheet.state.tables[table].columns.map((column) => ({
    label: column.def.id,
    kind: 'column' as const,
    detail: column.def.label,
    info: column.def.help,
  }));
  const assumptions = sheet.state.tables.assumptions.keys.map((key) => ({
    label: key,
    kind: 'assumption' as const,
    detail: 'assumption',
    info: sheet.text('assumptions', key, 'note'),
  }));
  const functions = [...sheet.options.registry.values()].map((fn) => ({
    label: fn.name,
    kind: 'function' as const,
    detail: signature(fn),
    info: `${fn.doc} Example: ${fn.example}`,
  }));
  const special = specialFunctions().filter((item) => !sheet.options.registry.has(item.label));
  const tables = TABLE_IDS.filter((id) => id !== 'assumptions').map((label) => ({
    label,
    kind: 'table' as const,
    detail: 'table',
    info: '',
  }));
  return [...columns, ...assumptions, ...functions, ...special, ...tables];
}

function memberCompletions(sheet: Sheet, table: TableId, owner: string): Completion[] {
  const column = sheet.column(table, owner);
  const columnsOf = (id: TableId): Completion[] =>
    sheet.state.tables[id].columns.map((own) => ({
      label: own.def.id,
      kind: 'field' as const,
      detail: own.def.label,
      info: own.def.help,
    }));
  if (column?.type.is === 'reference') {
    const { to } = column.type;
    if ((TABLE_IDS as readonly string[]).includes(to)) return columnsOf(to as TableId);
    return Object.entries(sheet.options.catalog.get(to)?.fields ?? {}).map(([label, unit]) => ({
      label,
      kind: 'field' as const,
      detail: unit || 'number',
      info: `field of ${to}`,
    }));
  }
  if (owner === 'assumptions')
    return sheet.state.tables.assumptions.keys.map((label) => ({
      label,
      kind: 'assumption' as const,
      detail: 'assumption',
      info: '',
    }));
  if ((TABLE_IDS as readonly string[]).includes(owner))
    return [
      ...columnsOf(owner as TableId),
      ...sheet.state.tables[owner as TableId].keys
        .slice(0, 200)
        .map((label) => ({ label, kind: 'field' as const, detail: 'row', info: '' })),
    ];
  return [];
}
