// What a store counts and what it can promise, as plain objects. Knows no store.

import * as abi from './abi.js';

/** What happened in a store since it was opened, and what is in it now. */
export interface Stats {
  /** Keys that were looked up and found. */
  readonly hits: number;
  /** Keys that were looked up and not found. */
  readonly misses: number;
  /** The part of the keys looked up that was found, from 0 to 1; 0 before the first. */
  readonly hitRatio: number;
  /** Pairs that were set. */
  readonly sets: number;
  /** Entries that callers deleted. */
  readonly deletes: number;
  /** Entries that went because the store was over `maxBytes`. */
  readonly evictionsByBytes: number;
  /** Entries that went because the store was over `maxEntries`. */
  readonly evictionsByEntries: number;
  /** Entries whose time to live was over, as far as their memory was taken back. */
  readonly expirations: number;
  /** Entries that are there; those whose time is over until their memory is taken back, so that `size` may be less. */
  readonly entries: number;
  /** Bytes of their keys. */
  readonly keyBytes: number;
  /** Bytes of their values. */
  readonly valueBytes: number;
  /** Bytes that they take beside. `maxBytes` is compared with the sum of the three. */
  readonly overheadBytes: number;
  /** The store's bound; undefined without one. */
  readonly maxBytes: number | undefined;
  /** The store's bound; undefined without one. */
  readonly maxEntries: number | undefined;
}

/** The library's numbers; it has 0 for no bound. */
export function statsOf(counters: Record<keyof typeof abi.STRUCTS.bytestore_counters, number>): Stats {
  const { hits, misses } = counters;
  return Object.freeze({
    hits,
    misses,
    hitRatio: hits === 0 ? 0 : hits / (hits + misses),
    sets: counters.sets,
    deletes: counters.deletes,
    evictionsByBytes: counters.evictions_by_bytes,
    evictionsByEntries: counters.evictions_by_entries,
    expirations: counters.expirations,
    entries: counters.entries,
    keyBytes: counters.key_bytes,
    valueBytes: counters.value_bytes,
    overheadBytes: counters.overhead_bytes,
    maxBytes: counters.max_bytes || undefined,
    maxEntries: counters.max_entries || undefined,
  });
}

/** What a store can promise beside the four operations: all of it in memory, less on a server. */
export interface Capabilities {
  /** Keys come in the order in which they were inserted; otherwise in any order, each once. */
  readonly insertionOrder: boolean;
  /** Others see all of a batch or nothing, and a batch that failed has changed nothing. */
  readonly atomicBatches: boolean;
  /** Counting, deleting and reading by prefix is one step, in time that grows with what is found. */
  readonly prefixSteps: boolean;
  /** `pageKeys` can be asked. */
  readonly positions: boolean;
  /** The store can be saved and loaded. */
  readonly snapshots: boolean;
  /** `stats()` knows how many entries and bytes there are; otherwise those numbers are 0. */
  readonly sizes: boolean;
}

/** The library's bits; those of a later one are not known here. */
export function capabilitiesOf(bits: number): Capabilities {
  return Object.freeze({
    insertionOrder: (bits & abi.CAN_KEEP_ORDER) !== 0,
    atomicBatches: (bits & abi.CAN_BATCH_ATOMICALLY) !== 0,
    prefixSteps: (bits & abi.CAN_FIND_PREFIXES) !== 0,
    positions: (bits & abi.CAN_SEEK) !== 0,
    snapshots: (bits & abi.CAN_SAVE) !== 0,
    sizes: (bits & abi.CAN_MEASURE) !== 0,
  });
}
