import { join, sep } from 'node:path';

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

/** Folders that a cloud service copies behind the back of the programs that write in them, as their makers name them. */
const SYNCED: readonly (readonly [folder: RegExp, service: string])[] = [
  [/^Dropbox( \(.+\))?$/, 'Dropbox'],
  [/^OneDrive( - .+)?$/, 'OneDrive'],
  [/^(Google ?Drive|My Drive|GoogleDrive-.+)$/, 'Google Drive'],
  [/^(Mobile Documents|com~apple~CloudDocs|iCloud ?Drive)$/, 'iCloud Drive'],
  [/^(Nextcloud|ownCloud|pCloud ?Drive|Box( Sync)?|MEGA|Syncthing)$/, 'a synchronised folder'],
];

/**
 * The service that synchronises the folder of this path, or null. A database there can be copied half-written or
 * replaced by another machine's: it works, and backups matter more.
 */
export function syncedBy(path: string): string | null {
  for (const part of path.split(sep)) {
    const found = SYNCED.find(([folder]) => folder.test(part));
    if (found) return found[1];
  }
  return null;
}
