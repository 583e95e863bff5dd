// The stores that are measured, each used as its documentation says. Knows no case and no clock.
//
// All but bytestore keep the caller's own arrays and hand them out again: nothing is copied, and nothing is bounded but
// by lru-cache.

import { readFileSync } from 'node:fs';

import { InMemoryStore } from '@langchain/core/stores';
import { ByteStore, version } from 'bytestore';
import Keyv from 'keyv';
import { LRUCache } from 'lru-cache';

/** The version of an installed package. */
function versionOf(name) {
  const path = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')).version;
}

export const BYTESTORE = 'bytestore';

/** Each makes a store: its `mset`, `mget`, whether they give promises, and what ends it. */
export const STORES = {
  [BYTESTORE]: () => {
    const store = new ByteStore();
    return {
      version,
      store,
      mset: (pairs) => store.mset(pairs),
      mget: (keys) => store.mget(keys),
      close: () => store.close(),
    };
  },
  InMemoryStore: () => {
    const store = new InMemoryStore();
    return {
      version: versionOf('@langchain/core'),
      mset: (pairs) => store.mset(pairs),
      mget: (keys) => store.mget(keys),
      close: () => {},
    };
  },
  Map: () => {
    const map = new Map();
    return {
      version: process.version,
      mset: (pairs) => pairs.forEach(([key, value]) => map.set(key, value)),
      mget: (keys) => keys.map((key) => map.get(key)),
      close: () => map.clear(),
    };
  },
  'lru-cache': (entries) => {
    const cache = new LRUCache({ max: 2 * entries });
    return {
      version: versionOf('lru-cache'),
      mset: (pairs) => pairs.forEach(([key, value]) => cache.set(key, value)),
      mget: (keys) => keys.map((key) => cache.get(key)),
      close: () => cache.clear(),
    };
  },
  keyv: () => {
    // Without its default form, JSON: arrays of bytes stay what they are.
    const keyv = new Keyv({ serialize: undefined, deserialize: undefined });
    keyv.serialize = undefined;
    keyv.deserialize = undefined;
    return {
      version: versionOf('keyv'),
      mset: (pairs) => keyv.setMany(pairs.map(([key, value]) => ({ key, value }))),
      mget: (keys) => keyv.getMany(keys),
      close: () => keyv.clear(),
    };
  },
};

/** What is measured beside bytestore. */
export const PEERS = Object.keys(STORES).filter((name) => name !== BYTESTORE);
