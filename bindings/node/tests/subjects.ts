// What a conformance case is run against: a store's methods at once, its promises, and its promises with strings for keys.

import { ByteStore, type Key } from 'bytestore';

import { decodeKey, encodeKey } from '../dist/keys.js';
import { SERVER } from './cases.js';

export type Compute = (keys: Uint8Array[]) => Uint8Array[];
export type Ttl = number | null | undefined;
type Found = (Uint8Array | undefined)[];
type Keys = AsyncGenerator<Uint8Array, void, undefined>;

/** The promises of a store, with keys as a subclass has them. */
export class Promises {
  constructor(
    readonly store: ByteStore,
    /** How another thread finds it. */
    readonly url: string,
    readonly prefix: Uint8Array = new Uint8Array(),
  ) {}

  protected key(bytes: Uint8Array): Key {
    return bytes;
  }

  protected keys(all: Uint8Array[]): Key[] {
    return all.map((key) => this.key(key));
  }

  async mset(keys: Uint8Array[], values: Uint8Array[], ttl: Ttl): Promise<void> {
    await this.store.mset(keys.map((key, index) => [this.key(key), values[index] as Uint8Array]), ends(ttl)); // prettier-ignore
  }
  async mget(keys: Uint8Array[]): Promise<Found> {
    return await this.store.mget(this.keys(keys));
  }
  async mdelete(keys: Uint8Array[]): Promise<number> {
    return await this.store.mdelete(this.keys(keys));
  }
  async length(): Promise<number> {
    return await this.store.count();
  }
  scan(prefix: Uint8Array): Keys {
    return this.store.yieldKeys(this.key(prefix), { as: 'bytes' });
  }
  async count(prefix: Uint8Array): Promise<number> {
    return await this.store.count(this.key(prefix));
  }
  async deletePrefix(prefix: Uint8Array): Promise<number> {
    return await this.store.deletePrefix(this.key(prefix));
  }
  async page(prefix: Uint8Array, position: bigint, limit: number): Promise<[Uint8Array[], bigint]> {
    const page = await this.store.pageKeys({ prefix: this.key(prefix), position, limit, as: 'bytes' });
    return [page.keys, page.position];
  }
  namespace(prefix: Uint8Array): Promises {
    const kind = this.constructor as typeof Promises;
    return new kind(this.store.namespace(this.key(prefix)), this.url, Buffer.concat([this.prefix, prefix]));
  }
  async compute(keys: Uint8Array[], compute: Compute, ttl: Ttl): Promise<Uint8Array[]> {
    return await this.store.mgetOrCompute(
      this.keys(keys),
      async (missing) => Promise.resolve(compute(missing.map(encodeKey))),
      ends(ttl),
    );
  }
  async save(path: string): Promise<void> {
    await this.store.save(path);
  }
  async saveBytes(): Promise<Uint8Array> {
    return await this.store.saveBytes();
  }
  async load(path: string): Promise<void> {
    await this.store.load(path);
  }
  async loadBytes(snapshot: Uint8Array): Promise<void> {
    await this.store.loadBytes(snapshot);
  }
}

/** The same with strings; a key that is no string's encoding is a TypeError. */
export class Strings extends Promises {
  protected override key(bytes: Uint8Array): Key {
    return decodeKey(bytes);
  }
  override async *scan(prefix: Uint8Array): Keys {
    for await (const key of this.store.yieldKeys(decodeKey(prefix))) {
      yield encodeKey(key);
    }
  }
  override async page(prefix: Uint8Array, position: bigint, limit: number): Promise<[Uint8Array[], bigint]> {
    const page = await this.store.pageKeys({ prefix: decodeKey(prefix), position, limit });
    return [page.keys.map(encodeKey), page.position];
  }
}

/** The methods that are done at once. */
export class AtOnce extends Promises {
  override async mset(keys: Uint8Array[], values: Uint8Array[], ttl: Ttl): Promise<void> {
    this.store.msetSync(new Map(keys.map((key, index) => [key, values[index] as Uint8Array])), ends(ttl));
  }
  override async mget(keys: Uint8Array[]): Promise<Found> {
    return this.store.mgetSync(keys);
  }
  override async mdelete(keys: Uint8Array[]): Promise<number> {
    return this.store.mdeleteSync(keys);
  }
  override async length(): Promise<number> {
    return this.store.size;
  }
  override async *scan(prefix: Uint8Array): Keys {
    yield* this.store.keys(prefix, { as: 'bytes' });
  }
  override async count(prefix: Uint8Array): Promise<number> {
    return this.store.countSync(prefix);
  }
  override async deletePrefix(prefix: Uint8Array): Promise<number> {
    return this.store.deletePrefixSync(prefix);
  }
  override async page(prefix: Uint8Array, position: bigint, limit: number): Promise<[Uint8Array[], bigint]> {
    const page = this.store.pageKeysSync({ prefix, position, limit, as: 'bytes' });
    return [page.keys, page.position];
  }
  override async save(path: string): Promise<void> {
    this.store.saveSync(path);
  }
  override async saveBytes(): Promise<Uint8Array> {
    return this.store.saveBytesSync();
  }
  override async load(path: string): Promise<void> {
    this.store.loadSync(path);
  }
  override async loadBytes(snapshot: Uint8Array): Promise<void> {
    this.store.loadBytesSync(snapshot);
  }
}

export const SUBJECTS: readonly (typeof Promises)[] = [Promises, Strings, AtOnce];

let opened = 0;

/**
 * A fresh store without options, by a name that nobody else has, so that other threads find it. On a server it has a
 * part of the keys that no other process has, from which goes what the case before left: every scan would walk it.
 */
export function fresh(kind: typeof Promises): Promises {
  const name = `case-${process.pid}`;
  const url =
    SERVER === undefined
      ? `memory:${name}-${opened++}`
      : `${SERVER}${SERVER.includes('?') ? '&' : '?'}namespace=${name}/`;
  const store = new ByteStore(url);
  if (SERVER !== undefined) {
    store.deletePrefixSync('');
  }
  return new kind(store, url);
}

function ends(ttl: Ttl): { ttl?: number } {
  return ttl === undefined ? {} : { ttl: ttl ?? Infinity };
}
