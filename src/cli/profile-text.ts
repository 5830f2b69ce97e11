/** Profiles that are no training log, as the command line prints them. */
import { profileFacts, type Profile } from '../core/calibrate/profile/facts.ts';
import { table } from './table.ts';

/** Snake case of the keys of plain data, as the JSON of every command has them. */
function snake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snake);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snake(inner),
    ]),
  );
}

/** The JSON document: the keys every import has, then what this kind adds. */
export function profileJson(profile: Profile): object {
  const { kind: _, notes, ...rest } = profile;
  return {
    points: 'steps' in profile ? profile.steps.length : 0,
    excluded: 0,
    tokens_per_s: null,
    tokens_per_s_per_chip: null,
    mfu: null,
    step_s_p50: null,
    step_s_p99: null,
    ...(snake(rest) as object),
    notes: [...notes, ...(profile.kind === 'kineto' ? [] : ['this file says nothing of tokens or steps'])],
  };
}

/** For people. */
export function profileText(profile: Profile): string {
  const { title, facts, columns, rows } = profileFacts(profile);
  return [
    title,
    ...facts.map(([label, value]) => `${label.padEnd(22)} ${value}`),
    ...(rows.length > 0 ? [table(columns, rows)] : []),
    ...profile.notes.map((note) => `note: ${note}`),
  ].join('\n');
}
