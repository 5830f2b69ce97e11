/**
 * Dependency order of columns, single cells, aggregates and percentiles. Strongly connected groups are kept together:
 * columns that refer to each other's other rows are evaluated cell by cell, and only true cycles are refused.
 */

/** What a node needs, as node numbers; `needs[i]` belongs to node i. */
export function evaluationOrder(needs: readonly (readonly number[])[]): number[][] {
  const count = needs.length;
  const order: number[][] = [];
  const number = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const stack: number[] = [];
  let next = 0;
  // Tarjan's algorithm with its own stack: chains of formulas may be longer than the call stack.
  const frames: { node: number; edge: number }[] = [];
  for (let start = 0; start < count; start++) {
    if (number[start] !== -1) continue;
    frames.push({ node: start, edge: 0 });
    while (frames.length > 0) {
      const frame = frames[frames.length - 1] as { node: number; edge: number };
      const { node } = frame;
      if (frame.edge === 0) {
        number[node] = low[node] = next++;
        stack.push(node);
        onStack[node] = 1;
      }
      const edges = needs[node] as readonly number[];
      if (frame.edge < edges.length) {
        const target = edges[frame.edge++] as number;
        if (number[target] === -1) frames.push({ node: target, edge: 0 });
        else if (onStack[target]) low[node] = Math.min(low[node] as number, number[target] as number);
        continue;
      }
      frames.pop();
      const parent = frames[frames.length - 1];
      if (parent) low[parent.node] = Math.min(low[parent.node] as number, low[node] as number);
      if (low[node] === number[node]) {
        const group: number[] = [];
        let member: number;
        do {
          member = stack.pop() as number;
          onStack[member] = 0;
          group.push(member);
        } while (member !== node);
        order.push(group.reverse());
      }
    }
  }
  return order;
}
