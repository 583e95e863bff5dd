// What a store does with keys and values, beside the conformance cases: strings, memory, large batches, time, bounds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { ByteStore, version, type Value } from 'bytestore';

import { Handle } from '../dist/handle.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString();

test('the four operations', async () => {
  const store = new ByteStore();
  await store.mset([['user/1', bytes('Ada')], ['user/2', bytes('Grace')], ['draft', bytes('')]]); // prettier-ignore
  assert.deepEqual((await store.mget(['user/1', 'draft', 'user/9', 'user/1'])).map(text), [
    'Ada',
    '',
    undefined,
    'Ada',
  ]);
  assert.deepEqual([...store.keys('user/')], ['user/1', 'user/2']);
  assert.equal(await store.mdelete(['draft', 'user/9', 'draft']), 1);
  assert.equal(store.size, 2);
  assert.deepEqual(await store.mget([]), []);
});

test('names of JavaScript objects are keys as all others', async () => {
  using store = new ByteStore();
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
  assert.deepEqual(await store.mget(names), names.map(() => undefined)); // prettier-ignore
  await store.mset(names.map((name) => [name, bytes(name)]));
  assert.deepEqual((await store.mget(names)).map(text), names);
  assert.deepEqual([...store.keys()], names);
  await store.mset(['10', '9', '1'].map((key) => [key, bytes(key)]));
  assert.deepEqual([...store.keys('1')], ['10', '1'], 'in insertion order, numbers too');
});

test('every string is a key and comes back', () => {
  using store = new ByteStore();
  const odd = ['', '\0', 'a\0b', 'é', '漢字', '😀', '\ud83d', '\ude00', 'x\ud800y', '\udc00\ud800', 'é'.normalize('NFD'), 'ÿ']; // prettier-ignore
  store.msetSync(odd.map((key, index) => [key, bytes(String(index))]));
  assert.deepEqual([...store.keys()], odd);
  assert.deepEqual(store.mgetSync(odd).map(text), odd.map((_, index) => String(index))); // prettier-ignore
  assert.deepEqual(odd.map((key) => text(store.getSync(key))), odd.map((_, index) => String(index))); // prettier-ignore
  assert.deepEqual([...store.keys('x')], ['x\ud800y']);
  // Side by side two halves would be one character.
  assert.deepEqual(store.mgetSync(['\ud83d', '\ude00']).map(text), ['6', '7']);
  assert.equal(store.getSync('\ud83d\ude00') && text(store.getSync('😀')), '5');
});

test('strings and their UTF-8 are the same keys', () => {
  using store = new ByteStore();
  store.msetSync([['é', bytes('1')], [bytes('ü'), bytes('2')]]); // prettier-ignore
  assert.deepEqual(store.mgetSync([bytes('é'), 'ü']).map(text), ['1', '2']);
  assert.deepEqual([...store.keys('', { as: 'bytes' })].map(text), ['é', 'ü']);
});

test('a key that is no string is given as bytes, or not at all', async () => {
  using store = new ByteStore();
  const odd = [[0xff], [0xc3], [0xa9], [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], [0x61, 0xed, 0xa0, 0x80, 0xff]];
  for (const key of odd) {
    store.deletePrefixSync('');
    store.msetSync([[new Uint8Array(key), bytes('')]]);
    assert.throws(() => [...store.keys()], /is not UTF-8: ask for bytes, with { as: 'bytes' }/);
    await assert.rejects(store.yieldKeys().next(), TypeError);
    assert.throws(() => store.pageKeysSync(), TypeError);
    assert.deepEqual([...store.keys('', { as: 'bytes' })], [new Uint8Array(key)]);
    assert.deepEqual((await store.pageKeys({ as: 'bytes' })).keys, [new Uint8Array(key)]);
  }
  // Each is none, though one after the other they would be one.
  store.msetSync([[new Uint8Array([0xc3]), bytes('')], [new Uint8Array([0xa9]), bytes('')]]); // prettier-ignore
  assert.throws(() => [...store.keys()], TypeError);
});

