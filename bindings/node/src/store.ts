// ByteStore, the class people use: promises, and the same at once with names in Sync. Knows no C.

import { inspect } from 'node:util';

import { shown, weightOf } from './arguments.js';
import { mgetOrCompute } from './compute.js';
import { ByteStoreError } from './errors.js';
import { Handle } from './handle.js';
import { decodeKey, toKey, toKeys, type Key } from './keys.js';
import { milliseconds, natural, toPosition, toUrl, type Options } from './options.js';
import { Paging } from './paging.js';
import { Snapshots } from './snapshots.js';
import { capabilitiesOf, statsOf, type Capabilities, type Stats } from './stats.js';
import { toPairs, type Pair, type Value } from './values.js';

/** How entries are set. */
export interface SetOptions {
  /** How long they live: milliseconds, rounded up; Infinity: for ever; absent: as the store's own `ttl` says. */
  ttl?: number | undefined;
}

/** As what keys are given: strings, a TypeError for one that is no UTF-8, or bytes. */
export interface KeyOptions<As extends 'string' | 'bytes' = 'string' | 'bytes'> {
  /** `'string'`, the default, or `'bytes'`. */
  as?: As | undefined;
}

/** Which keys a page has. */
export interface PageOptions<As extends 'string' | 'bytes' = 'string' | 'bytes'> extends KeyOptions<As> {
  /** Where it begins, as the page before said; 0, the default: at the beginning. */
  position?: bigint | number | undefined;
  /** What its keys begin with. */
  prefix?: Key | undefined;
  /** How many they are at most; 1000 by default. */
  limit?: number | undefined;
}

/** Some keys, and the position of what comes after them: a number below 2**64 that is good as long as the store is. */
export interface Page<K extends Key> {
  /** The keys, in insertion order. */
  readonly keys: K[];
  /** Where the next page begins. */
  readonly position: bigint;
}

/**
 * A key-value store of bytes, in this process's memory or on a server, shaped as LangChain's stores are.
 *
 * Keys are strings, or Uint8Array; they come in insertion order. Values are copied in and out: those of one `mget` lie
 * side by side in one ArrayBuffer that is the caller's, and `value.slice()` gives one of its own. Every batch is one
 * atomic step: it is checked as a whole, then done as a whole. Any number of workers may use a store by its name.
 *
 * Methods that give promises do small batches at once, and have large ones, and all that asks a server, done by another
 * thread. Their `…Sync` forms keep the event loop waiting.
 *
 * A store that nobody has closed is freed some time after the last reference to it is gone; that is a safety net, as
 * what it holds is no memory that JavaScript's collector counts. `using store = new ByteStore()` closes it in time.
 *
 * Failures are a ByteStoreError with a `code`; what can never be right, a key that is a number say, is a TypeError.
 */
export class ByteStore extends Snapshots {
  /** @internal */
  protected readonly handle: Handle;

  /** Opens a store, as a URL or options say; without, it grows as it must, and entries stay until they are deleted. */
  constructor(options: Options | string = {}) {
    super();
    this.handle = Handle.open(toUrl(options));
  }

  /** As the constructor; the file of a "snapshot:" URL is read on another thread. */
  static async open(options: Options | string = {}): Promise<ByteStore> {
    return ByteStore.of(await Handle.openInThread(toUrl(options)));
  }

  private static of(handle: Handle): ByteStore {
    return Object.assign(Object.create(ByteStore.prototype) as ByteStore, { handle });
  }

  // The operations.

  /** The value of every key, in order; undefined for a missing one. */
  async mget(keys: Iterable<Key>): Promise<(Value | undefined)[]> {
    const list = toKeys(keys, 'mget');
    return this.handle.isSlow(list.length) ? await this.handle.mgetInThread(list) : this.handle.mget(list);
  }

  /** As `mget`, at once. */
  mgetSync(keys: Iterable<Key>): (Value | undefined)[] {
    return this.handle.mget(toKeys(keys, 'mget'));
  }

  /** The value of one key, in an ArrayBuffer of its own; undefined for a missing one. */
  async get(key: Key): Promise<Value | undefined> {
    const [value] = await this.mget([key]);
    return value;
  }

  /** As `get`, at once. */
  getSync(key: Key): Value | undefined {
    return this.handle.mget([toKey(key, 'the key')])[0];
  }

  /** Sets every [key, value], a Map's say; of a key that comes twice, the last value stays. */
  async mset(pairs: Iterable<Pair>, options: SetOptions = {}): Promise<void> {
    const { keys, values } = toPairs(pairs, 'mset');
    const ttl = toTtl(options);
    if (this.handle.isSlow(keys.length, weightOf(values))) {
      await this.handle.msetInThread(keys, values, ttl);
    } else {
      this.handle.mset(keys, values, ttl);
    }
  }

