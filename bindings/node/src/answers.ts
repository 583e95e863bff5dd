// A result of the library's: copied once into memory of this side's, and freed, whatever happens. Knows no store.

import { STRUCTS, WORD } from './abi.js';
import { library, viewOf } from './library.js';
import { allocate, Words } from './memory.js';
import type { Value } from './values.js';

const [SLICES, COUNT, DATA, DATA_LEN] = [0, 1, 2, 3]; // of a bytestore_buffer
const SLICE = Object.keys(STRUCTS.bytestore_slice).length; // words

/** What one call writes its answers to. */
export class Answers {
  private readonly words = new Words(Object.keys(STRUCTS.bytestore_buffer).length);
  readonly address = this.words.address;

  /** The answers, as views of one array that is theirs. */
  take(): (Value | undefined)[] {
    try {
      const count = this.words.number(COUNT);
      const slices = new BigUint64Array(count * SLICE);
      new Uint8Array(slices.buffer).set(viewOf(this.words.big[SLICES] ?? 0n, count * SLICE * WORD));
      const found = Array.from({ length: count }, (_, index) => {
        const address = slices[index * SLICE] ?? 0n;
        return address === 0n ? undefined : { address, length: Number(slices[index * SLICE + 1]) };
      });
      const size = found.reduce((sum, slice) => sum + (slice?.length ?? 0), 0);
      const bytes = new Uint8Array(allocate(size));
      const data = this.words.big[DATA] ?? 0n;
      if (data !== 0n) {
        bytes.set(viewOf(data, this.words.number(DATA_LEN)));
      }
      let at = 0;
      return found.map((slice) => {
        if (slice === undefined) {
          return undefined;
        }
        const value = new Uint8Array(bytes.buffer, at, slice.length);
        if (data === 0n) {
          value.set(viewOf(slice.address, slice.length));
        }
        at += slice.length;
        return value;
      });
    } finally {
      library.free_buffer(this.address);
    }
  }

  /** The only answer of a call that has one. */
  takeOne(): Value {
    return this.take()[0] ?? new Uint8Array();
  }
}
