/** Fonts that ship with the app, for everything that is printed: no report depends on what a machine has installed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlopsheetError } from '../core/errors.ts';

export const FONT_FOLDER = fileURLToPath(new URL('../../assets/fonts', import.meta.url));
const FILES = ['Inter-Regular.ttf', 'Inter-Medium.ttf', 'Inter-SemiBold.ttf', 'JetBrainsMono-Regular.ttf'] as const;

let loaded: readonly Buffer[] | null = null;

/** The bytes of the fonts. Throws FlopsheetError `FONTS_MISSING` naming the file. */
export function reportFonts(folder = FONT_FOLDER): readonly Buffer[] {
  if (loaded && folder === FONT_FOLDER) return loaded;
  const fonts = FILES.map((file) => {
    try {
      return readFileSync(join(folder, file));
    } catch (error) {
      throw new FlopsheetError('FONTS_MISSING', `the font ${file} is missing, so no report can be printed`, {
        where: join(folder, file),
        hint: 'install Flopsheet again: its assets folder is incomplete',
        cause: error,
      });
    }
  });
  if (folder === FONT_FOLDER) loaded = fonts;
  return fonts;
}
