import { describe, expect, it } from 'vitest';
import { changeOfCell } from '../../src/bridge/cell-history.ts';
import type { Command } from '../../src/core/document/plan.ts';

const CELL = ['runs', 'r1', 'mfu'] as const;
const told = (...commands: Command[]): string | null => changeOfCell({ commands }, CELL);

describe('history of a cell', () => {
  it('tells typed, changed and cleared values, and leaves other cells out', () => {
    expect(told({ set: ['runs', 'r1', 'mfu'], to: '0.5', from: '0.4' })).toBe('0.5, was 0.4');
    expect(told({ set: ['runs', 'r1', 'mfu'], to: '0.5', from: null })).toBe('0.5');
    expect(told({ set: ['runs', 'r1', 'mfu'], to: null, from: '0.5' })).toBe('cleared, was 0.5');
    expect(told({ set: ['runs', 'r2', 'mfu'], to: '0.5' }, { settings: 'seed', to: 2 })).toBeNull();
  });

  it('finds the cell in a bulk edit, in a new row and in a scenario', () => {
    expect(
      told({ set: ['runs', 'r2', 'mfu'], to: '0.3' }, { set: ['runs', 'r1', 'mfu'], to: '0.6', from: '0.4' }),
    ).toBe('0.6, was 0.4');
    expect(told({ row: ['runs', 'r1'], to: { at: 0, cells: { mfu: '0.4' } } })).toBe('row added with 0.4');
    const scenario = (to: string) => ({
      at: 0,
      scenario: { key: 'spot', name: 'Spot', on: 'base', commands: [{ set: ['runs', 'r1', 'mfu'] as const, to }] },
    });
    expect(told({ scenario: 'spot', to: scenario('0.3'), from: scenario('0.35') } as Command)).toBe(
      'in Spot: 0.3, was 0.35',
    );
    expect(told({ scenario: 'spot', to: scenario('0.3'), from: scenario('0.3') } as Command)).toBeNull();
  });
});
