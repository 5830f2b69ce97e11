import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { trainFlopPerToken } from '../../../src/core/model/flops.ts';
import { architectureFromConfig } from '../../../src/core/model/hf-config.ts';
import { countParameters } from '../../../src/core/model/parameters.ts';
import { FAMILIES } from '../../../src/import/model/families.ts';

/** Sizes of published configurations with the parameters their published weights hold (as their model pages state them). */
interface Sibling {
  readonly name: string;
  /** Without MTP modules. */
  readonly total?: number;
  /** With MTP modules as the weight files store them. */
  readonly stored?: number;
  readonly config: Record<string, unknown>;
}
const SIBLINGS = JSON.parse(
  readFileSync(new URL('../../data/sibling_configs.json', import.meta.url), 'utf8'),
) as readonly Sibling[];
const read = (config: object) => architectureFromConfig(config, FAMILIES);

describe('siblings of one family are read by one rule', () => {
  it.each(SIBLINGS.map((sibling) => [sibling.name, sibling] as const))('%s', (_, { total, stored, config }) => {
    const { architecture, approximate } = read(config);
    const count = countParameters(architecture);
    expect(total === undefined ? count.totalStored : count.total).toBe(total ?? stored);
    expect(approximate).toBe(false);
  });

  it('doubling the vocabulary adds its rows to the embedding and, when it is a matrix of its own, to the head', () => {
    for (const { name, config } of SIBLINGS) {
      const { architecture: a } = read(config);
      const text = (['text_config'] as const).find((key) => config[key] !== undefined);
      const inner = (text === undefined ? config : config[text]) as Record<string, unknown>;
      const field = ['vocab_size', 'padded_vocab_size'].find((key) => inner[key] !== undefined);
      if (field === undefined || a.perLayerInput !== null) continue;
      const wider = { ...inner, [field]: 2 * a.vocabSize };
      const doubled = read(text === undefined ? wider : { ...config, [text]: wider }).architecture;
      const added = countParameters(doubled).total - countParameters(a).total;
      const rows = a.vocabSize * a.embeddingSize * (a.tiedEmbeddings ? 1 : 2) + (a.headBias ? a.vocabSize : 0);
      expect([name, added]).toEqual([name, rows]);
      // Each new row of the head is one more product per token: 6 FLOP with both gradients, in MTP heads too.
      const heads = 1 + (a.multiTokenPrediction?.modules ?? 0);
      const flop = trainFlopPerToken(doubled, 4096, 'exact_causal') - trainFlopPerToken(a, 4096, 'exact_causal');
      expect([name, flop]).toEqual([name, 6 * a.vocabSize * a.embeddingSize * heads]);
    }
  });

  it('a file that states neither width nor depth takes the default of its type and says so', () => {
    const { architecture, approximate, notes } = read({ model_type: 'llama' });
    expect(countParameters(architecture).total).toBe(6_738_415_616);
    expect(approximate).toBe(true);
    expect(notes.join(' ')).toMatch(/neither width nor depth/);
  });
});
