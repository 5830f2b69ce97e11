/**
 * Evaluates a group of columns that need each other, cell by cell. Formulas like "this run's tokens are the run above's"
 * make a column need itself without any cell needing itself; where a cell does, the cycle is named with its path.
 */
import type { Program } from '../formula/program.ts';
import type { Evaluator } from './evaluate.ts';
import { grow } from './evaluate.ts';
import type { GraphNode, PercentileNode, SheetState } from './node.ts';
import { roundToCent } from './round-money.ts';
import { cellAddress, type ColumnState, type Compiled } from './state.ts';

const OPEN = 1;
const DONE = 2;

/** One cell or shared node being evaluated. Row -1 stands for a node without rows. */
interface Visit {
  readonly node: number;
  readonly row: number;
  readonly needs: readonly (readonly [node: number, row: number])[];
  at: number;
}

/** Evaluates the members of a group. `percentile` samples what a percentile is taken of. Returns the cells computed. */
export function evaluateGroup(
  state: SheetState,
  evaluator: Evaluator,
  group: readonly number[],
  percentile: (node: PercentileNode) => number,
): number {
  const members = new Set(group);
  const progress = new Map<number, Uint8Array>();
  for (const node of group) {
    const target = state.nodes[node] as GraphNode;
    const rows = target.is === 'column' ? target.column.table.keys.length : 1;
    progress.set(node, new Uint8Array(rows));
    if (target.is !== 'column') continue;
    if (target.column.values.length < rows) grow(target.column, rows);
    // Flags below are unions over rows; assume the worst for members until their own rows are known.
    target.column.anyUncertain = true;
  }
  let evaluated = 0;
  const stack: Visit[] = [];
  const open = (node: number, row: number): void => {
    const states = progress.get(node) as Uint8Array;
    const slot = Math.max(row, 0);
    if (states[slot] === DONE) return;
    if (states[slot] === OPEN) return markCycle(state, stack, node, row);
    states[slot] = OPEN;
    stack.push({ node, row, needs: cellNeeds(state, members, node, row), at: 0 });
  };
  for (const node of group) {
    const rows = (progress.get(node) as Uint8Array).length;
    const isColumn = (state.nodes[node] as GraphNode).is === 'column';
    for (let row = 0; row < rows; row++) {
      open(node, isColumn ? row : -1);
      while (stack.length > 0) {
        const visit = stack[stack.length - 1] as Visit;
        const need = visit.needs[visit.at++];
        if (need) open(need[0], need[1]);
        else {
          stack.pop();
          (progress.get(visit.node) as Uint8Array)[Math.max(visit.row, 0)] = DONE;
          const done = state.nodes[visit.node] as GraphNode;
          if (done.is === 'percentile') done.value = percentile(done);
          else evaluateOne(state, evaluator, visit.node, visit.row);
          evaluated++;
        }
      }
    }
  }
  for (const node of group) {
    const target = state.nodes[node] as GraphNode;
    if (target.is === 'column')
      target.column.anyUncertain = target.column.uncertain.subarray(0, target.column.table.keys.length).includes(1);
  }
  return evaluated;
}

function programAt(column: ColumnState, row: number): Program | null {
  const entry = column.entries.get(row);
  const compiled: Compiled | null = entry ? (entry.is === 'formula' ? entry.compiled : null) : column.compiled;
  return compiled && !compiled.error ? compiled.program : null;
}

function cellNeeds(state: SheetState, members: ReadonlySet<number>, node: number, row: number): [number, number][] {
  const target = state.nodes[node] as GraphNode;
  const needs: [number, number][] = [];
  const addAll = (column: ColumnState): void => {
    for (let r = 0; r < column.table.keys.length; r++) needs.push([column.node, r]);
  };
  const addProgram = (program: Program | null): void => {
    if (!program) return;
    const sameRow = new Set<number>();
    for (const operand of program.operands)
      if (operand.from === 'column' && target.is === 'column')
        sameRow.add((target.column.table.columns[operand.column] as ColumnState).node);
    for (const dependency of program.dependencies) {
      if (!members.has(dependency)) continue;
      const other = state.nodes[dependency] as GraphNode;
      if (other.is !== 'column') needs.push([dependency, -1]);
      else if (target.is === 'column' && sameRow.has(dependency)) needs.push([dependency, row]);
      else addAll(other.column);
    }
  };
  switch (target.is) {
    case 'column':
      addProgram(programAt(target.column, row));
      break;
    case 'cell': {
      const table = state.tables[target.table];
      const column = table.columns[target.column] as ColumnState;
      const at = table.rowNumber.get(target.row);
      if (at === undefined) break;
      if (target.table === 'assumptions') addProgram(programAt(column, at));
      else if (members.has(column.node)) needs.push([column.node, at]);
      break;
    }
    case 'aggregate':
      for (const program of [target.value, target.filter, ...target.keys])
        for (const dependency of program?.dependencies ?? []) {
          if (!members.has(dependency)) continue;
          const other = state.nodes[dependency] as GraphNode;
          if (other.is === 'column') addAll(other.column);
          else needs.push([dependency, -1]);
        }
      break;
    case 'percentile':
      for (const dependency of target.program.dependencies) {
        if (!members.has(dependency)) continue;
        const other = state.nodes[dependency] as GraphNode;
        if (other.is !== 'column') needs.push([dependency, -1]);
        else if (other.column.table.id === target.table) needs.push([dependency, target.row]);
        else addAll(other.column);
      }
  }
  return needs;
}

function evaluateOne(state: SheetState, evaluator: Evaluator, node: number, row: number): void {
  const target = state.nodes[node] as GraphNode;
  if (target.is === 'aggregate') evaluator.aggregate(target);
  else if (target.is === 'column') {
    const { column } = target;
    evaluator.column(column, new Set([row]));
    if (state.cycles.has(cellAddress(column.table.id, column.table.keys[row] as string, column.def.id)))
      column.values[row] = Number.NaN;
    else if (column.def.money) column.values[row] = roundToCent(column.values[row] as number);
  } else if (target.is === 'cell' && target.table === 'assumptions') {
    const table = state.tables.assumptions;
    const column = table.columns[target.column] as ColumnState;
    const at = table.rowNumber.get(target.row) as number;
    evaluator.entry(column, at);
    if (state.cycles.has(cellAddress('assumptions', target.row, 'value'))) column.values[at] = Number.NaN;
  }
}

/** Names every cell on the cycle that the stack ends in. */
function markCycle(state: SheetState, stack: readonly Visit[], node: number, row: number): void {
  const start = stack.findIndex((visit) => visit.node === node && visit.row === row);
  const cells = stack.slice(start).flatMap((visit) => {
    const target = state.nodes[visit.node] as GraphNode;
    if (target.is === 'column')
      return [cellAddress(target.column.table.id, target.column.table.keys[visit.row] as string, target.column.def.id)];
    if (target.is === 'cell' && target.table === 'assumptions')
      return [cellAddress('assumptions', target.row, 'value')];
    return [];
  });
  const path = [...cells, cells[0]].join(' → ');
  for (const cell of cells) if (!state.cycles.has(cell)) state.cycles.set(cell, path);
}
