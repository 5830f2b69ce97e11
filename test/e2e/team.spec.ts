import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './harness/app.ts';
import { takeScreens } from './harness/screens.ts';

const HEADER = 'chip,provider,class,commitment,usd_per_chip_hour,date,source\n';

test('a team’s prices and plans are looked at, taken, and conflicts decided in the settings', async ({
  page,
  watched,
}) => {
  watched.allow(/422/);
  const folder = mkdtempSync(join(tmpdir(), 'flopsheet-team-e2e-'));
  const share = (chips: string, usd: string): void => {
    writeFileSync(
      join(folder, 'prices.csv'),
      `${HEADER}h100-sxm,Team deal,neocloud,contract,${usd},2026-11-01,order 9\n`,
    );
    writeFileSync(
      join(folder, 'shared.json'),
      JSON.stringify({ format: 'flopsheet-plan', version: 1, name: 'Shared plan', runs: [{ key: 'r1', chips }] }),
    );
  };
  share('512', '2.10');
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Settings' }).click();
  const team = page.getByRole('region', { name: 'Team' });
  const place = team.getByLabel('Folder or https address');
  await place.fill('http://prices.example/prices.csv');
  await team.getByRole('button', { name: 'Add place' }).click();
  await expect(team.getByRole('alert')).toContainText('only https:// addresses are');
  await place.fill(folder);
  await team.getByRole('button', { name: 'Add place' }).click();
  await team.getByRole('button', { name: 'Look' }).click();
  await expect(team).toContainText(/sha256 [0-9a-f]{64}/);
  await team.getByRole('button', { name: 'Take', exact: true }).click();
  await expect(team.getByRole('status')).toHaveText('2 taken.');

  share('1024', '1.95');
  await team.getByRole('button', { name: 'Look' }).click();
  await expect(team.getByRole('row', { name: /Shared plan/ })).toContainText('newer');
  await takeScreens(page, 'team');
  await team.getByRole('button', { name: 'Take', exact: true }).click();
  await expect(team.getByRole('status')).toHaveText('2 taken.');
  rmSync(folder, { recursive: true, force: true });
});
