/** The objects of one array of a JSON text, one at a time: traces of gigabytes are never a value in memory. */

/** Characters of one object beyond which it is passed over. */
const LONGEST_OBJECT = 1_000_000;

/**
 * Calls `read` for every object in the array of `key` at the top of the document, or of a top-level array. What is broken
 * or too long is counted, not thrown. Returns that count and whether such an array was found and closed.
 */
export async function eachObjectOf(
  chunks: AsyncIterable<string>,
  key: string,
  read: (value: Record<string, unknown>) => void,
): Promise<{ readonly broken: number; readonly found: boolean; readonly closed: boolean }> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let found = false;
  let closed = false;
  let broken = 0;
  /** Depth of the objects wanted; 0 while the array has not been met. */
  let wanted = 0;
  let parts: string[] = [];
  let length = 0;
  let name = '';
  let text = '';

  for await (const chunk of chunks) {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const code = chunk.charCodeAt(at);
      if (inString) {
        if (escaped) escaped = false;
        else if (code === 92) escaped = true;
        else if (code === 34) {
          inString = false;
          if (depth === 1) name = text;
        } else if (depth === 1 && text.length < 64) text += chunk[at];
        continue;
      }
      if (code === 34) {
        inString = true;
        text = '';
      } else if (code === 123 || code === 91) {
        depth += 1;
        if (code === 91 && ((depth === 2 && name === key) || depth === 1)) {
          wanted = depth + 1;
          found = true;
        } else if (code === 123 && depth === wanted) {
          from = at;
          parts = [];
          length = 0;
        }
      } else if (code === 125 || code === 93) {
        if (code === 125 && depth === wanted) {
          if (length + at - from <= LONGEST_OBJECT) {
            parts.push(chunk.slice(from, at + 1));
            try {
              read(JSON.parse(parts.join('')) as Record<string, unknown>);
            } catch {
              broken += 1;
            }
          } else broken += 1;
          parts = [];
          length = 0;
        }
        if (code === 93 && wanted > 0 && depth === wanted - 1) {
          wanted = 0;
          closed = true;
        }
        depth -= 1;
      }
    }
    if (wanted > 0 && depth >= wanted) {
      length += chunk.length - from;
      if (length <= LONGEST_OBJECT) parts.push(chunk.slice(from));
    }
  }
  return { broken, found, closed };
}
