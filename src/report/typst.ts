/** The typst compiler with our fonts, loaded on first use: it is a native binary of 50 MB. */
import type { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportFonts } from './fonts.ts';

/** Scripts the bundled fonts draw: Latin, Greek, Cyrillic, punctuation, signs, mathematics. */
const COVERED = /^[\t-\u0377\u037a-\u052f\u1e00-\u1fff\u200b-\u23ff\u25a0-\u25ff\ufffd]*$/;

const compilers = new Map<'own' | 'system', NodeCompiler>();

/**
 * A compiler for `text`. Where the text has characters that the bundled fonts lack (Chinese, Arabic …), fonts of the
 * machine stand in for those; every other report looks the same on all machines.
 */
export async function typstFor(text: string): Promise<NodeCompiler> {
  const kind = COVERED.test(text) ? 'own' : 'system';
  const known = compilers.get(kind);
  if (known) return known;
  const { NodeCompiler: Compiler } = await import('@myriaddreamin/typst-ts-node-compiler');
  const bundled = { fontBlobs: [...reportFonts()] };
  const compiler = Compiler.create({
    workspace: emptyFolder(),
    fontArgs: kind === 'own' ? [bundled] : [bundled, { fontPaths: systemFontFolders() }],
  });
  compilers.set(kind, compiler);
  return compiler;
}

/** The file root: an empty folder, so that nothing on the machine can be read from a template. */
function emptyFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'flopsheet-report-'));
  process.once('exit', () => {
    try {
      rmdirSync(root);
    } catch {
      // Gone already, or somebody put something there: not ours to remove.
    }
  });
  return root;
}

function systemFontFolders(): string[] {
  const folders =
    process.platform === 'win32'
      ? [join(process.env['WINDIR'] ?? 'C:\\Windows', 'Fonts')]
      : process.platform === 'darwin'
        ? ['/System/Library/Fonts', '/Library/Fonts', join(homedir(), 'Library', 'Fonts')]
        : ['/usr/share/fonts', '/usr/local/share/fonts', join(homedir(), '.local', 'share', 'fonts')];
  return folders.filter((folder) => existsSync(folder));
}
