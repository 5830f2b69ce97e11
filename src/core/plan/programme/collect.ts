/** What lines of the cash table are, and how they are collected from rows. */
import type { TableId } from '../../document/plan.ts';
import type { Cents } from '../../finance/money.ts';
import { cellAddress } from '../../sheet/state.ts';

/** Amounts by month: element 0 is month `first` (month number). */
export interface MonthParts {
  readonly first: number;
  readonly cents: readonly Cents[];
}

export interface ProgrammeLine {
  readonly table: TableId;
  readonly row: string;
  /** Column of the cell the amount comes from. */
  readonly column: string;
  readonly name: string;
  readonly category: string;
  /** `cost` only (depreciation), `cash` only (a purchase, an advance), or both. */
  readonly view: 'both' | 'cost' | 'cash';
  /** Bound by contract or decision. */
  readonly committed: boolean;
  /** How the amount was laid out, in words. */
  readonly rule: string;
  readonly months: MonthParts;
}

export interface ProgrammeLines {
  readonly lines: readonly ProgrammeLine[];
  /** Amounts that have no dates: in the total, in no month. */
  readonly undated: readonly { readonly address: string; readonly cents: Cents }[];
  /** Money cells that are unknown: what is shown is the known part. */
  readonly unknown: readonly string[];
}

/** Collects lines; amounts without dates and unknown ones go where they are reported. */
export class LineCollector implements ProgrammeLines {
  readonly lines: ProgrammeLine[] = [];
  readonly undated: { address: string; cents: Cents }[] = [];
  readonly unknown: string[] = [];

  /** Adds a line; `layOut` gives its months from its cents, or null without dates. An amount of 0 is no line. */
  add(line: Omit<ProgrammeLine, 'months'>, amount: number, layOut: (cents: Cents) => MonthParts | null): void {
    const address = cellAddress(line.table, line.row, line.column);
    if (!Number.isFinite(amount)) {
      this.unknown.push(address);
      return;
    }
    const cents = Math.round(amount * 100);
    if (cents === 0) return;
    const months = layOut(cents);
    if (months) this.lines.push({ ...line, months });
    else this.undated.push({ address, cents });
  }
}