test('values are copies, and of one batch in one memory that is nobody else’s', () => {
  using store = new ByteStore();
  const value = bytes('abc');
  store.msetSync([['a', value], ['b', bytes('defg')]]); // prettier-ignore
  value.fill(0);
  const [a, b] = store.mgetSync(['a', 'b']) as [Value, Value];
  assert.deepEqual([a, b].map(text), ['abc', 'defg']);
  assert.equal(a.buffer, b.buffer);
  assert.equal(a.buffer.byteLength, 7);
  a.fill(1);
  assert.deepEqual(store.mgetSync(['a', 'b']).map(text), ['abc', 'defg']);
  const alone = store.getSync('a') as Value;
  assert.deepEqual([alone.byteOffset, alone.buffer.byteLength], [0, 3]);
  structuredClone(alone.buffer, { transfer: [alone.buffer] }); // gives it away
  assert.equal(text(store.getSync('a')), 'abc');
});

test('batches of every size, at once and on another thread', async () => {
  using store = new ByteStore();
  for (const [count, size] of [
    [1, 0],
    [1, 300_000],
    [3, 100_000],
    [64, 6144],
    [64, 20_000],
    [1025, 100],
    [5000, 1],
    [70_000, 3],
    [2, 5_000_000],
    [100, 4095],
    [100, 4096],
  ] as const) {
    // prettier-ignore
    const pairs = Array.from({ length: count }, (_, index) => {
      return [`${size}/${index}/é`, new Uint8Array(size).fill(index)] as const;
    });
    store.msetSync(pairs);
    const keys = pairs.map(([key]) => key);
    for (const answer of [
      store.mgetSync(keys),
      await store.mget(keys),
      store.mgetSync(keys),
      await store.mget([...keys, 'none']),
    ]) {
      // prettier-ignore
      assert.equal(answer.length >= count, true);
      pairs.forEach(([, value], index) => {
        assert.ok(Buffer.compare(value, answer[index] as Value) === 0, `${count} of ${size}: ${index}`);
      });
    }
    await store.mset(pairs);
    assert.equal(await store.count(`${size}/`), count);
    assert.equal(await store.mdelete(keys), count);
  }
});

test('a value that grows between the measuring and the reading', () => {
  using store = new ByteStore();
  store.msetSync([['a', new Uint8Array(400_000)], ['b', new Uint8Array(1)]]); // prettier-ignore
  assert.deepEqual(store.mgetSync(['a', 'b', 'c']).map((value) => value?.length), [400_000, 1, undefined]); // prettier-ignore
  store.msetSync([['b', new Uint8Array(800_000)]]);
  assert.deepEqual(store.mgetSync(['a', 'b', 'c']).map((value) => value?.length), [400_000, 800_000, undefined]); // prettier-ignore
});

test('options, as an object and as a url', () => {
  using bounded = new ByteStore({ maxEntries: 2, maxBytes: 1 << 20, maxItemBytes: 10, ttl: 1.5, erase: true, manualClock: true }); // prettier-ignore
  assert.equal(
    bounded.url,
    'memory:?max_bytes=1048576&max_entries=2&max_item_bytes=10&ttl=2ms&clock=manual&erase=true',
  );
  assert.equal(inspect(bounded), `ByteStore <${bounded.url}>`);
  ['a', 'b', 'c'].forEach((key) => { bounded.msetSync([[key, bytes(key)]]); }); // prettier-ignore
  assert.equal(bounded.size, 2);
  const { evictionsByEntries, maxEntries, maxBytes, entries, sets, hitRatio } = bounded.stats();
  assert.deepEqual([evictionsByEntries, maxEntries, maxBytes, entries, sets, hitRatio], [1, 2, 1 << 20, 2, 3, 0]);
  assert.throws(() => { bounded.msetSync([['a', new Uint8Array(10)]]); }, { code: 'over_limit', message: /1 pairs of 11 bytes/ }); // prettier-ignore
  bounded.advanceClock(2);
  assert.equal(bounded.size, 0);
  assert.equal(new ByteStore({ url: 'memory:?ttl=1s', maxEntries: 1 }).url, 'memory:?ttl=1s&max_entries=1');
  assert.equal(new ByteStore({ ttl: Infinity }).url, 'memory:');
  assert.equal(new ByteStore({ url: 'memory:', ttl: undefined, erase: false }).url, 'memory:');
  const wrong: [object, RegExp][] = [
    [{ maxbytes: 1 }, /there is no option maxbytes/],
    [{ maxBytes: '1' }, /maxBytes is a whole number/],
    [{ maxEntries: 0 }, /maxEntries is 0: it must be at least 1/],
    [{ maxEntries: 2 ** 60 }, /below 2\*\*53/],
    [{ erase: 1 }, /erase is true or false/],
    [{ name: 'a b' }, /name is 'a b'/],
    [{ name: 'a\n' }, /name is/],
    [{ name: 1 }, /name is a string/],
    [{ name: 'a', url: 'memory:b' }, /give it once/],
    [{ ttl: 1, url: 'memory:?ttl=1s' }, /ttl is an option, and stands in the url/],
    [{ url: 1 }, /url is a string/],
    [{ url: 'memory:\0' }, /contains a NUL/],
    [{ url: 'snapshot:/x', ttl: 1 }, /the options that were saved/],
    [{ name: 'a', url: 'redis://localhost' }, /has a namespace instead/],
    [[], /a url or an object of options/],
    [null as unknown as object, /a url or an object of options/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => new ByteStore(options), { message });
  }
});

