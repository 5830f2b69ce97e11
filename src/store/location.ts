import { join } from 'node:path';

/** Where the store lives unless `--db` or FLOPSHEET_DB says otherwise: the user's data folder of the platform. */
export function defaultStorePath(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  if (env['FLOPSHEET_DB']) return env['FLOPSHEET_DB'];
  if (platform === 'win32')
    return join(env['APPDATA'] || join(home, 'AppData', 'Roaming'), 'Flopsheet', 'flopsheet.db');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Flopsheet', 'flopsheet.db');
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'flopsheet', 'flopsheet.db');
}
