/**
 * `npm test`: every check, each under its own heading, all of them even when an early one fails. The last line counts
 * the tests of all runners. `--only check` stops after types, lint and layout. Checks run two at a time, each on one
 * core; the test runners use both cores themselves.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';

interface Section {
  readonly name: string;
  readonly kind: 'check' | 'test';
  readonly args: readonly string[];
}

const bin = (path: string, ...args: string[]) => [`node_modules/${path}`, ...args];
const UNIT_REPORT = 'out/test/unit.json';
const E2E_REPORT = 'out/test/e2e.json';

const SECTIONS: readonly Section[] = [
  { name: 'lint', kind: 'check', args: bin('eslint/bin/eslint.js', '.', '--max-warnings', '0') },
  { name: 'layout', kind: 'check', args: bin('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.') },
  {
    name: 'types: renderer (TypeScript and Svelte)',
    kind: 'check',
    args: bin('svelte-check/bin/svelte-check', '--tsconfig', 'tsconfig.web.json', '--fail-on-warnings'),
  },
  { name: 'types: node', kind: 'check', args: bin('typescript/bin/tsc', '-p', 'tsconfig.node.json') },
  { name: 'types: core', kind: 'check', args: bin('typescript/bin/tsc', '-p', 'tsconfig.core.json') },
  {
    name: 'unit, store, bridge, host, fault',
    kind: 'test',
    args: bin('vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`),
  },
  { name: 'end to end', kind: 'test', args: ['scripts/e2e.ts'] },
];

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

function read(file: string): Record<string, unknown> | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : null;
}

function counts(): Counts {
  const unit = read(UNIT_REPORT) as { numPassedTests: number; numFailedTests: number; numPendingTests: number } | null;
  const e2e = read(E2E_REPORT) as {
    stats: { expected: number; flaky: number; unexpected: number; skipped: number };
  } | null;
  return {
    passed: (unit?.numPassedTests ?? 0) + (e2e === null ? 0 : e2e.stats.expected + e2e.stats.flaky),
    failed: (unit?.numFailedTests ?? 0) + (e2e?.stats.unexpected ?? 0),
    skipped: (unit?.numPendingTests ?? 0) + (e2e?.stats.skipped ?? 0),
  };
}

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
const sections = SECTIONS.filter((section) => only === undefined || section.kind === only);
if (sections.length === 0) {
  console.error(`--only is check or test, not "${only}".`);
  process.exit(2);
}

for (const report of [UNIT_REPORT, E2E_REPORT]) rmSync(report, { force: true });
const started = performance.now();
const broken: string[] = [];

/** Runs a section: at once visible when it runs alone, in one piece when it runs beside another. */
async function runSection({ name, args }: Section, alone: boolean): Promise<void> {
  const at = performance.now();
  const heading = `\n──── ${name} ────`;
  if (alone) console.log(heading);
  const child = spawn(process.execPath, args, { stdio: alone ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (!alone) console.log(`${heading}\n${output.trimEnd()}`);
  const seconds = ((performance.now() - at) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${name} (${seconds} s)`);
  if (status !== 0) broken.push(name);
}

const checks = sections.filter(({ kind }) => kind === 'check');
const lane = async (): Promise<void> => {
  for (let next = checks.shift(); next; next = checks.shift()) await runSection(next, false);
};
await Promise.all([lane(), lane()]);
for (const section of sections.filter(({ kind }) => kind === 'test')) await runSection(section, true);

const seconds = ((performance.now() - started) / 1000).toFixed(1);
if (broken.length > 0) console.log(`\nFailed: ${broken.join(', ')}`);
if (only !== 'check') {
  const { passed, failed, skipped } = counts();
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''} in ${seconds} s`);
}
process.exitCode = broken.length === 0 ? 0 : 1;
