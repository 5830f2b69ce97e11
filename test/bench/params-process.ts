/** Runs one command of the command line in a process of its own and says what it took after start-up: milliseconds and peak memory. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// As the command line itself starts: what was compiled once is not compiled again.
enableCompileCache(join(import.meta.dirname, '..', '..', 'out', 'compile-cache'));
const { runCli } = await import('../../src/cli/run.ts');

let printed = '';
const start = performance.now();
const status = await runCli(process.argv.slice(2), { print: (text) => void (printed += text), warn: () => undefined });
const milliseconds = performance.now() - start;
const result = { status, milliseconds, megabytes: process.resourceUsage().maxRSS / 1024, printed };
process.stdout.write(JSON.stringify(result));
