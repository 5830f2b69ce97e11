/** What a person prefers on this machine: theme, panel. Never part of a plan. */
const PREFIX = 'flopsheet:';

/** Reads a stored preference; a missing or broken one is the fallback. */
export function readPref<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

/** Stores a preference; a full or forbidden store only means that it is not remembered. */
export function writePref(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    return;
  }
}
