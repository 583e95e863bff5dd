// LangChain.js' interface, beside its own InMemoryStore.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BaseStore, InMemoryStore } from '@langchain/core/stores';
import { ByteStore } from 'bytestore';
import { BytestoreStore } from 'bytestore/langchain';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

type Answer = unknown;

async function all(keys: AsyncGenerator<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const key of keys) {
    found.push(key);
  }
  return found;
}

// What one does with a store, as the interface has it: the answers of both must be the same.
const STEPS: ((store: BaseStore<string, Uint8Array>) => Promise<Answer>)[] = [
  (store) => store.mget(['a']),
  (store) => store.mget([]),
  (store) => store.mset([]),
  (store) => store.mset([['a', bytes('1')], ['b', bytes('')], ['ab', bytes('3')]]), // prettier-ignore
  (store) => store.mget(['a', 'b', 'x', 'a']),
  (store) => all(store.yieldKeys()),
  (store) => all(store.yieldKeys('a')),
  (store) => all(store.yieldKeys('')),
  (store) => all(store.yieldKeys('A')),
  (store) => all(store.yieldKeys('*')),
  (store) => store.mset([['a', bytes('2')], ['a', bytes('4')]]), // prettier-ignore
  (store) => store.mget(['a']),
  (store) => all(store.yieldKeys()),
  (store) => store.mdelete(['a', 'a', 'x']),
  (store) => store.mdelete([]),
  (store) => store.mset([['a', bytes('5')], ['é😀', bytes('6')], ['', bytes('7')]]), // prettier-ignore
  (store) => all(store.yieldKeys()),
  (store) => store.mget(['', 'é😀']),
  async (store) => store.mdelete(await all(store.yieldKeys('a'))),
  (store) => all(store.yieldKeys()),
];

test('the same answers as InMemoryStore', async () => {
  const [ours, theirs] = [new BytestoreStore(), new InMemoryStore<Uint8Array>()];
  assert.ok(ours instanceof BaseStore);
  for (const step of STEPS) {
    assert.deepEqual(await step(ours), await step(theirs), String(step));
  }
});

test('where InMemoryStore is wrong, and this is not', async () => {
  const [ours, theirs] = [new BytestoreStore(), new InMemoryStore<Uint8Array>()];
  assert.equal(typeof (await theirs.mget(['constructor']))[0], 'function');
  assert.deepEqual(await ours.mget(['constructor']), [undefined]);
  const value = bytes('1');
  const numbers: [string, Uint8Array][] = [['b', value], ['2', value], ['1', value]]; // prettier-ignore
  await Promise.all([ours.mset(numbers), theirs.mset(numbers)]);
  assert.deepEqual(await all(theirs.yieldKeys()), ['1', '2', 'b']);
  assert.deepEqual(await all(ours.yieldKeys()), ['b', '2', '1']);
  value.fill(0); // theirs is the caller's own array
  assert.deepEqual(await theirs.mget(['b']), [value]);
  assert.deepEqual(await ours.mget(['b']), [bytes('1')]);
});

test('it takes options, or shares a store', async () => {
  using store = new ByteStore();
  const shared = new BytestoreStore(store);
  await shared.mset([['a', bytes('1')]]);
  assert.deepEqual([...store.keys()], ['a']);
  assert.equal(shared.store, store);
  assert.equal(new BytestoreStore({ maxEntries: 1 }).store.stats().maxEntries, 1);
  assert.throws(() => new BytestoreStore('nosuch:'), { code: 'invalid_argument' });
  assert.deepEqual([shared.lc_namespace, shared.lc_serializable], [['bytestore', 'stores'], false]);
});
