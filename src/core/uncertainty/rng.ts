/** Seeded integer hashes and a small generator. Nothing here reads a clock or a random source. */

/** 2^-32: one step of a 32-bit uniform. */
export const TWO_TO_MINUS_32 = 2 ** -32;

/**
 * Mixes 32 bits: a bijection in which every input bit changes every output bit with probability close to one half.
 * Source: C. Wellons, "Hash function prospector", lowbias32 (bias 0.107).
 */
export function mix32(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x21f0aaad);
  h ^= h >>> 15;
  h = Math.imul(h, 0x735a2d97);
  return h ^ (h >>> 15);
}

/** Hashes a seed (any number; its 64-bit integer part counts) and a 32-bit word into 32 bits. */
export function hashSeed(seed: number, word: number): number {
  const low = seed | 0;
  const high = Math.floor(seed / 4294967296) | 0;
  return mix32(mix32(mix32(low ^ 0x9e3779b9) ^ high) + Math.imul(word, 0x85ebca6b) + 0x27d4eb2f);
}

/** Hashes a name (a source id, a column id) into 32 bits, the same on every host. FNV-1a over UTF-16 units, mixed. */
export function hashText(text: string): number {
  let h = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix32(h);
}

/** A stream of pseudo-random numbers that depends on its seed only. */
export interface Rng {
  /** Next 32 random bits as an integer in 0..2^32-1. */
  uint32(): number;
  /** Next uniform number, strictly between 0 and 1, with 52 bits. */
  uniform(): number;
  /** Next integer in 0..n-1 without bias, for 1 <= n <= 2^32. */
  below(n: number): number;
}

/**
 * A generator for simulations and bootstraps: sfc32 (C. Doty-Humphrey, PractRand), seeded through `hashSeed`; period at
 * least 2^32. `stream` gives independent streams of one seed.
 */
export function createRng(seed: number, stream = 0): Rng {
  let a = hashSeed(seed, stream);
  let b = mix32(a + 0x9e3779b9);
  let c = mix32(b ^ stream);
  let counter = 1;
  const uint32 = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) uint32();
  return {
    uint32,
    uniform: () => ((uint32() >>> 6) * 67108864 + (uint32() >>> 6) + 0.5) * 2 ** -52,
    below: (n) => {
      const limit = 4294967296 - (4294967296 % n);
      let x = uint32();
      while (x >= limit) x = uint32();
      return x % n;
    },
  };
}
