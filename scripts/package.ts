/**
 * `npm run package [-- electron-builder's flags]`: builds the desktop app, checks that the build is whole, and packs it for
 * this platform. Where Electron's binary cannot be had it stops after the check, says so, and has status 1.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { buildDesktop } from './build-electron.ts';
import { electronBinary, tryInstallElectron } from './electron.ts';

const ROOT = join(import.meta.dirname, '..');
const PACKAGER = join(ROOT, 'packaging', 'node_modules', 'electron-builder', 'cli.js');

/** What built code imports that would not be in the package: files that are not there, libraries that are not shipped. */
export function missingImports(folder: string, shipped: ReadonlySet<string>): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  return files.flatMap((name) => {
    const file = join(folder, name);
    const code = readFileSync(file, 'utf8');
    const imports = code.matchAll(/^(?:import|export)\b[^"'\n]*["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']/gm);
    return [...imports].flatMap(([, fixed, lazy]) => {
      const target = fixed ?? lazy ?? '';
      if (target.startsWith('.')) return existsSync(join(dirname(file), target)) ? [] : [`${name}: ${target}`];
      const library = target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/');
      return isBuiltin(target) || shipped.has(library) ? [] : [`${name}: ${target}`];
    });
  });
}

/** Libraries a package holds: the product's own, Electron, and what they bring along is theirs to find. */
export function shippedNames(): Set<string> {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  return new Set([...Object.keys({ ...dependencies, ...optionalDependencies }), 'electron']);
}

function run(args: readonly string[], cwd = ROOT): boolean {
  return spawnSync(process.execPath, args, { cwd, stdio: 'inherit' }).status === 0;
}

async function main(): Promise<number> {
  await buildDesktop();
  const missing = missingImports(join(ROOT, 'out', 'main'), shippedNames());
  if (missing.length > 0) {
    console.error(`The build is not whole:\n${missing.map((one) => `  ${one}`).join('\n')}`);
    return 3;
  }
  console.log(`Built: ${relative(ROOT, join(ROOT, 'out'))} is whole.`);
  if (electronBinary() === null) tryInstallElectron(console.error, true);
  if (electronBinary() === null) {
    console.error(
      'Not packed: Electron’s binary is not here and could not be downloaded (it comes from github.com).\nRun this again where it can, or put the release into electron’s cache first.',
    );
    return 1;
  }
  if (!existsSync(PACKAGER)) {
    const npm = join(dirname(process.execPath), 'npm');
    spawnSync(npm, ['install', '--no-audit', '--no-fund'], { cwd: join(ROOT, 'packaging'), stdio: 'inherit' });
  }
  if (!existsSync(PACKAGER)) {
    console.error('Not packed: electron-builder could not be installed; run "npm install" in packaging.');
    return 1;
  }
  return run([PACKAGER, '--config', 'electron-builder.config.js', ...process.argv.slice(2)]) ? 0 : 3;
}

if (import.meta.main) process.exitCode = await main();
