// How a store is made and how long entries live, as JavaScript says it and as URLs and the C ABI do. Knows no store.

import { NO_TTL } from './abi.js';
import { shown } from './arguments.js';
import { ByteStoreError } from './errors.js';

/** How a store is made. All are off by default. */
export interface Options {
  /**
   * The backend, and options as in other languages: `"memory:?max_bytes=512MiB&ttl=1h"`. The other options here are
   * written into it; none may be in both. `"snapshot:PATH"`: a new store with the options and entries of a file that was
   * saved. A Valkey or Redis server: `"redis://USER:PASSWORD@HOST:PORT/DATABASE"`, `"rediss://…"` through TLS,
   * `"redis+unix:///PATH"`, `"redis+cluster://HOST:PORT,HOST:PORT"`; nothing is sent before the first call.
   */
  url?: string | undefined;
  /** All stores of one name in this process, opened in any thread or language, are one store. 1 to 255 of A-Z a-z 0-9 . _ - */
  name?: string | undefined;
  /** What all entries may take: keys, values, and beside them 40 bytes and more an entry. A full store lets those go that it will probably miss least. */
  maxBytes?: number | undefined;
  /** How many entries there may be. */
  maxEntries?: number | undefined;
  /** What one key and its value may have together. */
  maxItemBytes?: number | undefined;
  /** How long an entry lives when it is set without saying: milliseconds, rounded up; Infinity: for ever. */
  ttl?: number | undefined;
  /** Time stands still but for `advanceClock()`: for tests. */
  manualClock?: boolean | undefined;
  /** Keys and values are overwritten with zeroes where the store had them, as soon as they are gone. What JavaScript was given is not. */
  erase?: boolean | undefined;
}

/** The names of the options in a URL. */
const NAMES = {
  maxBytes: 'max_bytes',
  maxEntries: 'max_entries',
  maxItemBytes: 'max_item_bytes',
  ttl: 'ttl',
  manualClock: 'clock',
  erase: 'erase',
} as const;

/** The URL with these options in it; what stands there already is left for the library to judge. */
export function toUrl(options: unknown): string {
  if (typeof options === 'string') {
    return options;
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`a store takes a url or an object of options, not ${shown(options)}`);
  }
  const unknown = Object.keys(options).find((key) => key !== 'url' && key !== 'name' && !(key in NAMES));
  if (unknown !== undefined) {
    throw new TypeError(`there is no option ${unknown}: there are url, name, ${Object.keys(NAMES).join(', ')}`);
  }
  const { url = 'memory:', name, ...others } = options as Options;
  if (typeof url !== 'string') {
    throw new TypeError(`url is a string, not ${shown(url)}`);
  }
  const said = query(others);
  if (url.startsWith('snapshot:') && (said.length > 0 || name !== undefined)) {
    throw new ByteStoreError(
      'invalid_argument',
      `the store of ${JSON.stringify(url)} has the options that were saved: give none beside it`,
    );
  }
  const [place, there = ''] = cut(url, '?');
  const twice = said.find(([option]) => there.split('&').some((each) => cut(each, '=')[0] === option));
  if (twice !== undefined) {
    throw repeated(twice[0], url);
  }
  const whole = [...(there === '' ? [] : [there]), ...said.flatMap(([option, value]) => (value === undefined ? [] : [`${option}=${value}`]))]; // prettier-ignore
  const named = name === undefined ? place : withName(place, name, url);
  return whole.length === 0 && there === '' && !url.includes('?') ? named : `${named}?${whole.join('&')}`;
}

