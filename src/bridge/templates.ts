/** Example plans that ship with the app: plan files under assets/templates. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlopsheetError } from '../core/errors.ts';

const FOLDER = fileURLToPath(new URL('../../assets/templates', import.meta.url));

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
}

/** Templates in the order of their file names. */
export function listTemplates(): Template[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const json = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { name: string; summary?: string };
      return { id: file.slice(0, -5), name: json.name, summary: json.summary ?? '' };
    });
}

/** Text of a template's plan file. Throws `NOT_FOUND`. */
export function readTemplate(id: string): string {
  if (!listTemplates().some((template) => template.id === id))
    throw new FlopsheetError('NOT_FOUND', `there is no template "${id}"`);
  return readFileSync(join(FOLDER, `${id}.json`), 'utf8');
}
