/** What the palette finds: commands first, then rows and columns of the table on screen, tables, scenarios, plans, templates. */
import type { PlanSummary, Results } from '../../src/bridge/contract.ts';
import type { App } from '../app/app.svelte.ts';
import { COMMANDS } from '../app/commands.ts';

export interface Item {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  readonly keys: string;
  run(): void;
}

export interface Store {
  readonly plans: readonly PlanSummary[];
  readonly templates: Results['plans.templates'];
}

export function commandItems(app: App): Item[] {
  return COMMANDS.filter((command) => command.id !== 'palette' && (!command.needsPlan || app.plan)).map((command) => ({
    id: command.id,
    label: command.label,
    detail: command.group,
    keys: command.keys ?? '',
    run: () => command.run(app),
  }));
}

/** Everything else that has a name. */
export function namedItems(app: App, store: Store): Item[] {
  return [...sheetItems(app), ...planItems(app), ...storeItems(app, store)];
}

function item(id: string, label: string, detail: string, run: () => void): Item {
  return { id, label, detail, keys: '', run };
}

function sheetItems(app: App): Item[] {
  const { plan } = app;
  if (!plan) return [];
  const { sheet } = plan;
  const rows = (sheet.view?.rows ?? []).map((row, i) =>
    item(`row ${row.key}`, row.cells[0]?.display || row.key, 'row', () => {
      app.go('sheet');
      sheet.select({ row: (sheet.view?.from ?? 0) + i, column: 0 });
    }),
  );
  const columns = sheet.allColumns.map((column) =>
    item(`column ${column.id}`, `${column.label} (${column.id})`, `column of ${plan.tableInfo?.label ?? ''}`, () => {
      const row = sheet.activeRow?.key ?? sheet.rowAt(0)?.key;
      app.go('sheet');
      if (row !== undefined) sheet.goToAddress(`${plan.table}.${row}.${column.id}`);
    }),
  );
  return [...rows, ...columns];
}

function planItems(app: App): Item[] {
  const { plan } = app;
  if (!plan) return [];
  return [
    ...plan.info.tables.map((table) =>
      item(`table ${table.id}`, table.label, 'table', () => {
        plan.goTable(table.id);
        app.go('sheet');
      }),
    ),
    ...plan.info.scenarios.map((scenario) =>
      item(`scenario ${scenario.key}`, scenario.name, 'scenario', () => plan.goScenario(scenario.key)),
    ),
  ];
}

function storeItems(app: App, { plans, templates }: Store): Item[] {
  return [
    ...plans.map((own) => item(`plan ${own.id}`, own.name, 'plan', () => void app.open(own.id))),
    ...templates.map((own) =>
      item(`template ${own.id}`, `New plan: ${own.name}`, 'template', () => void app.create({ template: own.id })),
    ),
  ];
}
