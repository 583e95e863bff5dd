// Keys and values, the same in every run: newly made whenever they are asked for. Knows no store.

export const KEY = 35;
const MIXER = 0x9e3779b97f4a7c15n;
const VALUES = new Uint8Array(1 << 18);
let state = 1;
for (let index = 0; index < VALUES.length; index++) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  VALUES[index] = state >>> 24;
}

/** A namespace and 16 digits. */
export function key(number) {
  const mixed = BigInt.asUintN(64, BigInt(number) * MIXER);
  return `user/embeddings/v2/${mixed.toString(16).padStart(16, '0')}`;
}

/** A stretch of random bytes, in memory of its own. */
export function value(number, size) {
  const start = (number * 61) % (VALUES.length - size);
  return VALUES.slice(start, start + size);
}

/** Batches of keys that are in the store, drawn uniformly. */
export class Draws {
  constructor(entries, seed) {
    this.entries = entries;
    this.state = seed;
  }

  keys(count) {
    return Array.from({ length: count }, () => {
      this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
      return key(Math.floor((this.state / 2 ** 32) * this.entries));
    });
  }

  pairs(count, size) {
    return this.keys(count).map((drawn, index) => [drawn, value(index, size)]);
  }
}
