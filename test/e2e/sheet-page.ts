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

  /** Number of the column with that label. */
  private async column(label: string): Promise<number> {
    const labels = this.page.locator('.title .label');
    await expect(labels.filter({ hasText: label }).first()).toBeVisible();
    const at = (await labels.allTextContents()).indexOf(label);
    if (at < 0) throw new Error(`no column "${label}"`);
    return at;
  }

  async cell(row: number, label: string): Promise<Locator> {
    return this.page.locator(`#cell-${row}-${await this.column(label)}`);
  }

  async select(row: number, label: string): Promise<Locator> {
    const cell = await this.cell(row, label);
    await cell.click();
    return cell;
  }

  /** Types into a cell and leaves it with Enter. */
  async type(row: number, label: string, text: string): Promise<void> {
    await this.select(row, label);
    await this.page.keyboard.type(text);
    await this.page.keyboard.press('Enter');
  }

  async total(label: string): Promise<Locator> {
    return this.page.locator('.totals .cell').nth(await this.column(label));
  }

  /** The message beside the formula. */
  get message(): Locator {
    return this.page.locator('.bar .hint');
  }
}
