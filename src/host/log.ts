/**
 * The log file: one JSON object a line, rotated, with what is needed to mend a fault and nothing of a plan. Messages of
 * errors may quote what somebody typed, so only those of the language itself are written, with the stack's places.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const MAX_BYTES = 5_000_000;
const KEEP = 5;
const OWN_WORDS: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'ReferenceError']);

export interface Log {
  readonly file: string;
  readonly error: (where: string, error: unknown) => void;
  /** The last lines, newest last. */
  readonly tail: (lines: number) => readonly string[];
}

interface Limits {
  readonly maxBytes: number;
  readonly keep: number;
}

/** Function names and file names with line and column; no folders, no message. */
function places(stack: string): string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) =>
      line.trim().replace(/(?:file:\/\/)?[^\s(]*[\\/]/g, (path) => (path.endsWith('/') ? '' : basename(path))),
    );
}

function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(OWN_WORDS.has(error.name) ? { message: error.message.slice(0, 300) } : {}),
    stack: places(error.stack ?? ''),
    ...(error.cause instanceof Error ? { cause: describe(error.cause) } : {}),
  };
}

/** Where the log of a store lies: beside it. */
export function logFile(storePath: string): string {
  return join(dirname(storePath), 'logs', 'flopsheet.log');
}

/** A log that never fails its caller: a full disk loses lines, not work. */
export function createLog(file: string, limits: Limits = { maxBytes: MAX_BYTES, keep: KEEP }): Log {
  function rotate(): void {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < limits.maxBytes) return;
    rmSync(`${file}.${limits.keep - 1}`, { force: true });
    for (let i = limits.keep - 2; i >= 0; i -= 1) {
      const older = i === 0 ? file : `${file}.${i}`;
      if (statSync(older, { throwIfNoEntry: false }) !== undefined) renameSync(older, `${file}.${i + 1}`);
    }
  }
  return {
    file,
    tail(lines) {
      try {
        return readFileSync(file, 'utf8').trim().split('\n').slice(-lines);
      } catch {
        return [];
      }
    },
    error(where, error) {
      try {
        mkdirSync(dirname(file), { recursive: true });
        rotate();
        appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), where, ...describe(error) })}\n`);
      } catch {
        // There is no better place to say it.
      }
    },
  };
}