test('time to live of a batch', () => {
  using store = new ByteStore({ manualClock: true, ttl: 100 });
  store.msetSync([['default', bytes('')]]);
  store.msetSync([['short', bytes('')]], { ttl: 10 });
  store.msetSync([['forever', bytes('')]], { ttl: Infinity });
  store.advanceClock(10);
  assert.deepEqual([...store.keys()], ['default', 'forever']);
  store.advanceClock(1e15);
  assert.deepEqual([...store.keys()], ['forever']);
});

test('scans see the keys as of their first step', async () => {
  using store = new ByteStore();
  store.msetSync(Array.from({ length: 3000 }, (_, index) => [`k${index}`, bytes('')]));
  const [first, second] = [store.keys(), store.yieldKeys()];
  assert.equal(first.next().value, 'k0');
  assert.equal((await second.next()).value, 'k0');
  store.msetSync([['new', bytes('')]]);
  assert.equal([...first].length, 2999);
  for await (const key of second) {
    assert.ok(key.startsWith('k'));
    break; // closes the cursor
  }
  assert.deepEqual(await second.next(), { value: undefined, done: true });
});

test('pages', async () => {
  using store = new ByteStore();
  store.msetSync(Array.from({ length: 2500 }, (_, index) => [`k${index}`, bytes('')]));
  const keys: string[] = [];
  for (let position = 0n; ;) {
    const page = await store.pageKeys({ position, prefix: 'k', limit: 1100 });
    if (page.keys.length === 0) {
      break;
    }
    assert.deepEqual(page, store.pageKeysSync({ position: BigInt(String(position)), prefix: 'k', limit: 1100 }));
    keys.push(...page.keys);
    position = page.position;
  }
  assert.deepEqual(keys, [...store.keys()]);
  assert.equal(store.pageKeysSync().keys.length, 1000);
});

test('namespaces', async () => {
  using store = new ByteStore();
  using users = store.namespace('user/');
  using deep = users.namespace(bytes('é/'));
  await deep.mset([['1', bytes('Ada')]]);
  assert.deepEqual([[...store.keys()], [...users.keys()], [...deep.keys()]], [['user/é/1'], ['é/1'], ['1']]);
  assert.deepEqual([store.size, users.size, deep.size, await users.deletePrefix('é')], [1, 1, 1, 1]);
  store.close();
  await deep.mset([['2', bytes('')]]);
  assert.equal(users.size, 1);
});

test('what a store can do, and its version', () => {
  using store = new ByteStore();
  assert.deepEqual(new Set(Object.values(store.capabilities())), new Set([true]));
  assert.ok(Object.isFrozen(store.capabilities()) && Object.isFrozen(store.stats()));
  assert.match(version, /^\d+\.\d+\.\d+$/);
});

test('a walk is waited for elsewhere only where it may be long', () => {
  const handle = Handle.open('memory:');
  assert.equal(handle.isSlowToWalk('a'), false);
  handle.mset(Array.from({ length: 70_000 }, (_, index) => `k${index}`), new Array<Uint8Array>(70_000).fill(bytes('')), undefined); // prettier-ignore
  assert.deepEqual([handle.isSlowToWalk(''), handle.isSlowToWalk('k1')], [false, true]);
  assert.deepEqual([handle.isSlow(64), handle.isSlow(64, 1 << 21), handle.isSlow(5000, 0)], [false, true, true]);
  handle.close();
});
