// Pairs and values as callers hand them over, checked before anything is done with them. Knows no store.

import { types } from 'node:util';

import { MAX_ITEM_LEN } from './abi.js';
import { byteLengthOf, lengthOf, shown, toList } from './arguments.js';
import { ByteStoreError } from './errors.js';
import { toKey, type Key } from './keys.js';

/** What is found for a key: its value, or undefined. */
export type Value = Uint8Array<ArrayBuffer>;

/** A key and its value, as `mset` takes them. */
export type Pair = readonly [Key, Uint8Array];

/** The keys and the values of a batch. */
export function toPairs(pairs: unknown, method: string): { keys: Key[]; values: Uint8Array[] } {
  const list = toList(pairs, method, '[key, value] pairs');
  const keys = new Array<Key>(list.length);
  const values = new Array<Uint8Array>(list.length);
  for (let index = 0; index < list.length; index++) {
    const pair: unknown = list[index];
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new TypeError(`${method}: pair ${index} is ${shown(pair)}, not [key, value]`);
    }
    const [key, value] = pair as [unknown, unknown];
    keys[index] = typeof key === 'string' ? key : toKey(key, `${method}: the key of pair ${index}`);
    values[index] = toValue(value, () => `${method}: the value of key ${shown(key)} (pair ${index})`);
  }
  return { keys, values };
}

/** One value, checked; `what` names it in a message. */
export function toValue(value: unknown, what: () => string): Uint8Array {
  if (!types.isUint8Array(value)) {
    const hint =
      typeof value === 'string'
        ? ': encode it, with new TextEncoder()'
        : ArrayBuffer.isView(value)
          ? ': take its bytes, with new Uint8Array(value.buffer, value.byteOffset, value.byteLength)'
          : value === undefined
            ? ': only a missing key gives it, and mdelete removes one'
            : '';
    throw new TypeError(`${what()} is ${shown(value)}, not a Uint8Array${hint}`);
  }
  const length = byteLengthOf(value);
  if (length === 0) {
    lengthOf(value, what());
  } else if (length > MAX_ITEM_LEN) {
    throw new ByteStoreError('invalid_argument', `${what()} is longer than 2**32 - 1 bytes: split it`);
  }
  return value;
}
