// Which cases are measured beside which stores: one axis at a time around the base case. Knows no clock.

import { PEERS } from './stores.js';

const MILLION = 1_000_000;
const FAST = ['InMemoryStore', 'Map', 'lru-cache'];
const BASE = [{ op: 'mget_hit', batch: 64 }, { op: 'mset', batch: 64 }]; // prettier-ignore
const BATCHES = [1, 1024].flatMap((batch) => [{ op: 'mget_hit', batch }, { op: 'mset', batch }]); // prettier-ignore

/** What stores hold, and what is done to them; small ones first. */
export function shapes(quick) {
  if (quick) {
    return [
      { entries: 1000, value: 1024, cases: BASE, peers: PEERS },
      { entries: 10_000, value: 6144, cases: [...BASE, ...BATCHES], peers: ['Map'] },
    ];
  }
  return [
    { entries: 1000, value: 1024, cases: BASE, peers: FAST },
    { entries: 100_000, value: 1024, cases: [...BASE, ...BATCHES], peers: PEERS },
    { entries: 20_000, value: 6144, cases: [...BASE, ...BATCHES], peers: PEERS },
    { entries: MILLION, value: 100, cases: [...BASE, ...BATCHES], peers: FAST },
  ];
}

export const ALONE = { stores: ['bytestore', 'InMemoryStore', 'Map'], entries: MILLION, value: 100 };
