/**
 * What a shard has done so far, one JSON line a case, in PART.progress beside the part. A shard that was killed goes on
 * after the last whole line; a case depends on its number alone, so the part comes out the same.
 */
import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { Cell } from './sweep-table.ts';

const BLOCK = 200;

export class SweepProgress {
  private readonly path: string;
  private pending: string[] = [];
  /** Cases done before, in order. */
  readonly done: Cell[][];

  /** `sweep` is the fingerprint of the sweep and shard: what another sweep left is thrown away. */
  constructor(part: string, sweep: string) {
    this.path = `${part}.progress`;
    this.done = this.resume(sweep);
  }

  private resume(sweep: string): Cell[][] {
    if (existsSync(this.path)) {
      const text = readFileSync(this.path, 'utf8');
      // A line that was cut off in the middle is done again.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      const [first, ...lines] = whole.split('\n').slice(0, -1);
      if (first === sweep) {
        truncateSync(this.path, Buffer.byteLength(whole));
        return lines.map((line) => JSON.parse(line) as Cell[]);
      }
    }
    writeFileSync(this.path, `${sweep}\n`);
    return [];
  }

  add(row: readonly Cell[]): void {
    this.pending.push(`${JSON.stringify(row)}\n`);
    if (this.pending.length >= BLOCK) this.flush();
  }

  flush(): void {
    appendFileSync(this.path, this.pending.join(''));
    this.pending = [];
  }

  /** The part is written: nothing is left to go on from. */
  finish(): void {
    rmSync(this.path, { force: true });
  }
}
