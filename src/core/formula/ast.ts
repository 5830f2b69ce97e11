/** The syntax tree of a formula: what was written, with offsets into the text after `=`. Nothing is resolved here. */
import type { Unit } from '../quantity/unit.ts';

export interface Span {
  readonly from: number;
  readonly to: number;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '^' | '&' | '=' | '<>' | '<' | '<=' | '>' | '>=' | 'and' | 'or';

export type Node = Span &
  (
    | { readonly type: 'number'; readonly value: number; readonly unit: Unit }
    | { readonly type: 'text'; readonly value: string }
    | { readonly type: 'boolean'; readonly value: boolean }
    /** Days since 1970-01-01, UTC. */
    | { readonly type: 'date'; readonly value: number }
    | { readonly type: 'name'; readonly name: string }
    | { readonly type: 'member'; readonly object: Node; readonly member: string; readonly memberFrom: number }
    | { readonly type: 'call'; readonly name: string; readonly args: readonly Node[] }
    | { readonly type: 'unary'; readonly operator: '-' | 'not'; readonly operand: Node }
    | { readonly type: 'binary'; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
    /** `low to high`: a 90 % interval. */
    | { readonly type: 'range'; readonly low: Node; readonly high: Node }
    /** `value in unit`: the same value, shown in another unit. */
    | { readonly type: 'in'; readonly value: Node; readonly unit: Unit }
    /** `2027-01: 4`, one step of a schedule. */
    | { readonly type: 'pair'; readonly key: Node; readonly value: Node }
  );
