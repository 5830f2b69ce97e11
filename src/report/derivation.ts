/** How headline figures came about: the explain trees of the sheet as indented tables, each value opened once. */
import { formatScientific, formatSignificant } from '../core/format/number.ts';
import { explainCell } from '../core/sheet/explain.ts';
import { columnView } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import { aggregateNodeOf } from '../core/sheet/totals.ts';
import type { ExplainNode } from '../core/sheet/view.ts';
import { includedRows, rowName, shown } from './cells.ts';
import type { ReportCell, ReportTable } from './model.ts';

/** What is derived for every run that is printed in full, in this order. */
const FIGURES = ['total_cost', 'train_days', 'energy_mwh', 'tco2e_location', 'memory_per_chip_gib'] as const;
/** Runs opened in full; the others stand with their results in the tables of runs. */
const RUNS = 4;
const COLUMNS = [
  { label: 'Value', unit: '', align: 'left', share: 1.5 },
  { label: 'Result', unit: '', align: 'right', share: 0 },
  { label: 'Formula, or source', unit: '', align: 'left', share: 1.6 },
] as const;

/** Explain trees of the dearest runs' headline figures. */
export function explainTrees(sheet: Sheet): { run: string; trees: ExplainNode[] }[] {
  const cost = sheet.column('runs', 'total_cost');
  const rank = (row: number): number => (Number.isFinite(cost?.values[row]) ? (cost?.values[row] as number) : -1);
  const rows = includedRows(sheet, 'runs').sort((a, b) => rank(b) - rank(a) || a - b);
  return rows.slice(0, RUNS).map((row) => ({
    run: rowName(sheet, 'runs', row),
    trees: FIGURES.flatMap((id) => {
      const column = sheet.column('runs', id);
      return column ? [explainCell(sheet, column, row)] : [];
    }),
  }));
}

const TOTALS = ['train_flop', 'chip_hours', 'energy_mwh', 'tco2e_location', 'total_cost'] as const;
/** Runs that are named below each total. */
const LISTED = 12;

/** The headline totals: what each sums, run by run. */
export function totalTable(sheet: Sheet): ReportTable {
  const included = includedRows(sheet, 'runs');
  const rows = TOTALS.flatMap((id): ReportCell[][] => {
    const column = sheet.column('runs', id);
    if (!column || included.length < 2) return [];
    const { unit } = columnView(column);
    const { value, unknown } = aggregateNodeOf(sheet, 'runs', column).result;
    const result = (amount: number): ReportCell =>
      Number.isFinite(amount)
        ? { text: `${shown(column, amount / column.unit.scale)} ${unit}`.trim() }
        : { text: 'unknown', tone: 'error' };
    const rest = included.slice(LISTED).reduce((sum, row) => sum + (column.values[row] as number), 0);
    return [
      [
        { text: column.def.label, tone: 'strong' },
        { ...result(value), ...(unknown === 0 ? { tone: 'strong' as const } : {}) },
        { text: `= sum(runs.${id}), included runs`, mono: true },
      ],
      ...included
        .slice(0, LISTED)
        .map((row): ReportCell[] => [
          { text: rowName(sheet, 'runs', row), indent: 1 },
          result(column.values[row] as number),
          { text: `= ${column.def.formula ?? ''}`, mono: true },
        ]),
      ...(included.length > LISTED
        ? [[{ text: `${included.length - LISTED} other runs`, indent: 1 }, result(rest), { text: '' }]]
        : []),
    ];
  });
  return { title: 'Totals of runs', columns: COLUMNS, rows, totals: null, note: '' };
}

/** One table a run. A value that was opened before is named again but not opened; long texts are printed once. */
export function derivationTables(found: readonly { run: string; trees: readonly ExplainNode[] }[]): ReportTable[] {
  const said = new Set<string>();
  return found.map(({ run, trees }) => {
    const opened = new Set<string>();
    const rows = trees.flatMap((tree) => nodeRows(tree, 0, opened, said));
    return { title: run, columns: COLUMNS, rows, totals: null, note: '' };
  });
}

/** Formulas and sources longer than this are cut when they were printed before. */
const LONG = 140;
const CUT = 70;

function once(text: string, said: Set<string>): string {
  if (text.length <= LONG) return text;
  if (said.has(text)) return `${text.slice(0, CUT)}… (in full above)`;
  said.add(text);
  return text;
}

function nodeRows(node: ExplainNode, depth: number, opened: Set<string>, said: Set<string>): ReportCell[][] {
  const again = opened.has(node.id) && node.inputs.length > 0;
  opened.add(node.id);
  const tone =
    node.state === 'override' ? 'override' : node.state === 'input' || node.state === 'formula' ? 'input' : '';
  const origin = again ? 'see above' : once(node.formula !== null ? `= ${node.formula}` : originOf(node), said);
  const row: ReportCell[] = [
    {
      text: node.kind === 'column' || node.kind === 'assumption' ? node.label : node.id,
      indent: depth,
      ...(depth === 0 ? { tone: 'strong' as const } : {}),
    },
    node.problem && node.problem.code !== 'EMPTY' && node.display === ''
      ? { text: `#${node.problem.code}`, tone: 'error' }
      : node.display === ''
        ? { text: 'empty', tone: 'muted' }
        : { text: withUnit(node), tone: depth === 0 ? 'strong' : tone },
    { text: origin, mono: node.formula !== null && !again, ...(again ? { tone: 'muted' as const } : {}) },
  ];
  const inputs = again ? [] : node.inputs.filter((input) => !isFieldOfNothing(input));
  return [row, ...inputs.flatMap((input) => nodeRows(input, depth + 1, opened, said))];
}

/** A field of a catalog row that was not chosen: the empty reference above it says so already. */
function isFieldOfNothing(node: ExplainNode): boolean {
  return node.kind === 'catalog' && node.display === '' && node.problem?.code === 'EMPTY';
}

/** Displays of columns and assumptions lack their unit; functions carry it; catalog fields are in the catalog's unit. */
export function withUnit(node: ExplainNode): string {
  if (node.display === '') return 'empty';
  if (node.kind === 'catalog' && typeof node.value === 'number')
    return `${Math.abs(node.value) >= 1e15 ? formatScientific(node.value, 4) : formatSignificant(node.value, 6)} ${node.unit}`.trim();
  const plain = node.kind === 'column' || node.kind === 'assumption';
  return plain && node.unit !== '' && !node.display.endsWith(` ${node.unit}`)
    ? `${node.display} ${node.unit}`
    : node.display;
}

function originOf(node: ExplainNode): string {
  if (node.state === 'default') return `column default${node.source ? `; ${node.source}` : ''}`;
  if (node.state === 'override') return `replaces the column’s formula; ${node.source}`;
  return node.source;
}
