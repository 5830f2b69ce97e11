/** A plan file the system asks the app to open: by double click, or named when it is started. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Handlers } from '../../bridge/contract.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { APP_ORIGIN } from './channels.ts';

const LARGEST_BYTES = 50_000_000;

/** The plan file among the words a start came with; null when there is none. */
export function planFileIn(words: readonly string[], folder: string): string | null {
  const file = words.find((word) => !word.startsWith('-') && /\.(flopsheet|json)$/i.test(word));
  return file === undefined ? null : resolve(folder, file);
}

/** Brings the file in as a plan of the store; the address of the page that shows it. Throws what the reading of it throws. */
export async function pageOfPlanFile(path: string, handlers: Pick<Handlers, 'plans.create'>): Promise<string> {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined || size > LARGEST_BYTES)
    throw new FlopsheetError(
      'PLAN_FILE',
      `${path} ${size === undefined ? 'is not there' : 'is too large for a plan'}.`,
      {
        where: path,
        hint: 'A plan file has at most 50 MB.',
      },
    );
  const { plan } = await handlers['plans.create']({ file: readFileSync(path, 'utf8') });
  return `${APP_ORIGIN}/index.html?plan=${encodeURIComponent(plan)}`;
}
