/** The sheet as a person meets it: cells by row name and column label, the keyboard for everything else. */
import { expect, type Locator, type Page } from '@playwright/test';

export class SheetPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens a template from the start screen. */
  async openTemplate(name: string): Promise<void> {
    await this.page.getByRole('button', { name }).first().click();
    await expect(this.grid).toBeVisible();
    await expect(this.page.locator('#cell-0-0, .add button').first()).toBeVisible();
  }

  get grid(): Locator {
    return this.page.getByRole('grid');
  }

  /** Number of the column with that label, scrolled into view: columns that are not on screen have no cells. */
  private async column(label: string): Promise<number> {
    const title = this.page.locator('.title', { has: this.page.getByText(label, { exact: true }) }).first();
    // Columns grow when their intervals arrive, which may push one out of view again.
    await expect(async () => {
      await title.scrollIntoViewIfNeeded();
      const id = Number(await title.getAttribute('aria-colindex')) - 1;
      const empty = (await this.page.locator('#cell-0-0, #total-0').count()) === 0;
      if (!empty) await expect(this.page.locator(`#cell-0-${id}, #total-${id}`).first()).toBeVisible({ timeout: 500 });
    }).toPass();
    return Number(await title.getAttribute('aria-colindex')) - 1;
  }

  /** Pastes as a spreadsheet would: plain text, and HTML where given. */
  async paste(text: string, html = ''): Promise<void> {
    await this.page.evaluate(
      ([plain, rich]) => {
        const data = new DataTransfer();
        data.setData('text/plain', plain);
        if (rich !== '') data.setData('text/html', rich);
        document
          .querySelector('[role="grid"]')
          ?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
      },
      [text, html] as const,
    );
  }

  async cell(row: number, label: string): Promise<Locator> {
    return this.page.locator(`#cell-${row}-${await this.column(label)}`);
  }

  /** Clicks a cell; again when columns that grew pushed it out of view in between. */
  async select(row: number, label: string): Promise<Locator> {
    await expect(async () => (await this.cell(row, label)).click({ timeout: 1_000 })).toPass();
    return this.cell(row, label);
  }

  /** Types into a cell and leaves it with Enter. */
  async type(row: number, label: string, text: string): Promise<void> {
    await this.select(row, label);
    await this.page.keyboard.type(text);
    await this.page.keyboard.press('Enter');
  }

  async total(label: string): Promise<Locator> {
    return this.page.locator(`#total-${await this.column(label)}`);
  }

  /** The message beside the formula. */
  get message(): Locator {
    return this.page.locator('.bar .hint');
  }
}
