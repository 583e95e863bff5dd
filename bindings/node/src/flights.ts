// Computing once what many miss at the same time: one flies, the others wait. Knows names of keys, no store.

import { AsyncLocalStorage } from 'node:async_hooks';

import { ByteStoreError } from './errors.js';
import type { Value } from './values.js';

/** The keys that are being computed: one table for a store and all its namespaces. */
export class Flights {
  readonly underWay = new Map<string, Flight>();
  /** How many are over: who sees it grow looks into the store again. */
  landed = 0;
}

/** A computation of some keys, as those see it who wait for it. */
class Flight {
  readonly values = new Map<string, Value>();
  readonly waitsFor = new Set<Flight>();
  failure: { error: unknown } | undefined;
  readonly over: Promise<void>;
  private end!: () => void;

  constructor(
    private readonly flights: Flights,
    readonly names: ReadonlySet<string>,
  ) {
    this.over = new Promise((resolve) => (this.end = resolve));
    names.forEach((name) => flights.underWay.set(name, this));
  }

  /** Lets go of its keys, and those who wait go on. */
  land(): void {
    this.names.forEach((name) => this.flights.underWay.delete(name));
    this.flights.landed++;
    this.end();
  }
}

// The computations that whoever asks is part of, the innermost last.
const within = new AsyncLocalStorage<readonly Flight[]>();

/**
 * The values of all missing keys, by their names. `seen` is what `flights.landed` was before the store was asked for
 * them; `look` asks it again, and `compute` gives values and sets them.
 */
export async function computeOnce<K>(
  flights: Flights,
  missing: ReadonlyMap<string, K>,
  seen: number,
  look: (keys: K[]) => Promise<(Value | undefined)[]>,
  compute: (keys: K[]) => Promise<Value[]>,
): Promise<Map<string, Value>> {
  const around = within.getStore() ?? [];
  const values = new Map<string, Value>();
  let left = new Map(missing);
  while (left.size > 0) {
    const { own, others } = claim(flights, left, around);
    if (own.size > 0) {
      const stale = flights.landed !== seen;
      const flight = new Flight(flights, new Set(own.keys()));
      await within.run([...around, flight], () => fly(flight, own, stale ? look : undefined, compute));
      flight.values.forEach((value, name) => values.set(name, value));
    }
    for (const other of new Set(others.values())) {
      await waitFor(other, around);
    }
    for (const [name, other] of others) {
      const value = other.values.get(name);
      if (value !== undefined) {
        values.set(name, value);
      } else if (other.failure) {
        throw other.failure.error;
      }
    }
    left = new Map([...left].filter(([name]) => !values.has(name)));
  }
  return values;
}

/** Which keys nobody computes, and who computes the others. */
function claim<K>(
  flights: Flights,
  left: ReadonlyMap<string, K>,
  around: readonly Flight[],
): { own: Map<string, K>; others: Map<string, Flight> } {
  const own = new Map<string, K>();
  const others = new Map<string, Flight>();
  for (const [name, key] of left) {
    const other = flights.underWay.get(name);
    if (other === undefined) {
      own.set(name, key);
    } else if (around.includes(other)) {
      throw new ByteStoreError(
        'invalid_argument',
        `the key ${JSON.stringify(Buffer.from(name, 'latin1').toString())} is being computed by the computation that asks for it`,
      );
    } else {
      others.set(name, other);
    }
  }
  return { own, others };
}

/** Computes; an error is the answer for those who wait, too. */
async function fly<K>(
  flight: Flight,
  own: ReadonlyMap<string, K>,
  look: ((keys: K[]) => Promise<(Value | undefined)[]>) | undefined,
  compute: (keys: K[]) => Promise<Value[]>,
): Promise<void> {
  try {
    const asked = new Map(own);
    const found = look === undefined ? [] : await look([...own.values()]);
    [...own.keys()].forEach((name, index) => {
      const value = found[index];
      if (value !== undefined) {
        flight.values.set(name, value);
        asked.delete(name);
      }
    });
    const computed = asked.size === 0 ? [] : await compute([...asked.values()]);
    [...asked.keys()].forEach((name, index) => flight.values.set(name, computed[index] as Value));
  } catch (error) {
    flight.failure = { error };
    throw error;
  } finally {
    flight.land();
  }
}

/** While a call waits, the computations that it is part of wait too. */
async function waitFor(other: Flight, around: readonly Flight[]): Promise<void> {
  if (leadsTo(other, around)) {
    throw new ByteStoreError(
      'invalid_argument',
      "computations ask for each other's keys in a circle: none would ever end",
    );
  }
  around.forEach((flight) => flight.waitsFor.add(other));
  await other.over;
  around.forEach((flight) => flight.waitsFor.delete(other));
}

function leadsTo(start: Flight, goals: readonly Flight[]): boolean {
  const seen = new Set<Flight>();
  const ahead = [start];
  for (let flight = ahead.pop(); flight !== undefined; flight = ahead.pop()) {
    if (goals.includes(flight)) {
      return true;
    }
    if (!seen.has(flight)) {
      seen.add(flight);
      ahead.push(...flight.waitsFor);
    }
  }
  return false;
}