  /** As `mset`, at once. */
  msetSync(pairs: Iterable<Pair>, options: SetOptions = {}): void {
    const { keys, values } = toPairs(pairs, 'mset');
    this.handle.mset(keys, values, toTtl(options));
  }

  /** Deletes the keys that are there. Gives how many those were. */
  async mdelete(keys: Iterable<Key>): Promise<number> {
    const list = toKeys(keys, 'mdelete');
    return this.handle.isSlow(list.length, 0) ? await this.handle.mdeleteInThread(list) : this.handle.mdelete(list);
  }

  /** As `mdelete`, at once. */
  mdeleteSync(keys: Iterable<Key>): number {
    return this.handle.mdelete(toKeys(keys, 'mdelete'));
  }

  /**
   * The keys that begin with `prefix`, in insertion order. Sees the keys as of its first step, whoever writes
   * meanwhile; keys deleted meanwhile may be left out.
   */
  yieldKeys(prefix?: Key, options?: KeyOptions<'string'>): AsyncGenerator<string, void, undefined>;
  yieldKeys(prefix: Key | undefined, options: KeyOptions<'bytes'>): AsyncGenerator<Value, void, undefined>;
  async *yieldKeys(prefix: Key = '', options: KeyOptions = {}): AsyncGenerator<Key, void, undefined> {
    const [beginning, decode] = [toKey(prefix, 'the prefix'), toDecoder(options)];
    const cursor = this.handle.cursor(beginning);
    try {
      const slow = this.handle.isSlowToWalk(beginning);
      for (;;) {
        const page = slow ? await cursor.nextInThread() : cursor.next();
        if (page.length === 0) {
          return;
        }
        for (const key of page) {
          yield decode(key);
        }
      }
    } finally {
      cursor.close();
    }
  }

  /** As `yieldKeys`, at once. */
  keys(prefix?: Key, options?: KeyOptions<'string'>): Generator<string, void, undefined>;
  keys(prefix: Key | undefined, options: KeyOptions<'bytes'>): Generator<Value, void, undefined>;
  *keys(prefix: Key = '', options: KeyOptions = {}): Generator<Key, void, undefined> {
    const [beginning, decode] = [toKey(prefix, 'the prefix'), toDecoder(options)];
    const cursor = this.handle.cursor(beginning);
    try {
      for (let page = cursor.next(); page.length > 0; page = cursor.next()) {
        for (const key of page) {
          yield decode(key);
        }
      }
    } finally {
      cursor.close();
    }
  }

  // By the beginnings of keys.

  /** How many keys begin with `prefix`, in time by how many those are; without one, how many there are. */
  async count(prefix: Key = ''): Promise<number> {
    const beginning = toKey(prefix, 'the prefix');
    return this.handle.isSlowToWalk(beginning)
      ? await this.handle.countInThread(beginning)
      : this.handle.count(beginning);
  }

  /** As `count`, at once. */
  countSync(prefix: Key = ''): number {
    return this.handle.count(toKey(prefix, 'the prefix'));
  }

  /** How many entries there are, as a Map has it. A server is asked for all its keys: `await store.count()` there. */
  get size(): number {
    return this.handle.length();
  }

  /** Deletes all keys that begin with `prefix`, in one atomic step; `""`: all there are. Gives how many. */
  async deletePrefix(prefix: Key): Promise<number> {
    const beginning = toKey(prefix, 'the prefix');
    return this.handle.isSlowToWalk(beginning)
      ? await this.handle.deletePrefixInThread(beginning)
      : this.handle.deletePrefix(beginning);
  }

  /** As `deletePrefix`, at once. */
  deletePrefixSync(prefix: Key): number {
    return this.handle.deletePrefix(toKey(prefix, 'the prefix'));
  }

  /**
   * The next keys in insertion order, for who goes on later, as a web handler does: fewer than `limit` only where they
   * end for now. Of stores in memory; "unsupported" on a server.
   */
  pageKeys(options?: PageOptions<'string'>): Promise<Page<string>>;
  pageKeys(options: PageOptions<'bytes'>): Promise<Page<Value>>;
  async pageKeys(options: PageOptions = {}): Promise<Page<Key>> {
    const paging = this.paging(options);
    const slow = this.handle.isSlowToWalk(paging.prefix);
    try {
      while (paging.takes(slow ? await paging.cursor.nextInThread(paging.left) : paging.cursor.next(paging.left)));
      return paging.page();
    } finally {
      paging.cursor.close();
    }
  }

