#!/usr/bin/env node
/**
 * Where the command line starts. JavaScript on purpose: an old Node cannot read TypeScript and would never get to the
 * sentence that says so, and a current one need not load its TypeScript reader when everything behind is cached.
 */
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `Flopsheet needs Node 22.12 or newer; this is ${process.versions.node}.\n  "npm run -s flopsheet -- …" uses the one that npm ci installed.\n`,
  );
  process.exit(2);
}
module.enableCompileCache(join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'out', 'compile-cache'));
await import('./main.ts');
