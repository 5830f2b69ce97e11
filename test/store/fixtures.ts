import type { Change, Command, Plan } from '../../src/core/document/plan.ts';
import { openStore } from '../../src/store/open.ts';
import type { WritableStore } from '../../src/store/open.ts';

/** 2027-01-15T12:00:00Z: tests pass the clock in. */
export const NOW = Date.UTC(2027, 0, 15, 12);
export const VERSION = '0.1.0';

export function memoryStore(): WritableStore {
  return openStore(':memory:', { now: NOW, version: VERSION });
}

export function samplePlan(name = 'Sample'): Plan {
  return {
    settings: { name, currency: 'USD', seed: 1, samples: 16384 },
    tables: {
      assumptions: [{ key: 'pue', cells: { value: '1.15', source: 'measured' } }],
      runs: [{ key: 'r1', cells: { name: 'Base run', tokens: '15.6T', mfu: '0.36 to 0.44' } }],
      phases: [],
      mixture: [],
      costs: [],
      capacity: [],
      serving: [],
      actuals: [],
    },
    columns: { runs: { z_first: { label: 'First', unit: 'USD' }, a_second: { label: 'Second', formula: 'tokens' } } },
    scenarios: [],
    sources: {},
    unknown: { later: { kept: true } },
  };
}

export function edit(...commands: Command[]): Change {
  return { commands, kind: 'edit', author: 'ana', note: '' };
}

export function setCell(column: string, to: string | null, row = 'r1'): Command {
  return { set: ['runs', row, column], to };
}

/** The code of the error `work` throws; fails when it throws nothing. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (cause) {
    return (cause as { code?: string }).code ?? `no code: ${String(cause)}`;
  }
  throw new Error('nothing was thrown');
}
