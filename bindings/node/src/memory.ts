// Batches side by side in memory, as the library takes and gives them. Knows lengths and places, no store.

import { STRUCTS, WORD } from './abi.js';
import { byteLengthOf } from './arguments.js';
import { ByteStoreError } from './errors.js';
import { writeText, type Key } from './keys.js';
import { addressOf, type Memory } from './library.js';
import type { Value } from './values.js';

const LEN = 4; // bytes of an input's length
const LARGE = 1 << 14; // bytes from which on a value's address costs less than a copy
const FOUND = 3; // of a bytestore_area: the word that the library writes
const MISSING = 0xffffffff; // the upper half of BYTESTORE_MISSING, and of no length

/** Words that the library writes to, or reads: a struct, or lengths. */
export class Words {
  readonly big: BigUint64Array;
  readonly address: bigint;
  private readonly halves: Uint32Array;

  constructor(count: number) {
    this.big = new BigUint64Array(allocate(count * WORD)); // a small array without a buffer might still move
    this.halves = new Uint32Array(this.big.buffer);
    this.address = addressOf(this.big);
  }

  /** A word that is a number of bytes, of keys, or what is counted: below 2**53, as far as anybody will get. */
  number(place: number): number {
    return (this.halves[2 * place] ?? 0) + (this.halves[2 * place + 1] ?? 0) * 2 ** 32;
  }

  /** A word that is a length, or undefined for a missing value. */
  length(place: number): number | undefined {
    return this.halves[2 * place + 1] === MISSING ? undefined : this.number(place);
  }
}

/** A batch of inputs: how many, and where their bytes and lengths are. */
export interface Packed {
  readonly count: number;
  readonly items: Memory;
  readonly lens: Memory;
  /** Bytes of all items. */
  readonly size: number;
}

/** Memory that inputs are packed into, used again by the next call; what is too much for it gets its own. */
export class Room {
  private readonly bytes: Buffer;
  private readonly lens: Uint32Array;
  private readonly bytesAt: bigint;
  private readonly lensAt: bigint;

  constructor(size: number, count: number) {
    this.bytes = Buffer.from(allocate(size));
    this.lens = new Uint32Array(allocate(count * LEN));
    [this.bytesAt, this.lensAt] = [addressOf(this.bytes), addressOf(this.lens)];
  }

  /** Keys side by side. */
  keys(keys: readonly Key[]): Packed {
    const count = keys.length;
    const text = plainText(keys);
    const own = count <= this.lens.length;
    const lens = own ? this.lens : new Uint32Array(allocate(count * LEN));
    // Of ASCII alone there are as many bytes as units; room for one character more, so that none was cut off.
    if (text !== undefined) {
      const fits = text.length + LEN <= this.bytes.length;
      const bytes = fits ? this.bytes : Buffer.from(allocate(text.length + LEN));
      if (bytes.write(text, 0) === text.length) {
        for (let index = 0; index < count; index++) {
          lens[index] = (keys[index] as string).length;
        }
        return this.packed(count, bytes, lens, text.length);
      }
    }
    let size = 0;
    for (let index = 0; index < count; index++) {
      const key = keys[index] as Key;
      size += lens[index] = typeof key === 'string' ? Buffer.byteLength(key) : byteLengthOf(key);
    }
    const bytes = size <= this.bytes.length ? this.bytes : Buffer.from(allocate(size));
    for (let index = 0, at = 0; index < count; at += lens[index++] ?? 0) {
      const key = keys[index] as Key;
      if (typeof key === 'string') {
        writeText(key, bytes, at);
      } else {
        bytes.set(key, at);
      }
    }
    return this.packed(count, bytes, lens, size);
  }

  /** Values side by side; `lend`: large ones where they lie, for a call that is done at once. */
  values(values: readonly Uint8Array[], lend = false): Packed {
    const count = values.length;
    const lens = count <= this.lens.length ? this.lens : new Uint32Array(allocate(count * LEN));
    let size = 0;
    for (let index = 0; index < count; index++) {
      size += lens[index] = byteLengthOf(values[index] as Uint8Array);
    }
    if (lend && size > this.bytes.length && size >= count * LARGE) {
      const slices = values.flatMap((value) => [addressOf(value), BigInt(byteLengthOf(value))]);
      return { count, items: BigUint64Array.from(slices), lens: null, size };
    }
    const bytes = size <= this.bytes.length ? this.bytes : Buffer.from(allocate(size));
    for (let index = 0, at = 0; index < count; at += lens[index++] ?? 0) {
      bytes.set(values[index] as Uint8Array, at);
    }
    return this.packed(count, bytes, lens, size);
  }

  private packed(count: number, bytes: Buffer, lens: Uint32Array, size: number): Packed {
    return {
      count,
      items: bytes === this.bytes ? this.bytesAt : bytes,
      lens: lens === this.lens ? this.lensAt : lens,
      size,
    };
  }
}

/** All keys as one string, where all are strings. */
function plainText(keys: readonly Key[]): string | undefined {
  for (const key of keys) {
    if (typeof key !== 'string') {
      return undefined;
    }
  }
  try {
    return keys.join('');
  } catch {
    return undefined; // longer than a string can be
  }
}

/** Where one call writes the answers of an mget side by side, as far as there is room. */
export class Area {
  readonly bytes: Value;
  readonly lens: Words;
  readonly address: bigint;
  private readonly words = new Words(Object.keys(STRUCTS.bytestore_area).length);

  constructor(
    private readonly count: number,
    size: number,
  ) {
    this.bytes = uninitialized(size);
    this.lens = new Words(count);
    this.address = this.words.address;
    this.words.big.set([addressOf(this.bytes), BigInt(size), this.lens.address]);
  }

  /** How many bytes all answers together have. */
  get found(): number {
    return this.words.number(FOUND);
  }

  /** The answers: views of this memory, or of less where most of it would be kept for nothing. */
  answers(): (Value | undefined)[] {
    const { bytes, found } = this;
    return split(found < bytes.length / 2 ? bytes.slice(0, found) : bytes, this.lens, this.count);
  }
}

/** Answers that lie side by side, as views of one array that is theirs. */
export function split(bytes: Value, lens: Words, count: number): (Value | undefined)[] {
  const answers = new Array<Value | undefined>(count);
  const { buffer } = bytes;
  for (let index = 0, at = 0; index < count; index++) {
    const length = lens.length(index);
    answers[index] = length === undefined ? undefined : new Uint8Array(buffer, at, length);
    at += length ?? 0;
  }
  return answers;
}

/** Memory of this side's. */
export function allocate(size: number): ArrayBuffer {
  return allocated(size, () => new ArrayBuffer(size));
}

/** The same, for who writes to all that is read: large memory need not be made zero first. */
function uninitialized(size: number): Value {
  const { buffer } = allocated(size, () => Buffer.allocUnsafeSlow(size));
  return new Uint8Array(buffer);
}

function allocated<Memory>(size: number, allocate: () => Memory): Memory {
  try {
    return allocate();
  } catch {
    throw new ByteStoreError('out_of_memory', `there are no ${size} bytes for the batch: make it smaller`);
  }
}
