/** Runs one command line. Exit status: 0 done, 1 the answer is no, 2 bad input, 3 a fault of Flopsheet. */
import { parseArgs } from 'node:util';
import { FlopsheetError } from '../core/errors.ts';
import { FormulaError } from '../core/formula/formula-error.ts';
import { nearest } from '../core/quantity/nearest.ts';
import { errorText, type Command, type Invocation } from './command.ts';

/** Commands by name; each is loaded when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  eval: async () => (await import('./commands/eval.ts')).evalCommand,
  plan: async () => (await import('./commands/plan.ts')).planCommand,
  compare: async () => (await import('./commands/compare.ts')).compareCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  params: async () => (await import('./commands/params.ts')).paramsCommand,
  flops: async () => (await import('./commands/flops.ts')).flopsCommand,
  law: async () => (await import('./commands/law.ts')).lawCommand,
  fit: async () => (await import('./commands/fit.ts')).fitCommand,
  moe: async () => (await import('./commands/moe.ts')).moeCommand,
  layout: async () => (await import('./commands/layout.ts')).layoutCommand,
  predict: async () => (await import('./commands/predict.ts')).predictCommand,
  'serve-cost': async () => (await import('./commands/serve-cost.ts')).serveCostCommand,
  catalog: async () => (await import('./commands/catalog.ts')).catalogCommand,
  report: async () => (await import('./commands/report.ts')).reportCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  calibrate: async () => (await import('./commands/calibrate.ts')).calibrateCommand,
  'import-log': async () => (await import('./commands/import-log.ts')).importLogCommand,
  team: async () => (await import('./commands/team.ts')).teamCommand,
  sweep: async () => (await import('./commands/sweep.ts')).sweepCommand,
  bench: async () => (await import('./commands/bench.ts')).benchCommand,
  db: async () => (await import('./commands/db.ts')).dbCommand,
};

export interface Streams {
  readonly print: (text: string) => void;
  readonly warn: (text: string) => void;
}

async function help(streams: Streams): Promise<number> {
  const lines = ['flopsheet COMMAND …   plan AI training: FLOPs, time, memory, energy and money', ''];
  for (const load of Object.values(COMMANDS)) {
    const command = await load();
    lines.push(`  ${command.name.padEnd(11)} ${command.summary}`);
  }
  lines.push(
    '  app         serves the app on 127.0.0.1',
    '',
    'Every command: --help; --json for one JSON document on stdout; --db PATH for another store (:memory: for none).',
  );
  streams.print(lines.join('\n'));
  return 0;
}

/** Runs the command line and prints errors as people and scripts can read them. */
export async function runCli(args: readonly string[], streams: Streams): Promise<number> {
  try {
    const [name, ...rest] = args;
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') return await help(streams);
    if (name === 'app') return await (await import('./app.ts')).runApp(rest);
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!load) {
      const guess = nearest(name, [...Object.keys(COMMANDS), 'app']);
      throw new FlopsheetError('ARG', `there is no command "${name}"`, {
        hint: guess ? `did you mean "${guess}"?` : 'see flopsheet --help',
      });
    }
    return await runCommand(await load(), rest, streams);
  } catch (error) {
    return complain(error, streams);
  }
}

async function runCommand(command: Command, args: readonly string[], streams: Streams): Promise<number> {
  const usage = `flopsheet ${command.name} ${command.usage}`;
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...command.flags,
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
        db: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new FlopsheetError('ARG', (cause as Error).message.split('. ')[0] ?? 'the flags are wrong', { hint: usage });
  }
  const flags = parsed.values as Invocation['flags'];
  if (flags['help']) {
    const names = Object.entries(command.flags).map(
      ([flag, option]) => `  --${flag}${option.type === 'string' ? ' …' : ''}`,
    );
    streams.print([usage, '', command.summary, ...(names.length > 0 ? ['', ...names] : [])].join('\n'));
    return 0;
  }
  if (parsed.positionals.length < command.minPositionals)
    throw new FlopsheetError('ARG', `${command.name} needs more arguments`, { hint: usage });
  return command.run({ positionals: parsed.positionals, flags, json: flags['json'] === true, ...streams });
}

function complain(error: unknown, streams: Streams): number {
  if (error instanceof FormulaError) {
    const where = `characters ${error.from + 1} to ${error.to} of the formula`;
    streams.warn(errorText(error.message, where, error.hint));
    return 2;
  }
  if (error instanceof FlopsheetError) {
    streams.warn(errorText(error.message, error.where, error.hint));
    return 2;
  }
  streams.warn(
    `A fault of Flopsheet's own: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return 3;
}
