#!/usr/bin/env node
/** `flopsheet COMMAND …`: finds the command, reads its flags, runs it. Nothing heavy is loaded before it is needed. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `Flopsheet needs Node 22.12 or newer; this is ${process.versions.node}. "npm run -s flopsheet -- …" uses the one that npm ci installed.\n`,
  );
  process.exit(2);
}
const { enableCompileCache } = await import('node:module');
const { join } = await import('node:path');
enableCompileCache(join(import.meta.dirname, '..', '..', 'out', 'compile-cache'));
// A reader that has seen enough, such as "head", is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
const { runCli } = await import('./run.ts');
process.exitCode = await runCli(process.argv.slice(2), {
  print: (text) => void process.stdout.write(`${text}\n`),
  warn: (text) => void process.stderr.write(`${text}\n`),
});
