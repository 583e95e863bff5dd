// Nothing that a caller hands over crashes the process: mistakes are errors that name them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ByteStore, ByteStoreError } from 'bytestore';

const one = new Uint8Array([1]);
const any = (value: unknown): never => value as never; // as JavaScript callers do

/** An array as large as they come, of memory that is never touched. */
const huge = (bytes: number): Uint8Array => new Uint8Array(new ArrayBuffer(bytes));

const detached = (): Uint8Array => {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
};

const calls: [string, (store: ByteStore) => unknown, RegExp | { code: string }][] = [
  ['a single string', (store) => store.mgetSync('abc'), /mget takes an iterable of keys, not a single 'abc': put it into an array/],
  ['bytes as keys', (store) => store.mgetSync(any(one)), /not a single Uint8Array/],
  ['no keys', (store) => store.mgetSync(any(undefined)), /mget takes an iterable of keys, not undefined/],
  ['a promise of keys', (store) => store.mdeleteSync(any(Promise.resolve([]))), /not Promise/],
  ['later keys', (store) => store.mdeleteSync(any(store.yieldKeys())), /collect it first/],
  ['a number as key', (store) => store.mgetSync(any(['a', 1])), /mget: key 1 of the batch is 1, but keys are strings/],
  ['no key', (store) => store.mgetSync(any([null])), /key 0 of the batch is null/],
  ['a hole', (store) => store.mgetSync(any(new Array(1))), /key 0 of the batch is undefined/],
  ['a String object', (store) => store.mgetSync(any([new String('a')])), /but keys are strings/],
  ['other arrays as keys', (store) => store.getSync(any(new Uint16Array(1))), /the key is Uint16Array/],
  ['something like an array', (store) => store.getSync(any({ length: 1, 0: 1, byteLength: 1 })), /the key is/],
  ['a detached key', (store) => store.mgetSync([detached()]), /key 0 of the batch is detached/],
  ['an object of pairs', (store) => { store.msetSync(any({ a: one })); }, /pass Object.entries\(\) of an object/],
  ['a pair of one', (store) => { store.msetSync(any([['a']])); }, /mset: pair 0 is \[ 'a' \], not \[key, value\]/],
  ['a pair of three', (store) => { store.msetSync(any([['a', one, one]])); }, /pair 0/],
  ['a string as a pair', (store) => { store.msetSync(any(['ab'])); }, /pair 0 is 'ab'/],
  ['a string as value', (store) => { store.msetSync(any([['a', 'b']])); }, /the value of key 'a' \(pair 0\) is 'b', not a Uint8Array: encode it/],
  ['no value', (store) => { store.msetSync(any([['a', undefined]])); }, /mdelete removes one/],
  ['other arrays as value', (store) => { store.msetSync(any([['a', new Float32Array(1)]])); }, /take its bytes/],
  ['a buffer as value', (store) => { store.msetSync(any([['a', new ArrayBuffer(1)]])); }, /not a Uint8Array/],
  ['a detached value', (store) => { store.msetSync([['a', detached()]]); }, /the value of key 'a' \(pair 0\) is detached/],
  ['a late mistake', (store) => { store.msetSync(any([['x', one], ['y', 1]])); }, /pair 1/],
  ['a value of 4 GiB', (store) => { store.msetSync([['a', huge(2 ** 32)]]); }, { code: 'invalid_argument' }],
  ['a key of 4 GiB', (store) => store.getSync(huge(2 ** 32)), { code: 'invalid_argument' }],
  ['a prefix of 4 GiB', (store) => store.countSync(huge(2 ** 32)), { code: 'invalid_argument' }],
  ['a ttl of 0', (store) => { store.msetSync([], { ttl: 0 }); }, { code: 'invalid_argument' }],
  ['a negative ttl', (store) => { store.msetSync([], { ttl: -1 }); }, { code: 'invalid_argument' }],
  ['no ttl', (store) => { store.msetSync([], { ttl: NaN }); }, { code: 'invalid_argument' }],
  ['text as ttl', (store) => { store.msetSync([], { ttl: any('1s') }); }, /ttl is a number of milliseconds, not '1s'/],
  ['a number as prefix', (store) => store.countSync(any(1)), /the prefix is 1/],
  ['null as prefix', (store) => [...store.keys(any(null))], /the prefix is null/],
  ['an unknown form of keys', (store) => [...store.keys('', { as: any('hex') })], /as is "string" or "bytes", not 'hex'/],
  ['a page of none', (store) => store.pageKeysSync({ limit: 0 }), { code: 'invalid_argument' }],
  ['a page of a half', (store) => store.pageKeysSync({ limit: 0.5 }), /limit is a whole number/],
  ['a negative position', (store) => store.pageKeysSync({ position: -1n }), { code: 'invalid_argument' }],
  ['a position of 65 bits', (store) => store.pageKeysSync({ position: 2n ** 64n }), { code: 'invalid_argument' }],
  ['text as position', (store) => store.pageKeysSync({ position: any('1') }), /position is a whole number/],
  ['a number as path', (store) => { store.saveSync(any(1)); }, /the path is a string or a file: URL/],
  ['a NUL in a path', (store) => { store.loadSync('a\0b'); }, { code: 'invalid_argument' }],
  ['a level of 23', (store) => store.saveBytesSync({ level: 23 }), { code: 'invalid_argument' }],
  ['a level of -1', (store) => store.saveBytesSync({ level: -1 }), { code: 'invalid_argument' }],
  ['text as a snapshot', (store) => { store.loadBytesSync(any('abc')); }, /the snapshot is 'abc'/],
  ['a detached snapshot', (store) => { store.loadBytesSync(detached()); }, /detached/],
  ['bytes that are no snapshot', (store) => { store.loadBytesSync(one); }, { code: 'bad_snapshot' }],
  ['a clock of the system', (store) => { store.advanceClock(1); }, { code: 'invalid_argument' }],
  ['a clock that goes back', (store) => { store.advanceClock(-1); }, { code: 'invalid_argument' }],
]; // prettier-ignore

