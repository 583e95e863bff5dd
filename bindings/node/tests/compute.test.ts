// Computing once: who computes, who waits, and what they get.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ByteStore } from 'bytestore';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString();
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A computation that counts its calls, and ends when it is told to. */
function counting(): { calls: string[][]; compute: (keys: string[]) => Promise<Uint8Array[]>; finish: () => void } {
  const calls: string[][] = [];
  let finish!: () => void;
  const told = new Promise<void>((resolve) => (finish = resolve));
  const compute = async (keys: string[]): Promise<Uint8Array[]> => {
    calls.push(keys);
    await told;
    return keys.map((key) => bytes(key.toUpperCase()));
  };
  return { calls, compute, finish };
}

test('what is missing is computed once, and set', async () => {
  using store = new ByteStore({ manualClock: true });
  await store.mset([['a', bytes('1')]]);
  const { calls, compute, finish } = counting();
  finish();
  const values = await store.mgetOrCompute(['b', 'a', 'c', 'b'], compute, { ttl: 5 });
  assert.deepEqual(values.map(text), ['B', '1', 'C', 'B']);
  assert.deepEqual(calls, [['b', 'c']]);
  assert.deepEqual([...store.keys()], ['a', 'b', 'c']);
  store.advanceClock(5);
  assert.deepEqual([...store.keys()], ['a']);
  assert.deepEqual((await store.mgetOrCompute([], compute)).map(text), []);
  assert.equal(text(await store.getOrCompute('x', (key) => bytes(key))), 'x');
  assert.equal(text(await store.getOrCompute('x', () => assert.fail())), 'x');
});

test('of many that miss a key one computes, and each has a copy', async () => {
  using store = new ByteStore();
  using view = store.namespace('n/');
  const { calls, compute, finish } = counting();
  const all = [store.mgetOrCompute(['n/a', 'b'], compute), view.mgetOrCompute(['a'], compute), store.mgetOrCompute([bytes('b'), bytes('n/a')], () => assert.fail())]; // prettier-ignore
  await later();
  finish();
  const values = (await Promise.all(all)).flat();
  assert.deepEqual(values.map(text), ['N/A', 'B', 'N/A', 'B', 'N/A']);
  assert.deepEqual(calls, [['n/a', 'b']]);
  values[0]?.fill(0);
  assert.deepEqual(values.map(text).slice(1), ['B', 'N/A', 'B', 'N/A']);
});

test('batches that overlap compute each their own first', async () => {
  using store = new ByteStore();
  const [one, two] = [counting(), counting()];
  const all = Promise.all([store.mgetOrCompute(['a', 'b'], one.compute), store.mgetOrCompute(['b', 'c'], two.compute)]);
  await later();
  two.finish();
  one.finish();
  assert.deepEqual((await all).flat().map(text), ['A', 'B', 'B', 'C']);
  assert.deepEqual([one.calls, two.calls], [[['a', 'b']], [['c']]]);
});

test('an error goes to all who wait, and is not kept', async () => {
  using store = new ByteStore();
  const error = new RangeError('of its own');
  const fails = async (): Promise<Uint8Array[]> => {
    await later();
    throw error;
  };
  const ends = await Promise.allSettled([store.mgetOrCompute(['a'], fails), store.mgetOrCompute(['a'], () => assert.fail())]); // prettier-ignore
  assert.deepEqual(ends.map((end) => end.status === 'rejected' && (end.reason as unknown)), [error, error]); // prettier-ignore
  assert.equal(text((await store.mgetOrCompute(['a'], () => [bytes('1')]))[0]), '1');
});

test('mistakes of a computation are named, and nothing is set', async () => {
  using store = new ByteStore({ maxItemBytes: 100 });
  const wrong: [unknown, object][] = [
    [[], { code: 'invalid_argument', message: /0 values for 1 keys/ }],
    [[bytes(''), bytes('')], { code: 'invalid_argument' }],
    [bytes('1'), { name: 'TypeError', message: /the computation gave Uint8Array|Buffer/ }],
    ['1', { name: 'TypeError' }],
    [undefined, { name: 'TypeError' }],
    [['1'], { name: 'TypeError', message: /the value computed for key 'a' is '1'/ }],
    [[new Uint8Array(200)], { code: 'over_limit' }],
  ];
  for (const [given, expected] of wrong) {
    await assert.rejects(store.mgetOrCompute(['a'], () => given as Uint8Array[]), expected); // prettier-ignore
  }
  assert.equal(store.size, 0);
});

test('a computation that asks for its own keys, or in a circle, is told so', { timeout: 60_000 }, async () => {
  using store = new ByteStore();
  using other = new ByteStore();
  const own = store.mgetOrCompute(['a'], async () => store.mgetOrCompute(['b', 'a'], () => [bytes('')]));
  await assert.rejects(own, { code: 'invalid_argument', message: /"a" is being computed by the computation/ });
  const circle = Promise.allSettled([
    store.getOrCompute('x', async () => {
      await later();
      return await other.getOrCompute('y', () => bytes('y'));
    }),
    other.getOrCompute('y', async () => {
      await later();
      return await store.getOrCompute('x', () => bytes('x'));
    }),
  ]);
  assert.ok((await circle).some((end) => end.status === 'rejected' && String(end.reason).includes('in a circle')));
  // It may ask for others.
  const nested = await store.getOrCompute('c', async () => store.getOrCompute('d', () => bytes('d')));
  assert.deepEqual([text(nested), [...store.keys()]], ['d', ['d', 'c']]);
});

test('who looked before another landed looks again', async () => {
  using store = new ByteStore();
  const slow = store.mget.bind(store);
  let hold: Promise<void> | undefined;
  let release!: () => void;
  hold = new Promise((resolve) => (release = resolve));
  store.mget = async (keys) => {
    const values = await slow(keys);
    const held = hold;
    hold = undefined;
    await held;
    return values;
  };
  const late = store.mgetOrCompute(['a'], () => assert.fail('computed a second time'));
  assert.equal(text((await store.mgetOrCompute(['a'], () => [bytes('1')]))[0]), '1');
  release();
  assert.equal(text((await late)[0]), '1');
});
