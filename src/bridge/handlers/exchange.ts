/** Tables that come in from files: looked at, then taken in one step that one undo takes back. */
import { FlopsheetError } from '../../core/errors.ts';
import { withdrawUserRow } from '../../store/catalog.ts';
import type { HandlersOf } from '../contract.ts';
import type { exchangeMethods, ExchangeResults } from '../contract/exchange.ts';
import { importPriceFile, pricePreview } from '../price-import.ts';
import { imported, importPreview } from '../table-import.ts';
import type { HandlerContext } from './context.ts';

export function exchangeHandlers(context: HandlerContext): HandlersOf<typeof exchangeMethods, ExchangeResults> {
  return {
    'import.preview': ({ plan, scenario, ...file }) => importPreview(context.session(plan).open(scenario).sheet, file),
    'import.apply': ({ plan, scenario, ...file }) => {
      const session = context.session(plan);
      const found = imported(session.open(scenario).sheet, file);
      if (found.commands.length === 0)
        throw new FlopsheetError('TABLE_EMPTY', `${file.name} changes nothing in this plan`, {
          where: file.name,
          hint: found.problems[0]?.message ?? 'its rows say what the plan says already',
        });
      const change = session.change(scenario, session.revision, found.commands, `imported from ${file.name}`);
      return {
        added: found.added.length,
        changed: found.changed.length,
        problems: found.problems.length,
        revision: context.changed(plan, change).revision,
      };
    },
    'import.pricesPreview': (file) => pricePreview(context.store.db, file),
    'import.prices': (file) => {
      const added = importPriceFile(context.writable(), file, context.options.now());
      context.forgetCatalog();
      return added;
    },
    'import.takeBackPrices': ({ keys }) => {
      const db = context.writable();
      db.transaction(() => keys.forEach((key) => withdrawUserRow(db, 'price', key, context.options.now()))).immediate();
      context.forgetCatalog();
      return { removed: keys.length };
    },
  };
}