for (const [name, call, expected] of calls) {
  test(name, () => {
    using store = new ByteStore();
    store.msetSync([['a', one]]);
    assert.throws(
      () => call(store),
      (error) => {
        if (expected instanceof RegExp) {
          assert.ok(error instanceof TypeError, String(error));
          assert.match(error.message, expected);
        } else {
          assert.ok(error instanceof ByteStoreError, String(error));
          assert.equal(error.code, expected.code);
        }
        return true;
      },
    );
    assert.deepEqual([[...store.keys()], store.getSync('a')], [['a'], one]);
  });
}

test('promises reject where the others throw', async () => {
  using store = new ByteStore();
  await assert.rejects(store.mget(any('abc')), TypeError);
  await assert.rejects(store.get(any(1)), TypeError);
  await assert.rejects(store.mset(any({})), TypeError);
  await assert.rejects(store.mset([], { ttl: 0 }), { code: 'invalid_argument' });
  await assert.rejects(store.mdelete(any(1)), TypeError);
  await assert.rejects(store.yieldKeys(any(1)).next(), TypeError);
  await assert.rejects(store.count(any(1)), TypeError);
  await assert.rejects(store.deletePrefix(any(undefined)), TypeError);
  await assert.rejects(store.pageKeys({ limit: 0 }), { code: 'invalid_argument' });
  await assert.rejects(store.mgetOrCompute(['a'], any(1)), TypeError);
  await assert.rejects(store.save(any(1)), TypeError);
  await assert.rejects(store.loadBytes(any('x')), TypeError);
  await assert.rejects(ByteStore.open('nosuch:'), { code: 'invalid_argument' });
});

test('any iterable will do, and is read once', () => {
  using store = new ByteStore();
  store.msetSync(new Map([['a', one]]));
  store.msetSync(Object.entries({ b: one }));
  store.msetSync(
    (function* () {
      store.msetSync([['c', one]]); // before the batch itself
      yield ['d', one] as const;
    })(),
  );
  assert.deepEqual([...store.keys()], ['a', 'b', 'c', 'd']);
  assert.equal(store.mdeleteSync(store.keys('a')), 1);
  assert.equal(store.mdeleteSync(new Set(['b', 'c', 'x'])), 2);
});

test('code of others that runs in the middle does no harm', () => {
  using store = new ByteStore();
  class Lying extends Uint8Array {
    override get byteLength(): number {
      return 1e6;
    }
    override get length(): number {
      return 1e6;
    }
  }
  const keys: string[] = ['a', 'b'];
  const pairs = new Proxy<[string, Uint8Array][]>(
    [
      ['a', one],
      ['b', new Lying(3)],
    ],
    {
      // prettier-ignore
      get: (target, name, receiver) => {
      store.mgetSync(keys); // uses the same memory
      return Reflect.get(target, name, receiver) as unknown;
    },
    },
  );
  store.msetSync(pairs);
  assert.deepEqual(store.mgetSync(['a', 'b']), [one, new Uint8Array(3)]);
});

test('memory that others can change meanwhile', async () => {
  using store = new ByteStore();
  const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(5);
  store.msetSync([[shared, shared]]);
  assert.deepEqual(store.getSync(shared), new Uint8Array(4).fill(5));
  const many = Array.from({ length: 5000 }, (_, index) => [`k${index}`, new Uint8Array(1000).fill(1)] as const);
  const done = store.mset(many); // on another thread
  many.forEach(([, value]) => value.fill(2));
  await done;
  assert.ok((await store.mget(many.map(([key]) => key))).every((value) => value?.every((byte) => byte === 1)));
});
