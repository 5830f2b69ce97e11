/** What a command of the terminal is, and the flags every command shares. */
import type { ParseArgsConfig } from 'node:util';

export type Flags = NonNullable<ParseArgsConfig['options']>;

export interface Invocation {
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly json: boolean;
  /** Prints to stdout: the JSON document, or the table for people. */
  print(text: string): void;
  /** Prints to stderr: warnings and progress. */
  warn(text: string): void;
}

export interface Command {
  readonly name: string;
  /** After the name: `EXPR [--samples N --seed S]`. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: Flags;
  readonly minPositionals: number;
  /** Exit status: 0 done, 1 understood and the answer is no. User mistakes are thrown as FlopsheetError. */
  run(invocation: Invocation): Promise<number>;
}

/** Text of a flag; undefined when it was not given. */
export function textFlag(invocation: Invocation, name: string): string | undefined {
  const value = invocation.flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** Texts of a flag that may stand several times. */
export function listFlag(invocation: Invocation, name: string): string[] {
  const value = invocation.flags[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** A mistake as people read it on stderr: what, where, how to mend it. */
export function errorText(message: string, where: string, hint: string): string {
  return [message, ...(where ? [`  at ${where}`] : []), ...(hint ? [`  ${hint}`] : [])].join('\n');
}
