/**
 * The money cells of a plan laid out on the calendar: each cell's amount in whole cents by month, so that the months of a
 * line add up to the cell exactly. Central values. Views, never typed into.
 */
import { sumCents, type Cents } from '../../finance/money.ts';
import type { Sheet } from '../../sheet/sheet.ts';
import { capacityLines } from './capacity-lines.ts';
import { LineCollector, type ProgrammeLines } from './collect.ts';
import { costLines } from './cost-lines.ts';
import { RowReader } from './row-reader.ts';
import { spreadCents } from './spread.ts';

/** Money columns of a run, with the category their months stand under. */
export const RUN_CATEGORIES: readonly (readonly [column: string, category: string])[] = [
  ['compute_cost', 'compute'],
  ['energy_cost', 'energy'],
  ['storage_cost', 'storage'],
  ['other_cost', 'other'],
  ['contingency_cost', 'contingency'],
];

/** Shortest run a cost is spread over (days): an hour. */
const SHORTEST = 1 / 24;

function runLines(sheet: Sheet, out: LineCollector): void {
  const read = new RowReader(sheet, 'runs');
  const { keys } = sheet.state.tables.runs;
  const clusters = sheet.state.tables.capacity.rowNumber;
  keys.forEach((key, row) => {
    if (read.number('included', row) === 0) return;
    const from = read.number('start_date', row);
    const to = read.number('end_date', row);
    const onCluster = clusters.has(read.text('cluster', row));
    for (const [column, category] of RUN_CATEGORIES) {
      // The cluster bears it, used or not.
      if (column === 'compute_cost' && onCluster) continue;
      out.add(
        {
          table: 'runs',
          row: key,
          column,
          name: read.text('name', row) || key,
          category,
          view: 'both',
          committed: read.number('committed', row) === 1,
          rule: 'spread by the hours of the run in each month',
        },
        read.number(column, row),
        (cents) => spreadCents(cents, from, Math.max(to, from + SHORTEST)),
      );
    }
  });
}

/** All money of the plan by month. The sheet is recalculated. */
export function programmeLines(sheet: Sheet): ProgrammeLines {
  const out = new LineCollector();
  runLines(sheet, out);
  capacityLines(sheet, out);
  costLines(sheet, out);
  return out;
}

/** Total of the cost view in cents, undated amounts included. */
export function costTotal({ lines, undated }: ProgrammeLines): Cents {
  return sumCents([
    ...lines.filter((line) => line.view !== 'cash').map((line) => sumCents(line.months.cents)),
    ...undated.map((own) => own.cents),
  ]);
}
