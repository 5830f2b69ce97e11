import { FlopsheetError } from '../../core/errors.ts';
import type { ImportedArchitecture } from '../../core/model/hf-config.ts';
import { architectureFromConfig } from '../../core/model/hf-config.ts';
import { FAMILIES } from './families.ts';

/** Largest configuration or index file, and deepest nesting, that is parsed. */
const MAX_CONFIG_CHARACTERS = 8_000_000;
const MAX_DEPTH = 40;

/** Parses JSON as model tools write it (Infinity and NaN allowed), refusing huge or deeply nested text before it is parsed. */
export function parseModelJson(text: string, name: string): unknown {
  if (text.length > MAX_CONFIG_CHARACTERS) {
    throw new FlopsheetError(
      'model-json-size',
      `"${name}" is larger than ${MAX_CONFIG_CHARACTERS / 1e6} MB; a model's configuration is a few kB.`,
      { where: name, hint: 'Choose config.json.' },
    );
  }
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === 92) at += 1;
      else if (code === 34) quoted = false;
    } else if (code === 34) quoted = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > MAX_DEPTH)
        throw new FlopsheetError('model-json-depth', `"${name}" nests deeper than ${MAX_DEPTH} levels.`, {
          where: name,
          hint: 'Choose config.json.',
        });
    } else if (code === 125 || code === 93) depth -= 1;
  }
  try {
    return JSON.parse(text);
  } catch (first) {
    try {
      return JSON.parse(
        text.replace(
          /([:[,]\s*)(-?)(Infinity|NaN)(?=\s*[,\]}])/g,
          (_, before: string, sign: string, word: string) => `${before}${word === 'NaN' ? 'null' : `${sign}1e999`}`,
        ),
      );
    } catch {
      throw new FlopsheetError('model-json', `"${name}" is not JSON: ${(first as Error).message.slice(0, 160)}.`, {
        where: name,
        hint: 'The file may be cut off: fetch it again.',
      });
    }
  }
}

/** Architecture of a config.json given as text. */
export function architectureFromConfigText(text: string, name = 'config.json'): ImportedArchitecture {
  return architectureFromConfig(
    parseModelJson(text, name),
    FAMILIES,
    name === 'config.json' ? '' : name.replace(/\.json$/, '').replaceAll('--', '/'),
  );
}
