/** Models counted layer by layer, as the terminal shows them: MACs and parameters for one sample. */
import { formatCount, formatScientific } from '../core/format/number.ts';
import { layerTotals } from '../core/model/layers.ts';
import type { Invocation } from './command.ts';
import type { NamedModel } from './models.ts';
import { table } from './table.ts';

/** Prints one line a model. */
export function layerTable(model: NamedModel, invocation: Invocation): number {
  const models = model.layerLists.map((list) => ({ model: list.name || model.name, ...layerCounts(model, list) }));
  if (invocation.json) invocation.print(JSON.stringify({ models, notes: model.notes }));
  else {
    invocation.print(
      table(
        ['Model', 'Forward MAC', 'Training FLOP/sample', 'Parameters'],
        models.map((counts) => [
          counts.model,
          counts.forward_macs === null ? 'unknown' : formatCount(counts.forward_macs, 4),
          counts.train_flop_per_sample === null ? 'unknown' : formatScientific(counts.train_flop_per_sample, 4),
          counts.params_total.toLocaleString('en-US'),
        ]),
      ),
    );
    for (const note of model.notes) invocation.print(`note: ${note}`);
  }
  return 0;
}

/** Counts of one list for one sample; FLOPs are unknown (null) when the file tells parameters only. */
export function layerCounts(
  model: NamedModel,
  list: NamedModel['layerLists'][number],
): {
  forward_macs: number | null;
  forward_flop: number | null;
  train_flop_per_sample: number | null;
  params_total: number;
} {
  const totals = layerTotals(list);
  const known = totals.forwardMacs > 0 || !model.approximate;
  return {
    forward_macs: known ? totals.forwardMacs : null,
    forward_flop: known ? totals.forwardFlop : null,
    train_flop_per_sample: known ? totals.trainFlopPerSample : null,
    params_total: totals.params,
  };
}
