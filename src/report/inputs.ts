/** What a plan rests on: assumptions, typed values, column defaults and catalog facts, each with source and date. */
import { catalogRow, type CatalogRow } from '../core/sheet/catalog.ts';
import { cellState, cellView, columnView } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ExplainNode } from '../core/sheet/view.ts';
import { withUnit } from './derivation.ts';
import { includedRows, reportCell, rowName, viewOf } from './cells.ts';
import { withoutEmptyColumns, type ReportCell, type ReportColumn, type ReportTable } from './model.ts';

const text = (label: string, share: number): ReportColumn => ({ label, unit: '', align: 'left', share });
const number = (label: string): ReportColumn => ({ label, unit: '', align: 'right', share: 0 });

/** Tables of the section on assumptions; tables without rows are left out. */
export function inputTables(sheet: Sheet, trees: readonly ExplainNode[]): ReportTable[] {
  return [assumptions(sheet), overrides(sheet), defaults(sheet), catalogFacts(trees)]
    .filter((table) => table.rows.length > 0)
    .map(withoutEmptyColumns);
}

function assumptions(sheet: Sheet): ReportTable {
  const rows = sheet.state.tables.assumptions.keys.map((key, row): ReportCell[] => {
    const cell = (id: string): ReportCell => ({ text: viewOf(sheet, 'assumptions', row, id)?.display ?? '' });
    const typed = viewOf(sheet, 'assumptions', row, 'value')?.text ?? '';
    // A schedule has no one central value: it stands as typed.
    const scheduled = /^\s*=?\s*schedule\(/.test(typed);
    const value = scheduled ? { text: '' } : reportCell(viewOf(sheet, 'assumptions', row, 'value'));
    return [
      { text: key, mono: true },
      value,
      cell('unit'),
      { text: typed === value.text ? '' : typed, mono: true },
      cell('source'),
      cell('as_of'),
      cell('owner'),
      cell('note'),
    ];
  });
  return {
    title: 'Assumptions',
    columns: [
      text('Name', 0),
      // A schedule is as long as it has steps: these columns break rather than push the sources off the page.
      { ...number('Central'), share: 0.9 },
      text('Unit', 0),
      text('As typed', 1.2),
      text('Source', 1.4),
      text('As of', 0),
      text('Owner', 0),
      text('Note', 1.4),
    ],
    rows,
    totals: null,
    note: '',
  };
}

function overrides(sheet: Sheet): ReportTable {
  const rows = includedRows(sheet, 'runs').flatMap((row): ReportCell[][] =>
    sheet.state.tables.runs.columns
      .filter((column) => cellState(column, row) === 'override')
      .map((column): ReportCell[] => {
        const view = cellView(sheet, column, row);
        const { unit } = columnView(column);
        return [
          { text: rowName(sheet, 'runs', row) },
          { text: column.def.label },
          { text: view.text, tone: 'override' },
          { text: `${view.display} ${unit}`.trim() },
          { text: column.def.formula ?? '', mono: true },
          {
            text:
              viewOf(sheet, 'runs', row, `${column.def.id}_source`)?.display ??
              sheet.text('runs', sheet.state.tables.runs.keys[row] ?? '', `${column.def.id}_source`),
          },
        ];
      }),
  );
  return {
    title: 'Typed in place of a formula',
    columns: [
      text('Run', 1),
      text('Column', 0),
      text('As typed', 0),
      number('Central'),
      text('Formula it replaces', 1.4),
      text('Source', 0),
    ],
    rows,
    totals: null,
    note: '',
  };
}

/** Columns whose default some run relies on. */
function defaults(sheet: Sheet): ReportTable {
  const included = includedRows(sheet, 'runs');
  const rows = sheet.state.tables.runs.columns.flatMap((column): ReportCell[][] => {
    if (['included', 'status', 'count'].includes(column.def.id)) return [];
    const using = included.filter((row) => cellState(column, row) === 'default');
    if (using.length === 0) return [];
    const { unit } = columnView(column);
    return [
      [
        { text: column.def.label },
        { text: `${cellView(sheet, column, using[0] as number).display} ${unit}`.trim() },
        { text: String(using.length) },
        { text: column.def.source ?? '' },
        { text: column.def.help },
      ],
    ];
  });
  return {
    title: 'Defaults in use',
    columns: [text('Column', 0), number('Value'), number('Runs'), text('Source', 1), text('Meaning', 2)],
    rows,
    totals: null,
    note: '',
  };
}

function catalogFacts(trees: readonly ExplainNode[]): ReportTable {
  const rows = catalogNodes(trees).map((node): ReportCell[] => [
    { text: node.label },
    { text: withUnit(node) },
    { text: node.source },
  ]);
  return {
    title: 'Catalog values in use',
    columns: [text('Field', 1), number('Value'), text('Source, date, trust', 2)],
    rows,
    totals: null,
    note: '',
  };
}

function catalogNodes(trees: readonly ExplainNode[]): ExplainNode[] {
  const found = new Map<string, ExplainNode>();
  const visit = (node: ExplainNode): void => {
    if (node.kind === 'catalog' && node.display !== '') found.set(node.id, node);
    node.inputs.forEach(visit);
  };
  trees.forEach(visit);
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Catalog rows that included runs refer to, each once: what must be attributed. */
export function catalogSources(sheet: Sheet): ReportTable {
  const found = new Map<string, CatalogRow>();
  for (const table of ['runs', 'mixture', 'capacity', 'serving'] as const)
    for (const column of sheet.state.tables[table].columns) {
      const { type } = column;
      if (type.is !== 'reference') continue;
      for (const row of includedRows(sheet, table)) {
        const fact = catalogRow(sheet.options.catalog, type.to, cellView(sheet, column, row).display);
        if (fact) found.set(`${type.to} ${fact.key}`, fact);
      }
    }
  const rows = [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, fact]): ReportCell[] => [
      { text: fact.name },
      { text: name.split(' ')[0]?.replace('_', ' ') ?? '' },
      { text: fact.source },
      { text: fact.asOf },
      { text: fact.confidence },
      { text: fact.sourceUrl, mono: true },
    ]);
  return withoutEmptyColumns({
    title: 'Catalog rows',
    columns: [
      text('Row', 0.9),
      text('Kind', 0),
      text('Source', 2.6),
      text('As of', 0),
      text('Trust', 0),
      text('Address', 1.7),
    ],
    rows,
    totals: null,
    note: '',
  });
}
