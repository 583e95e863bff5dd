// Keys as JavaScript has them and as the store does: strings are UTF-8 there, lone surrogates included. Knows no store.

import { isAscii, isUtf8 } from 'node:buffer';
import { types } from 'node:util';

import { MAX_ITEM_LEN } from './abi.js';
import { lengthOf, shown, toList } from './arguments.js';
import { ByteStoreError } from './errors.js';

/** A key: a string stands for its UTF-8. */
export type Key = string | Uint8Array;

/** The bytes of a key, nobody else's; a lone surrogate has three, as any other unit above U+07FF, so that every string comes back. */
export function encodeKey(key: Key): Uint8Array {
  if (typeof key !== 'string') {
    return Buffer.from(key);
  }
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(key));
  writeText(key, bytes, 0);
  return bytes;
}

/** Writes a string at a place of `into`, where there is room for it. */
export function writeText(text: string, into: Buffer, at: number): void {
  if (text.isWellFormed()) {
    into.write(text, at);
    return;
  }
  let place = at;
  for (const character of text) {
    if (character.isWellFormed()) {
      place += into.write(character, place);
    } else {
      const unit = character.charCodeAt(0);
      into[place++] = 0xe0 | (unit >> 12);
      into[place++] = 0x80 | ((unit >> 6) & 0x3f);
      into[place++] = 0x80 | (unit & 0x3f);
    }
  }
}

/** The string that `encodeKey` was given; TypeError for bytes that are no string's. */
export function decodeKey(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) {
    return buffer.toString('latin1');
  }
  return isUtf8(buffer) ? buffer.toString() : decodeSurrogates(buffer);
}

function decodeSurrogates(bytes: Buffer): string {
  // Beside lone surrogates, ED A0 80 to ED BF BF, all is UTF-8. `latin1` has one character for each byte.
  const parts = bytes.toString('latin1').split(/(\xed[\xa0-\xbf][\x80-\xbf])/);
  const text = parts
    .map((part, index) => {
      const some = Buffer.from(part, 'latin1');
      if (index % 2 === 1) {
        return String.fromCharCode(0xd000 | ((part.charCodeAt(1) & 0x3f) << 6) | (part.charCodeAt(2) & 0x3f));
      }
      return isUtf8(some) ? some.toString() : undefined;
    })
    .reduce((whole, part) => (whole === undefined || part === undefined ? undefined : whole + part), '');
  // Two that would be a pair are no string's encoding: it has four bytes.
  if (text === undefined || !Buffer.from(encodeKey(text)).equals(bytes)) {
    throw new TypeError(`the key ${shown(bytes)} is not UTF-8: ask for bytes, with { as: 'bytes' }`);
  }
  return text;
}

/** One key, or the beginning of keys, checked. */
export function toKey(key: unknown, what: string): Key {
  if (typeof key === 'string') {
    return key;
  }
  if (!types.isUint8Array(key)) {
    throw new TypeError(`${what} is ${shown(key)}, but keys are strings or Uint8Array: make one of it`);
  }
  if (lengthOf(key, what) > MAX_ITEM_LEN) {
    throw new ByteStoreError('invalid_argument', `${what} is longer than 2**32 - 1 bytes`);
  }
  return key;
}

/** The keys of a batch, each read once. */
export function toKeys(keys: unknown, method: string): Key[] {
  const list = toList(keys, method, 'keys');
  for (let index = 0; index < list.length; index++) {
    if (typeof list[index] !== 'string') {
      toKey(list[index], `${method}: key ${index} of the batch`);
    }
  }
  return list as Key[];
}
