/** Every run on one line: what is trained, on what, in which memory, how long and for how much. Never one without the other. */
import { catalogRow } from '../core/sheet/catalog.ts';
import { columnView } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import { includedRows, reportCell, rowName, viewOf } from './cells.ts';
import { usableMemory } from './headline.ts';
import type { ReportCell, ReportColumn, ReportTable } from './model.ts';

/** As many as the tables of runs print. */
const ROWS = 400;

/** Empty without runs. */
export function setupTable(sheet: Sheet): ReportTable[] {
  const { keys } = sheet.state.tables.runs;
  if (keys.length === 0) return [];
  const included = new Set(includedRows(sheet, 'runs'));
  const right = (label: string, unit = ''): ReportColumn => ({ label, unit, align: 'right', share: 0 });
  const own = (id: string): ReportColumn => {
    const column = sheet.column('runs', id);
    return column ? right(columnView(column).label, columnView(column).unit) : right(id);
  };
  return [
    {
      title: 'Compute, hardware, memory and time',
      columns: [
        { label: 'Run', unit: '', align: 'left', share: 1 },
        own('params_active'),
        own('tokens_seen'),
        own('train_flop'),
        { label: 'Chip', unit: '', align: 'left', share: 0 },
        right('Chips'),
        right('Memory/chip', 'GiB usable'),
        right('Needed', 'GiB'),
        own('mfu'),
        own('train_days'),
        own('total_cost'),
      ],
      rows: keys.slice(0, ROWS).map((_, row): ReportCell[] => {
        const counts = included.has(row);
        const cell = (id: string): ReportCell => reportCell(viewOf(sheet, 'runs', row, id), counts);
        const key = viewOf(sheet, 'runs', row, 'hardware')?.display ?? '';
        const needs = viewOf(sheet, 'runs', row, 'memory_per_chip_gib');
        return [
          counts
            ? { text: rowName(sheet, 'runs', row) }
            : { text: `${rowName(sheet, 'runs', row)} (excluded)`, tone: 'muted' },
          cell('params_active'),
          cell('tokens_seen'),
          cell('train_flop'),
          { text: catalogRow(sheet.options.catalog, 'hardware', key)?.name || key || '–' },
          cell('chips'),
          { text: usableMemory(sheet, key) || '–' },
          reportCell(needs, counts, true),
          cell('mfu'),
          cell('train_days'),
          cell('total_cost'),
        ];
      }),
      totals: null,
      note: 'Memory is what a program can allocate. A dash under "Needed": the plan does not say enough about the model to count it.',
    },
  ];
}
