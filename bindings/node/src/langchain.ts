// LangChain.js' store over a ByteStore, in place of its InMemoryStore. Knows no more of LangChain than BaseStore.

/**
 * The same for LangChain.js, in place of its `InMemoryStore`. It needs `@langchain/core`.
 *
 * @module bytestore/langchain
 */

import { BaseStore } from '@langchain/core/stores';

import type { Options } from './options.js';
import { ByteStore } from './store.js';
import type { Value } from './values.js';

/**
 * A `BaseStore<string, Uint8Array>` of LangChain.js. It takes the options of a `ByteStore`, or one that is there
 * already, which it shares.
 */
export class BytestoreStore extends BaseStore<string, Uint8Array> {
  /** @ignore */
  lc_namespace = ['bytestore', 'stores'];
  /** The store itself, for all that LangChain has no method for. */
  readonly store: ByteStore;

  /** Over a new store with these options, or over one that is there. */
  constructor(options: Options | string | ByteStore = {}) {
    super();
    this.store = options instanceof ByteStore ? options : new ByteStore(options);
  }

  /** The value of every key, in order; undefined for a missing one. */
  async mget(keys: string[]): Promise<(Value | undefined)[]> {
    return await this.store.mget(keys);
  }

  /** Sets every [key, value], in one atomic step. */
  async mset(keyValuePairs: [string, Uint8Array][]): Promise<void> {
    await this.store.mset(keyValuePairs);
  }

  /** Deletes the keys that are there. */
  async mdelete(keys: string[]): Promise<void> {
    await this.store.mdelete(keys);
  }

  /** The keys that begin with `prefix`, in insertion order. */
  async *yieldKeys(prefix?: string): AsyncGenerator<string> {
    yield* this.store.yieldKeys(prefix);
  }
}
