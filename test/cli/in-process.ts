import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../src/cli/run.ts';

export interface Done {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A command line run inside this process, on a store of its own. */
export class Terminal {
  readonly folder = mkdtempSync(join(tmpdir(), 'flopsheet-cli-'));
  readonly db = join(this.folder, 'store.db');

  async run(...args: readonly string[]): Promise<Done> {
    const out: string[] = [];
    const err: string[] = [];
    const status = await runCli([...args, '--db', this.db], {
      print: (text) => void out.push(text),
      warn: (text) => void err.push(text),
    });
    return { status, out: out.join('\n'), err: err.join('\n') };
  }

  /** The JSON document a command prints. */
  async json(...args: readonly string[]): Promise<Record<string, unknown>> {
    return JSON.parse((await this.run(...args, '--json')).out) as Record<string, unknown>;
  }

  file(name: string, content: unknown): string {
    const path = join(this.folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
