import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layerTotals } from '../../../src/core/model/layers.ts';
import { parseCsv } from '../../../src/import/model/csv.ts';
import { layerListsFromCsv } from '../../../src/import/model/layer-csv.ts';

const file = (name: string): string => readFileSync(new URL(`../../data/${name}`, import.meta.url), 'utf8');
const full = parseCsv(file('cnn_vit_layers.csv'), 100_000);
const bare = [
  'model,layer,type,c_in,c_out,k,stride,pad,groups,h_in,h_out,tokens,heads',
  ...full.rows.map((row) =>
    full.header
      .slice(0, 13)
      .map((column) => row[column])
      .join(','),
  ),
].join('\n');
const lists = layerListsFromCsv(bare);

describe('layer tables without counts', () => {
  it.each(lists.map((list) => ({ name: list.name, list })))(
    '$name: every layer has the reference MACs and parameters, as integers',
    ({ name, list }) => {
      const rows = full.rows.filter((row) => row.model === name);
      expect(list.layers.map((layer) => [layer.name, layer.macs, layer.params])).toEqual(
        rows.map((row) => [row.layer, Number(row.macs), Number(row.params)]),
      );
    },
  );

  it.each(parseCsv(file('cnn_vit_layer_counter_check.csv'), 100).rows)(
    '$model has the parameters and GMAC torchvision publishes',
    (row) => {
      const list = lists.find((entry) => entry.name === row.model || entry.name === `${row.model}@${row.img}`);
      if (list === undefined) throw new Error('not in the table');
      const totals = layerTotals(list);
      expect(totals.params).toBe(Number(row.published_params));
      expect((totals.forwardMacs / 1e9).toFixed(3)).toBe(Number(row.published_gmacs_torchvision).toFixed(3));
      expect(totals.trainFlopPerSample).toBe(6 * totals.forwardMacs);
    },
  );

  it('names line and column of a bad cell', () => {
    expect(() => layerListsFromCsv('model,layer,type,c_in,c_out,k,groups,h_out\nm,c,conv2d,3,-8,3,1,4')).toThrow(
      expect.objectContaining({ code: 'layer-table', where: 'line 2, c_out' }),
    );
    expect(() => layerListsFromCsv('model,layer,type,c_in,c_out,k,groups,h_out\nm,c,conv2d,3,8,3,2,4')).toThrow(
      expect.objectContaining({ code: 'layer-groups' }),
    );
    expect(() => layerListsFromCsv('model,layer,type,c_in,c_out\nm,c,warp,3,8')).toThrow(/warp/);
  });
});
