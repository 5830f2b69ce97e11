/** Tables of a plan in full: every column that holds something, split by column groups where the page is too narrow. */
import type { TableId } from '../core/document/plan.ts';
import { columnView, cellView } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import type { CellView } from '../core/sheet/view.ts';
import { includedRows, reportCell, reportColumn, rowName, totalCell } from './cells.ts';
import type { ReportCell, ReportTable } from './model.ts';
import { UPRIGHT_ROWS, uprightTables } from './upright.ts';

/** Characters that fit beside each other at the size of section tables, and what a column's padding takes. */
const LINE = 138;
const PADDING = 2;
const NAME_WIDTH = 24;
const TEXT_WIDTH = 26;
/** Rows printed; a plan of thousands is better read as a workbook. */
const ROWS = 400;

interface PrintColumn {
  readonly column: ColumnState;
  readonly views: readonly CellView[];
  readonly width: number;
  readonly long: boolean;
}

/** A table of the plan, as one or more printed tables. Empty when it has no rows. */
export function planTables(sheet: Sheet, table: TableId, leave: readonly string[] = []): ReportTable[] {
  const { keys, columns } = sheet.state.tables[table];
  if (keys.length === 0) return [];
  const rows = keys.slice(0, ROWS).map((_, row) => row);
  const printed = columns
    .filter((column) => !['key', 'name', 'included', ...leave].includes(column.def.id))
    .map((column) => printColumn(sheet, column, rows));
  const useful = printed.filter(
    (item) =>
      !restsOnDefault(item, table) &&
      item.views.some(
        (view) => view.display !== '' || (view.problem && view.problem.code !== 'EMPTY' && !item.column.def.quiet),
      ),
  );
  if (keys.length <= UPRIGHT_ROWS && useful.length > 6)
    return uprightTables(
      sheet,
      table,
      useful.map((item) => item.column),
    );
  const included = new Set(includedRows(sheet, table));
  const constant = useful.filter(isConstant);
  return pages(useful.filter((item) => !constant.includes(item))).map((page, number): ReportTable => {
    const own = page.some((item) => item.views.some((view) => view.state === 'override'));
    const totals = page.some((item) => item.column.def.total) && keys.length > 1;
    return {
      title: [...new Set(page.map((item) => item.column.def.group || 'Further columns'))].join(' · '),
      columns: [
        { label: keys.length > 1 ? 'Row' : '', unit: '', align: 'left', share: 1 },
        ...page.map((item) => reportColumn(item.column, item.long ? 1 : 0)),
      ],
      rows: rows.map((row): ReportCell[] => [
        included.has(row)
          ? { text: rowName(sheet, table, row) }
          : { text: `${rowName(sheet, table, row)} (excluded)`, tone: 'muted' },
        ...page.map((item) => reportCell(item.views[row], included.has(row), item.column.def.quiet)),
      ]),
      totals: totals
        ? [
            { text: 'Total of included rows', tone: 'strong' },
            ...page.map((item) => totalCell(sheet, table, item.column)),
          ]
        : null,
      note: [
        number === 0 && constant.length > 0 ? `The same in every row: ${constant.map(constantText).join('; ')}.` : '',
        own ? '* replaces the column’s formula.' : '',
        keys.length > ROWS ? `${keys.length - ROWS} more rows are in the workbook; totals count them.` : '',
      ]
        .filter(Boolean)
        .join(' '),
    };
  });
}

/** Settings nobody has touched say nothing about this plan; those of runs are listed among the defaults in use. */
function restsOnDefault({ views }: PrintColumn, table: TableId): boolean {
  return table !== 'runs' && views.every((view) => view.state === 'default');
}

/** True when a column would only repeat one value: it is said once below the table. */
function isConstant({ column, views }: PrintColumn): boolean {
  const first = views[0]?.display ?? '';
  return (
    first !== '' &&
    !column.def.total &&
    !column.def.user &&
    views.length > UPRIGHT_ROWS &&
    views.every((view) => view.display === first && !view.problem && view.state !== 'override')
  );
}

function constantText({ column, views }: PrintColumn): string {
  const { label, unit } = columnView(column);
  return `${label} ${views[0]?.display ?? ''} ${unit}`.trim();
}

function printColumn(sheet: Sheet, column: ColumnState, rows: readonly number[]): PrintColumn {
  const views = rows.map((row) => cellView(sheet, column, row));
  const { label, unit } = columnView(column);
  const longest = Math.max(...views.map((view) => view.display.length), 1);
  const total = column.def.total ? totalCell(sheet, column.table.id, column).text.length : 0;
  return {
    column,
    views,
    width:
      Math.max(
        Math.min(Math.max(longest, Math.min(total, 14)), TEXT_WIDTH),
        Math.ceil(label.length * 0.9),
        unit.length,
      ) + PADDING,
    long: longest > TEXT_WIDTH,
  };
}

/** Columns that share a page: whole groups while they fit, and a group alone is cut where it must be. */
function pages(columns: readonly PrintColumn[]): PrintColumn[][] {
  const groups: PrintColumn[][] = [];
  for (const item of columns) {
    const last = groups.at(-1);
    if (last && last[0]?.column.def.group === item.column.def.group) last.push(item);
    else groups.push([item]);
  }
  const found: PrintColumn[][] = [];
  let room = 0;
  for (const group of groups) {
    const width = group.reduce((sum, item) => sum + item.width, 0);
    const last = found.at(-1);
    if (last && width <= room) {
      last.push(...group);
      room -= width;
      continue;
    }
    room = 0;
    for (const item of group) {
      if (item.width > room) {
        found.push([]);
        room = LINE - NAME_WIDTH;
      }
      found.at(-1)?.push(item);
      room -= item.width;
    }
  }
  return found;
}