/** The options that are given; undefined where none is what is meant. */
function query(options: Omit<Options, 'url' | 'name'>): [string, string | undefined][] {
  const said: [string, string | undefined][] = [];
  for (const bound of ['maxBytes', 'maxEntries', 'maxItemBytes'] as const) {
    const value = options[bound];
    if (value !== undefined) {
      said.push([NAMES[bound], String(natural(value, bound))]);
    }
  }
  if (options.ttl !== undefined) {
    const end = milliseconds(options.ttl, 'ttl');
    said.push([NAMES.ttl, end === NO_TTL ? undefined : `${end}ms`]);
  }
  for (const [flag, value] of [
    ['manualClock', 'manual'],
    ['erase', 'true'],
  ] as const) {
    // prettier-ignore
    const on: unknown = options[flag];
    if (on !== undefined && typeof on !== 'boolean') {
      throw new TypeError(`${flag} is true or false, not ${shown(on)}`);
    }
    if (on === true) {
      said.push([NAMES[flag], value]);
    }
  }
  return said;
}

function withName(place: string, name: unknown, url: string): string {
  if (typeof name !== 'string') {
    throw new TypeError(`name is a string, not ${shown(name)}`);
  }
  if (!/^[A-Za-z0-9._-]{1,255}$/.test(name) || name.endsWith('\n')) {
    throw new ByteStoreError('invalid_argument', `name is ${shown(name)}: it has 1 to 255 of A-Z a-z 0-9 . _ -`);
  }
  if (place.includes('://')) {
    throw new ByteStoreError(
      'invalid_argument',
      `name is for stores in memory: ${JSON.stringify(withoutPassword(url))} has a namespace instead`,
    );
  }
  if (!place.endsWith(':')) {
    throw repeated('name', url);
  }
  return place + name;
}

function repeated(option: string, url: string): ByteStoreError {
  return new ByteStoreError(
    'invalid_argument',
    `${option} is an option, and stands in the url ${JSON.stringify(withoutPassword(url))} too: give it once`,
  );
}

/** The text before the first `mark`, and what comes after it. */
function cut(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** The URL of a server, or the part of one that is at fault, as it may be shown. */
export function withoutPassword(url: string): string {
  if (/^(memory|snapshot):/.test(url)) {
    return url;
  }
  // What stands between the user and the last "@", and a socket's option.
  return url.replace(/((?:^|:\/\/)[^:@/?&=]*:)(?!\/\/).*(?=@)|((?:^|[?&])pass=)[^&]*/gs, '$1$2…');
}

/** A time to live as the library takes it, rounded up; `NO_TTL` for those that never end. */
export function milliseconds(duration: unknown, what: string, least = 1): bigint {
  if (typeof duration !== 'number') {
    throw new TypeError(`${what} is a number of milliseconds, not ${shown(duration)}`);
  }
  if (!(duration >= 0) || (least > 0 && duration === 0)) {
    const hint = least === 0 ? 'not be negative' : 'be above 0; Infinity is for ever, mdelete ends an entry now';
    throw new ByteStoreError('invalid_argument', `${what} is ${duration}: it must ${hint}`);
  }
  return duration >= Number(NO_TTL) ? NO_TTL : BigInt(Math.ceil(duration));
}

/** A number of entries or bytes, or a place among them. */
export function natural(value: unknown, name: string, least = 1): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new TypeError(`${name} is a whole number, not ${shown(value)}`);
  }
  if (value < least || value > Number.MAX_SAFE_INTEGER) {
    throw new ByteStoreError('invalid_argument', `${name} is ${value}: it must be at least ${least} and below 2**53`);
  }
  return value;
}

/** How much a snapshot is compressed: 0 for not at all, or one of Zstandard's levels. */
export function compression(level: unknown): number {
  if (natural(level, 'level', 0) > 22) {
    throw new ByteStoreError('invalid_argument', `level is ${shown(level)}: it is 0, for no compression, or 1 to 22`);
  }
  return level as number;
}

/** Where a page begins, as `pageKeys` gave it. */
export function toPosition(position: unknown): bigint {
  if (typeof position === 'bigint' && position >= 0n && position < 2n ** 64n) {
    return position;
  }
  if (typeof position === 'bigint') {
    throw new ByteStoreError('invalid_argument', `position is ${position}: it must be at least 0 and below 2**64`);
  }
  return BigInt(natural(position, 'position', 0));
}
