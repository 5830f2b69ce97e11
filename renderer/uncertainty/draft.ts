/** Correlations while they are edited: texts as typed, read and turned into commands when they are saved. */
import type { ClientCommand } from '../app/plan.svelte.ts';
import type { CorrelationList } from '../../src/bridge/contract.ts';

export interface DraftPair {
  readonly a: string;
  readonly b: string;
  readonly label: string;
  rank: string;
}

export interface DraftColumn {
  readonly name: string;
  readonly label: string;
  readonly cells: number;
  /** Empty for the default, 0.5. */
  rank: string;
}

/** A typed correlation; null when it is not a number from `low` to 1. */
export function readRank(text: string, low: number): number | null {
  const value = Number(text.trim().replace('−', '-'));
  return text.trim() !== '' && value >= low && value <= 1 ? value : null;
}

export function draftOf(list: CorrelationList): { pairs: DraftPair[]; columns: DraftColumn[] } {
  return {
    pairs: list.pairs.map(({ a, b, rank, labelA, labelB }) => ({
      a,
      b,
      label: `${labelA} and ${labelB}`,
      rank: String(rank),
    })),
    columns: list.columns.map(({ name, label, cells, rank, typed }) => ({
      name,
      label,
      cells,
      rank: typed ? String(rank) : '',
    })),
  };
}

const same = (x: { readonly a: string; readonly b: string }, a: string, b: string): boolean =>
  (x.a === a && x.b === b) || (x.a === b && x.b === a);

/** What of the draft differs from the list, or the first thing in it that cannot be read. */
export function commandsOf(
  list: CorrelationList,
  pairs: readonly DraftPair[],
  columns: readonly DraftColumn[],
): { readonly commands: ClientCommand[]; readonly problem: string } {
  const commands: ClientCommand[] = [];
  for (const { a, b } of list.pairs)
    if (!pairs.some((own) => same(own, a, b))) commands.push({ correlation: [a, b], to: null });
  for (const { a, b, label, rank } of pairs) {
    const to = readRank(rank, -1);
    if (to === null) return { commands: [], problem: `${label}: “${rank}” is not a number from −1 to 1.` };
    if (list.pairs.find((own) => same(own, a, b))?.rank !== to) commands.push({ correlation: [a, b], to });
  }
  for (const { name, label, rank } of columns) {
    const before = list.columns.find((own) => own.name === name);
    const to = rank.trim() === '' ? null : readRank(rank, 0);
    if (rank.trim() !== '' && (to === null || to === 1))
      return {
        commands: [],
        problem: `${label}: “${rank}” is not a number from 0 to 0.999. Cells of one column cannot all move against each other.`,
      };
    if (to !== (before?.typed ? before.rank : null)) commands.push({ correlation: [name, name], to });
  }
  return { commands, problem: '' };
}
