// `mgetOrCompute`: a store's own methods around `flights.ts`. Knows keys and values, no library.

import { shown } from './arguments.js';
import { ByteStoreError } from './errors.js';
import { computeOnce, type Flights } from './flights.js';
import { encodeKey, type Key } from './keys.js';
import { toValue, type Pair, type Value } from './values.js';

/** What a computation needs of a store. */
export interface Computing {
  readonly flights: Flights;
  /** What the store's keys begin with where they are one table. */
  readonly prefix: Uint8Array;
  mget(keys: Key[]): Promise<(Value | undefined)[]>;
  mset(pairs: Pair[]): Promise<void>;
}

/** The values of the keys, those that are missing computed, once for all who miss them. */
export async function mgetOrCompute<K extends Key>(
  store: Computing,
  keys: K[],
  compute: (keys: K[]) => unknown,
): Promise<Value[]> {
  if (typeof compute !== 'function') {
    throw new TypeError(`mgetOrCompute takes a function that computes values, not ${shown(compute)}`);
  }
  const seen = store.flights.landed;
  const values = await store.mget(keys);
  const names = keys.map((key, index) => (values[index] === undefined ? nameOf(store.prefix, key) : undefined));
  const missing = new Map<string, K>();
  names.forEach((name, index) => {
    if (name !== undefined && !missing.has(name)) {
      missing.set(name, keys[index] as K);
    }
  });
  const computed = await computeOnce(
    store.flights,
    missing,
    seen,
    (asked) => store.mget(asked),
    async (asked) => {
      const settled = settle(asked, await compute([...asked]));
      await store.mset(settled.map((value, index) => [asked[index] as K, value]));
      return settled;
    },
  );
  // Several may get the same one: each has a copy.
  return values.map((value, index) => value ?? (computed.get(names[index] as string) as Value).slice());
}

/** What the computation gave, copied; its mistakes are named. */
function settle(keys: readonly Key[], given: unknown): Value[] {
  if (
    typeof given === 'string' ||
    ArrayBuffer.isView(given) ||
    typeof (given as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !== 'function'
  ) {
    // prettier-ignore
    throw new TypeError(`the computation gave ${shown(given)}, not a value for each key that it was given`);
  }
  const values = Array.from(given as Iterable<unknown>);
  if (values.length !== keys.length) {
    throw new ByteStoreError(
      'invalid_argument',
      `the computation gave ${values.length} values for ${keys.length} keys`,
    );
  }
  return values.map((value, index) => Uint8Array.from(toValue(value, () => `the value computed for key ${shown(keys[index])}`))); // prettier-ignore
}

/** A key as the whole store has it, one character a byte. */
function nameOf(prefix: Uint8Array, key: Key): string {
  return Buffer.concat([prefix, encodeKey(key)]).toString('latin1');
}
