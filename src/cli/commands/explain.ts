import { FlopsheetError } from '../../core/errors.ts';
import { nearest } from '../../core/quantity/nearest.ts';
import { splitAddress } from '../../core/sheet/diagnose.ts';
import { explainCell, explainText } from '../../core/sheet/explain.ts';
import { textFlag, type Command } from '../command.ts';
import { openScenario, readPlanArgument } from '../plans.ts';
import { withCatalog } from '../store.ts';

export const explainCommand: Command = {
  name: 'explain',
  usage: 'PLAN CELL [--scenario KEY]   (CELL as runs.r1.total_cost)',
  summary: 'shows where a value comes from, down to its sources',
  flags: { scenario: { type: 'string' } },
  minPositionals: 2,
  run: (invocation) =>
    withCatalog(invocation, (catalog, store) => {
      const [name = '', address = ''] = invocation.positionals;
      const { plan } = readPlanArgument(name, store);
      const { sheet } = openScenario(plan, textFlag(invocation, 'scenario') ?? 'base', catalog);
      const at = splitAddress(address);
      const table = at && Object.hasOwn(sheet.state.tables, at.table) ? sheet.state.tables[at.table] : undefined;
      if (!at || !table)
        throw new FlopsheetError('ARG', `"${address}" is not a cell`, {
          where: address,
          hint: 'write TABLE.ROW.COLUMN, as in runs.r1.total_cost',
        });
      const column = table.byId.get(at.column);
      const row = table.rowNumber.get(at.row);
      if (!column)
        throw new FlopsheetError('NOT_FOUND', `${at.table} has no column "${at.column}"`, {
          where: address,
          hint: didYouMean(at.column, table.byId.keys()),
        });
      if (row === undefined)
        throw new FlopsheetError('NOT_FOUND', `${at.table} has no row "${at.row}"`, {
          where: address,
          hint: didYouMean(at.row, table.keys),
        });
      const tree = explainCell(sheet, column, row);
      invocation.print(invocation.json ? JSON.stringify(tree) : explainText(tree));
      return 0;
    }),
};

function didYouMean(name: string, names: Iterable<string>): string {
  const guess = nearest(name, names);
  return guess ? `did you mean "${guess}"?` : '';
}
