import { existsSync, statSync } from 'node:fs';
import { FlopsheetError } from '../../core/errors.ts';
import { diagnosticsText } from '../../bridge/diagnostics.ts';
import { createLog, logFile } from '../../host/log.ts';
import { appVersion } from '../../host/version.ts';
import { backup, listBackups, previewBackup } from '../../store/backup.ts';
import { CATALOG_KINDS } from '../../store/catalog.ts';
import { fullCheck } from '../../store/integrity.ts';
import { listPlans } from '../../store/plans.ts';
import { restoreBackup } from '../../store/restore.ts';
import type { Command } from '../command.ts';
import { openForReading, openForWriting, storePath } from '../store.ts';

export const dbCommand: Command = {
  name: 'db',
  usage: 'info | check | backup | preview BACKUP | restore BACKUP | diagnostics',
  summary: 'looks after the store: facts, full check, backup, restore, diagnostics',
  flags: {},
  minPositionals: 1,
  async run(invocation) {
    const [action, argument] = invocation.positionals;
    const path = storePath(invocation);
    switch (action) {
      case 'info': {
        const store = openForReading(invocation);
        try {
          const count = store.db.prepare('SELECT count(*) FROM catalog_head WHERE kind = ?').pluck();
          const info = {
            path: store.path,
            read_only: store.readOnly,
            bytes: existsSync(store.path) ? statSync(store.path).size : 0,
            version: appVersion(),
            plans: listPlans(store.db).length,
            catalog: Object.fromEntries(CATALOG_KINDS.map((kind) => [kind, count.get(kind) as number])),
            backups: store.path === ':memory:' ? [] : listBackups(store.path).map((own) => own.file),
          };
          if (invocation.json) invocation.print(JSON.stringify(info));
          else
            invocation.print(
              [
                `store    ${info.path}${info.read_only ? ' (read-only)' : ''}`,
                `size     ${Math.round(info.bytes / 1024)} kB`,
                `plans    ${info.plans}`,
                `catalog  ${Object.entries(info.catalog)
                  .map(([kind, rows]) => `${kind} ${rows}`)
                  .join(', ')}`,
                `backups  ${info.backups.length}`,
              ].join('\n'),
            );
          return 0;
        } finally {
          store.close();
        }
      }
      case 'check': {
        const store = openForReading(invocation);
        try {
          const report = fullCheck(store.db);
          invocation.print(
            invocation.json
              ? JSON.stringify(report)
              : report.findings.length === 0
                ? 'the store is sound'
                : report.findings.map((finding) => JSON.stringify(finding)).join('\n'),
          );
          return report.findings.length === 0 ? 0 : 1;
        } finally {
          store.close();
        }
      }
      case 'backup': {
        const store = openForWriting(invocation);
        try {
          const made = await backup(store, Date.now());
          invocation.print(invocation.json ? JSON.stringify(made) : `backed up to ${made.file}`);
          return 0;
        } finally {
          store.close();
        }
      }
      case 'preview': {
        if (!argument) throw new FlopsheetError('ARG', 'which backup?', { hint: 'flopsheet db info lists them' });
        const preview = previewBackup(argument, appVersion());
        if (invocation.json) invocation.print(JSON.stringify(preview));
        else {
          const plans = preview.plans.map(
            ({ name, revision, updatedAt, deleted }) =>
              `${name}, revision ${revision}, ${new Date(updatedAt).toISOString()}${deleted ? ' (removed)' : ''}`,
          );
          invocation.print(
            [preview.check.ok ? 'sound' : `damaged: ${preview.check.findings[0]?.message ?? ''}`, ...plans].join('\n'),
          );
        }
        return preview.check.ok ? 0 : 1;
      }
      case 'diagnostics': {
        const store = openForReading(invocation);
        try {
          const logLines = createLog(logFile(store.path)).tail(200);
          invocation.print(
            diagnosticsText(store, { version: appVersion(), host: 'cli', now: Date.now(), logLines }).trimEnd(),
          );
          return 0;
        } finally {
          store.close();
        }
      }
      case 'restore': {
        if (!argument) throw new FlopsheetError('ARG', 'which backup?', { hint: 'flopsheet db info lists them' });
        const restored = restoreBackup(path, argument, { version: appVersion(), now: Date.now() });
        invocation.print(invocation.json ? JSON.stringify(restored) : `restored ${argument}`);
        return 0;
      }
      default:
        throw new FlopsheetError('ARG', `db has no action "${action}"`, {
          hint: 'info, check, backup, preview, restore or diagnostics',
        });
    }
  },
};
