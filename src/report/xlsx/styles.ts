/** Collects the styles a workbook uses and writes styles.xml. */
import type { CellStyle } from './model.ts';
import { escapeXml } from './xml.ts';

/** Numbers from here on are formats of our own. */
const FIRST_FORMAT = 164;

class Pool {
  readonly items: string[];
  private readonly ids = new Map<string, number>();

  constructor(first: readonly string[]) {
    this.items = [...first];
    first.forEach((item, i) => this.ids.set(item, i));
  }

  id(item: string): number {
    let id = this.ids.get(item);
    if (id === undefined) {
      id = this.items.push(item) - 1;
      this.ids.set(item, id);
    }
    return id;
  }
}

export class Styles {
  private readonly fonts = new Pool([font({})]);
  private readonly fills = new Pool([
    '<fill><patternFill patternType="none"/></fill>',
    '<fill><patternFill patternType="gray125"/></fill>',
  ]);
  private readonly borders = new Pool([border(false)]);
  private readonly formats = new Pool([]);
  private readonly xfs = new Pool(['<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>']);
  private readonly known = new WeakMap<CellStyle, number>();

  /** Index of a style in cellXfs. */
  id(style: CellStyle | undefined): number {
    if (!style) return 0;
    let id = this.known.get(style);
    if (id === undefined) {
      id = this.xfs.id(this.xf(style));
      this.known.set(style, id);
    }
    return id;
  }

  private xf(style: CellStyle): string {
    const format = style.format ? FIRST_FORMAT + this.formats.id(style.format) : 0;
    const fill = style.fill
      ? this.fills.id(
          `<fill><patternFill patternType="solid"><fgColor rgb="FF${style.fill}"/><bgColor indexed="64"/></patternFill></fill>`,
        )
      : 0;
    const alignment =
      style.align || style.wrap
        ? `<alignment${style.align ? ` horizontal="${style.align}"` : ''}${style.wrap ? ' vertical="top" wrapText="1"' : ''}/>`
        : '';
    return `<xf numFmtId="${format}" fontId="${this.fonts.id(font(style))}" fillId="${fill}" borderId="${this.borders.id(border(style.rule ?? false))}" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1"${alignment ? ` applyAlignment="1">${alignment}</xf>` : '/>'}`;
  }

  xml(): string {
    const list = (tag: string, items: readonly string[]): string =>
      items.length > 0 ? `<${tag} count="${items.length}">${items.join('')}</${tag}>` : '';
    const formats = this.formats.items.map(
      (code, i) => `<numFmt numFmtId="${FIRST_FORMAT + i}" formatCode="${escapeXml(code)}"/>`,
    );
    return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">${list('numFmts', formats)}${list('fonts', this.fonts.items)}${list('fills', this.fills.items)}${list('borders', this.borders.items)}<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>${list('cellXfs', this.xfs.items)}<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;
  }
}

function font(style: CellStyle): string {
  return `<font>${style.bold ? '<b/>' : ''}<sz val="10"/><color rgb="FF${style.color ?? '171C1A'}"/><name val="Calibri"/><family val="2"/></font>`;
}

function border(rule: boolean): string {
  return `<border><left/><right/>${rule ? '<top style="thin"><color rgb="FF171C1A"/></top>' : '<top/>'}<bottom/><diagonal/></border>`;
}
