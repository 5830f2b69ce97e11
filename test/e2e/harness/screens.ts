import type { Page } from '@playwright/test';

const FOLDER = 'test-results/screens';

/**
 * Pictures of the page at 1440x900 in light and in dark, as `test-results/screens/NAME-light.png` and `-dark.png`.
 * Follows the system's colour scheme, so a theme chosen in the app's settings shows in both.
 */
export async function takeScreens(page: Page, name: string): Promise<void> {
  await page.setViewportSize({ width: 1440, height: 900 });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.screenshot({ path: `${FOLDER}/${name}-${colorScheme}.png`, animations: 'disabled', caret: 'hide' });
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
}
