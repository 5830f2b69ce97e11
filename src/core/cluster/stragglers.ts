import { normalQuantile } from '../uncertainty/normal.ts';

/**
 * How much later than the mean the slowest of `nodes` finishes, in standard deviations of one node's time: the expected
 * maximum of normal times, by Blom's quantile (n - 3/8) / (n + 1/4). 0 for a single node. Source: Blom 1958; within 1 % of
 * the exact values of Harter 1961 from 10 nodes on.
 */
export function expectedMaximum(nodes: number): number {
  return nodes <= 1 ? 0 : normalQuantile((nodes - 0.375) / (nodes + 0.25));
}

/** Share by which a step that waits for its slowest node is longer: the spread of nodes times `expectedMaximum`. */
export function stragglerShare(nodeSpread: number, nodes: number): number {
  return nodeSpread > 0 ? nodeSpread * expectedMaximum(nodes) : 0;
}
