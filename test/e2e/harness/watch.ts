/** Listens to a page for everything that must not happen in it. */
import { expect, type Page } from '@playwright/test';

export interface Watched {
  /** What went wrong so far, in order. */
  readonly faults: readonly string[];
  /** Starts listening to a page of the app at `origin`; before its first navigation. */
  attach(page: Page, origin: string): Promise<void>;
  /** Lets a fault that a test causes on purpose pass: any whose text matches. */
  allow(pattern: RegExp): void;
  /** Fails on faults that were not allowed. */
  assertQuiet(): void;
}

/**
 * Collects violations of the content security policy, console errors, uncaught errors, crashes, and requests to anything
 * but the app.
 */
export function createWatch(): Watched {
  const faults: string[] = [];
  const allowed: RegExp[] = [];

  async function attach(page: Page, origin: string): Promise<void> {
    await page.exposeFunction('flopsheetReportViolation', (text: string) => void faults.push(`CSP: ${text}`));
    await page.addInitScript(() => {
      const { flopsheetReportViolation } = window as unknown as { flopsheetReportViolation: (text: string) => void };
      document.addEventListener('securitypolicyviolation', (event) => {
        const { effectiveDirective, blockedURI, sourceFile, lineNumber, sample } = event;
        flopsheetReportViolation(
          `${effectiveDirective} blocked ${blockedURI} at ${sourceFile}:${lineNumber} ${sample}`,
        );
      });
    });
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => void faults.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('crash', () => void faults.push('the page crashed'));
    // A request the policy blocked never left: it is reported as a violation already.
    const isForeign = (url: string) => !url.startsWith(`${origin}/`) && !/^(data|blob|about):/.test(url);
    page.on('requestfinished', (request) => {
      if (isForeign(request.url())) faults.push(`request to ${request.url()}`);
    });
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      if (isForeign(request.url()) && reason !== 'csp') faults.push(`request to ${request.url()} (${reason})`);
    });
  }

  return {
    faults,
    attach,
    allow: (pattern) => void allowed.push(pattern),
    assertQuiet() {
      const open = faults.filter((fault) => !allowed.some((pattern) => pattern.test(fault)));
      expect(open, 'faults in the page').toEqual([]);
    },
  };
}