  /** As `pageKeys`, at once. */
  pageKeysSync(options?: PageOptions<'string'>): Page<string>;
  pageKeysSync(options: PageOptions<'bytes'>): Page<Value>;
  pageKeysSync(options: PageOptions = {}): Page<Key> {
    const paging = this.paging(options);
    try {
      while (paging.takes(paging.cursor.next(paging.left)));
      return paging.page();
    } finally {
      paging.cursor.close();
    }
  }

  private paging(options: PageOptions): Paging {
    const decode = toDecoder(options);
    const left = natural(options.limit ?? 1000, 'limit');
    const prefix = toKey(options.prefix ?? '', 'the prefix');
    const cursor = this.handle.cursor(prefix, toPosition(options.position ?? 0n));
    if (this.handle.isRemote) {
      cursor.close();
      throw new ByteStoreError('unsupported', `the store ${this.url} has no positions: it is on a server`);
    }
    return new Paging(cursor, decode, left, prefix);
  }

  /**
   * A view of the keys that begin with `prefix`, given and taken without it: a store as this one is. It has what this
   * one has: bounds, where the prefix counts as part of the key, ttl, clock and stats; `size` counts its own keys. Each
   * is closed on its own, and the memory goes with the last of them.
   */
  namespace(prefix: Key): ByteStore {
    return ByteStore.of(this.handle.namespace(toKey(prefix, 'the prefix')));
  }

  /**
   * The value of every key, in order; what is missing is computed, and set. `compute` is called once, or not at all:
   * with the missing keys, each once; it gives as many values, or a promise of them.
   *
   * Of several calls that miss a key at the same time, in this store and its namespaces, one computes it; the others
   * get the value, or the error. Nothing of an error is kept: who asks next computes again. Another opening of the same
   * name, and another worker, computes for itself.
   *
   * `compute` may use the store, this method too, for other keys. "invalid_argument" where it asks for keys that it is
   * computing itself, where computations wait for each other in a circle, and for another number of values.
   */
  async mgetOrCompute<K extends Key>(
    keys: Iterable<K>,
    compute: (keys: K[]) => Iterable<Uint8Array> | Promise<Iterable<Uint8Array>>,
    options: SetOptions = {},
  ): Promise<Value[]> {
    toTtl(options); // what is wrong is so whether a key is missing or not
    const store = {
      flights: this.handle.flights,
      prefix: this.handle.prefix,
      mget: (some: Key[]) => this.mget(some),
      mset: (pairs: Pair[]) => this.mset(pairs, options),
    };
    return await mgetOrCompute(store, toKeys(keys, 'mgetOrCompute') as K[], compute);
  }

  /** The value of one key, in the same way: `compute` gives it, or a promise of it. */
  async getOrCompute<K extends Key>(
    key: K,
    compute: (key: K) => Uint8Array | Promise<Uint8Array>,
    options: SetOptions = {},
  ): Promise<Value> {
    const [value] = await this.mgetOrCompute(
      [key],
      (keys) => Promise.all(keys.map(async (each) => await compute(each))),
      options,
    );
    return value as Value;
  }

  // The store itself.

  /** What happened in the store since it was opened, and what is in it now; costs a moment. */
  stats(): Stats {
    return statsOf(this.handle.counters());
  }

  /** What it can promise beside the four operations; no server is asked. */
  capabilities(): Capabilities {
    return capabilitiesOf(this.handle.capabilities());
  }

  /** Turns the clock of a store with `manualClock` forward, by milliseconds. */
  advanceClock(duration: number): void {
    this.handle.advance(milliseconds(duration, 'the duration', 0));
  }

  /** The URL that says all its options; without a password. */
  get url(): string {
    return this.handle.url;
  }

  /** Closes the store once running calls are through: later ones fail with "closed_handle". Closing again does nothing. */
  close(): void {
    this.handle.close();
  }

  /** Closes the store at the end of a block that has it with `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** As `console.log` shows it. */
  [inspect.custom](): string {
    return `${this.constructor.name} <${this.url}>`;
  }
}

function toTtl(options: SetOptions): bigint | undefined {
  return options.ttl === undefined ? undefined : milliseconds(options.ttl, 'ttl');
}

function toDecoder(options: KeyOptions): (key: Value) => Key {
  const as: unknown = options.as ?? 'string';
  if (as === 'bytes') {
    return (key) => key.slice(); // it may stay longer than its page
  }
  if (as !== 'string') {
    throw new TypeError(`as is "string" or "bytes", not ${shown(as)}`);
  }
  return decodeKey;
}
