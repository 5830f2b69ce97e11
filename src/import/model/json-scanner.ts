import type { FlopsheetError } from '../../core/errors.ts';

/** Deepest nesting that is skipped: beyond it the file is hostile. */
const MAX_DEPTH = 64;

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const OPEN = 123;
const CLOSE = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const DOT = 46;
/** Stands for a number in a template. */
const HASH_MARK = 35;

/** A name in the bytes; one object is reused for all names. */
export interface NameSpan {
  from: number;
  end: number;
  /** Two 32-bit hashes of the name: together enough to find a repeated name among millions. */
  hash: number;
  check: number;
  /** Hash and length of the name with its numbers left out: those between dots, or all of them (`everyNumber`). */
  template: number;
  templateCheck: number;
  /** First number left out, -1 when there is none. */
  layer: number;
}

/** Spreads the bits of a 32-bit hash (finaliser of MurmurHash3). */
function mix(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Walks over JSON bytes without building a tree: a header of 100 MB costs no more memory than itself. */
export class JsonScanner {
  private at = 0;
  private bytes: Uint8Array;
  /** Bytes before the first of `bytes`. */
  private base = 0;
  private first = true;
  /** The name last read by `nextName`. */
  readonly span: NameSpan = { from: 0, end: 0, hash: 0, check: 0, template: 0, templateCheck: 0, layer: -1 };
  private readonly fail: (message: string) => FlopsheetError;
  private known: readonly Uint8Array[] = [];
  private readonly readString = (): string => this.string();
  private readonly readKnown = (): number => this.oneOf(this.known);
  private readonly decoder = new TextDecoder('utf-8', { fatal: false });
  /** Leave every number out of the templates of names, not only those between dots. */
  everyNumber = false;

  constructor(bytes: Uint8Array, fail: (message: string) => FlopsheetError) {
    this.bytes = bytes;
    this.fail = fail;
  }

  private error(expected: string): FlopsheetError {
    return this.fail(`${expected} expected at byte ${this.position}`);
  }

  /** Reads beyond the end would make every read of the loop slow: each is checked against `length` first. */
  private peek(): number {
    const { bytes } = this;
    const { length } = bytes;
    while (this.at < length) {
      const code = bytes[this.at] as number;
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code;
      this.at += 1;
    }
    return -1;
  }

  private take(code: number): void {
    if (this.peek() !== code) throw this.error(`"${String.fromCharCode(code)}"`);
    this.at += 1;
  }

  /** Calls `entry` for each key; it must consume the value. */
  object(entry: (key: string) => void): void {
    this.entries(this.readString, entry);
  }

  /** Position in the whole text. */
  get position(): number {
    return this.base + this.at;
  }

  /** Text from `from` up to `end`, both positions in what is loaded. */
  bytesBetween(from: number, end: number): Uint8Array {
    return this.bytes.slice(from - this.base, end - this.base);
  }

  /** Moves over these bytes when they come next; else stays and says no. */
  passes(expected: Uint8Array): boolean {
    const { bytes, at } = this;
    const { length } = expected;
    if (at + length > bytes.length) return false;
    for (let index = 0; index < length; index += 1) if (bytes[at + index] !== expected[index]) return false;
    this.at = at + length;
    return true;
  }

  /** Moves over the end of an object when it comes next. */
  closes(): boolean {
    if (this.peek() !== CLOSE) return false;
    this.at += 1;
    return true;
  }

  /** Goes on in `bytes`, whose first byte stands at `base` of the whole text; reading continues at `position`. */
  rebase(bytes: Uint8Array, base: number, position: number): void {
    this.bytes = bytes;
    this.base = base;
    this.at = position - base;
  }

  /** Opens the outermost object, to be read with `nextName`. */
  open(): void {
    this.take(OPEN);
    this.first = true;
  }

  /**
   * Reads the next key of the outermost object (null at its end) and calls `entry`, which must consume the value. Keys are
   * only measured: thousands of equal patterns need no string each. After an error it can be tried again from the same position.
   */
  nextName(entry: (name: NameSpan) => void): boolean {
    const code = this.peek();
    if (code === CLOSE) {
      this.at += 1;
      return false;
    }
    if (!this.first) {
      if (code !== COMMA) throw this.error('"," or "}"');
      this.at += 1;
    }
    const name = this.nameSpan();
    this.take(COLON);
    entry(name);
    this.first = false;
    return true;
  }

  /** As `object` for values whose keys are among `known`: calls `entry` with the index of the key, or -1. */
  fields(known: readonly Uint8Array[], entry: (index: number) => void): void {
    this.known = known;
    this.entries(this.readKnown, entry);
  }

  private entries<Key>(readKey: () => Key, entry: (key: Key) => void): void {
    this.take(OPEN);
    if (this.peek() === CLOSE) {
      this.at += 1;
      return;
    }
    for (;;) {
      const key = readKey();
      this.take(COLON);
      entry(key);
      const code = this.peek();
      this.at += 1;
      if (code === CLOSE) return;
      if (code !== COMMA) {
        this.at -= 1;
        throw this.error('"," or "}"');
      }
    }
  }

  /** Reads a string; its index among `known`, or -1. */
  oneOf(known: readonly Uint8Array[]): number {
    this.take(QUOTE);
    const { bytes } = this;
    for (let index = 0; index < known.length; index += 1) {
      const word = known[index] as Uint8Array;
      let same = 0;
      while (same < word.length && bytes[this.at + same] === word[same]) same += 1;
      if (same === word.length && bytes[this.at + same] === QUOTE) {
        this.at += same + 1;
        return index;
      }
    }
    this.at -= 1;
    void this.string();
    return -1;
  }

  /** Reads a string as hashes: of all its bytes, and of its template. */
  private nameSpan(): NameSpan {
    this.take(QUOTE);
    const { bytes, span, everyNumber } = this;
    const { length } = bytes;
    let at = this.at;
    span.from = at;
    let layer = -1;
    let template = 0x9747b28c;
    let templateLength = 0;
    let first = 0x811c9dc5;
    let second = 0x1b873593;
    let number = true;
    for (;;) {
      if (at >= length) {
        this.at = at;
        throw this.error('the end of a string');
      }
      let code = bytes[at] as number;
      if (number) {
        let end = at;
        let value = 0;
        while (end < length) {
          const digit = (bytes[end] as number) - 48;
          if (digit < 0 || digit > 9) break;
          value = (Math.imul(value, 10) + digit) | 0;
          end += 1;
        }
        if (end > at && end < length && (everyNumber || bytes[end] === DOT || bytes[end] === QUOTE)) {
          if (layer < 0) layer = value;
          for (; at < end; at += 1) {
            const digit = bytes[at] as number;
            first = Math.imul(first ^ digit, 0x01000193);
            second = (Math.imul(second, 31) + digit) | 0;
          }
          template = Math.imul(template ^ HASH_MARK, 0x01000193);
          templateLength += 1;
          code = bytes[at] as number;
        }
      }
      if (code === QUOTE) break;
      first = Math.imul(first ^ code, 0x01000193);
      second = (Math.imul(second, 31) + code) | 0;
      template = Math.imul(template ^ code, 0x01000193);
      templateLength += 1;
      number = everyNumber || code === DOT;
      at += 1;
      if (code === BACKSLASH && at < length) {
        const escaped = bytes[at] as number;
        first = Math.imul(first ^ escaped, 0x01000193);
        second = (Math.imul(second, 31) + escaped) | 0;
        template = Math.imul(template ^ escaped, 0x01000193);
        at += 1;
      }
    }
    span.end = at;
    span.layer = layer;
    span.template = mix(template);
    span.templateCheck = templateLength;
    span.hash = mix(first);
    span.check = second;
    this.at = at + 1;
    return span;
  }

  /** The text of a name read before. */
  nameText(span: NameSpan): string {
    const text = this.decoder.decode(this.bytes.subarray(span.from, span.end));
    if (!text.includes('\\')) return text;
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      throw this.error('a valid string');
    }
  }

  string(): string {
    this.take(QUOTE);
    const { bytes } = this;
    const from = this.at;
    let plain = true;
    for (;;) {
      const code = bytes[this.at];
      if (code === undefined) throw this.error('the end of a string');
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        plain = false;
        this.at += 1;
      } else if (code > 126) plain = false;
      this.at += 1;
    }
    const end = this.at;
    this.at += 1;
    if (plain && end - from < 256)
      return String.fromCharCode.apply(null, bytes.subarray(from, end) as unknown as number[]);
    const text = this.decoder.decode(bytes.subarray(from, end));
    if (!text.includes('\\')) return text;
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      throw this.error('a valid string');
    }
  }

  /** A whole number from 0 to 2^53. */
  integer(): number {
    let code = this.peek();
    const { bytes } = this;
    const { length } = bytes;
    const from = this.at;
    const near = from + 9;
    let at = from;
    let small = 0;
    // The first nine digits fit in 32 bits.
    while (code >= 48 && code <= 57 && at < near) {
      small = (Math.imul(small, 10) + code - 48) | 0;
      at += 1;
      code = at < length ? (bytes[at] as number) : -1;
    }
    let value = small;
    while (code >= 48 && code <= 57 && value <= Number.MAX_SAFE_INTEGER) {
      value = value * 10 + code - 48;
      at += 1;
      code = at < length ? (bytes[at] as number) : -1;
    }
    this.at = at;
    if (at === from || value > Number.MAX_SAFE_INTEGER || code === 46 || code === 101 || code === 69)
      throw this.error('a whole number from 0 to 2^53');
    return value;
  }

  /** Any value of at most 64 characters as text, quotes left off; null when it is longer or nested. */
  shortText(): string | null {
    const code = this.peek();
    const from = this.at;
    this.skip();
    if (code === OPEN || code === OPEN_LIST || this.at - from > 64) return null;
    return this.decoder.decode(this.bytes.subarray(from, this.at)).replace(/^"|"$/g, '');
  }

  /** A list of at most `most` whole numbers, into `values` (emptied first). */
  integers(most: number, values: number[] = []): number[] {
    this.take(OPEN_LIST);
    values.length = 0;
    if (this.peek() === CLOSE_LIST) {
      this.at += 1;
      return values;
    }
    for (;;) {
      values.push(this.integer());
      const code = this.peek();
      this.at += 1;
      if (code === CLOSE_LIST) return values;
      if (code !== COMMA || values.length >= most) {
        this.at -= 1;
        throw this.error(`a list of at most ${most} whole numbers`);
      }
    }
  }

  /** Passes over any value. */
  skip(depth = 0): void {
    if (depth > MAX_DEPTH) throw this.error('less nesting');
    const code = this.peek();
    if (code === QUOTE) void this.string();
    else if (code === OPEN) this.object(() => this.skip(depth + 1));
    else if (code === OPEN_LIST) {
      this.at += 1;
      if (this.peek() === CLOSE_LIST) {
        this.at += 1;
        return;
      }
      for (;;) {
        this.skip(depth + 1);
        const next = this.peek();
        this.at += 1;
        if (next === CLOSE_LIST) return;
        if (next !== COMMA) {
          this.at -= 1;
          throw this.error('"," or "]"');
        }
      }
    } else {
      const from = this.at;
      while (/[-+0-9.eEa-z]/.test(String.fromCharCode(this.bytes[this.at] ?? 0))) this.at += 1;
      if (this.at === from) throw this.error('a value');
    }
  }

  /** Only white space may follow. */
  end(): void {
    if (this.peek() !== -1) throw this.error('the end of the header');
  }
}
