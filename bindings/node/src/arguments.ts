// What callers hand over, whatever it is: read once, measured, shown in messages. Knows no key and no store.

import { inspect } from 'node:util';

/** What a caller hands over for a batch, as a list of our own: nobody else's code runs from here on. */
export function toList(items: unknown, method: string, of: string): unknown[] {
  if (typeof items === 'string' || ArrayBuffer.isView(items)) {
    throw new TypeError(`${method} takes an iterable of ${of}, not a single ${shown(items)}: put it into an array`);
  }
  if (typeof (items as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !== 'function') {
    const later = typeof (items as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function'; // prettier-ignore
    const hint = later ? ': collect it first' : of === 'keys' ? '' : ': pass Object.entries() of an object';
    throw new TypeError(`${method} takes an iterable of ${of}, not ${shown(items)}${hint}`);
  }
  return Array.from(items as Iterable<unknown>);
}

// The length itself, whatever a subclass says of it.
const byteLength = Reflect.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype) as object, 'byteLength')?.get as (this: Uint8Array) => number; // prettier-ignore

/** How many bytes an array has. */
export const byteLengthOf = (bytes: Uint8Array): number => byteLength.call(bytes);

/** How many bytes some arrays have together. */
export const weightOf = (values: readonly Uint8Array[]): number =>
  values.reduce((sum, value) => sum + value.byteLength, 0);

/** The same; TypeError when its memory was given away, which would look empty. */
export function lengthOf(bytes: Uint8Array, what: string): number {
  const length = byteLengthOf(bytes);
  if (length === 0 && isDetached(bytes.buffer)) {
    throw new TypeError(`${what} is detached: its memory was transferred to somebody else`);
  }
  return length;
}

function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength !== 0) {
    return false;
  }
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** Anything, in a few words. */
export function shown(item: unknown): string {
  const text = inspect(item, { depth: 0, maxArrayLength: 4, maxStringLength: 40, breakLength: Infinity });
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
