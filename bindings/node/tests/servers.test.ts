// Stores on a server: one of these tests' own, one that is not there, and one that never answers.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { ByteStore, type Capabilities } from 'bytestore';

const folder = mkdtempSync(join(tmpdir(), 'bytestore-'));
const socket = join(folder, 'server');
const NOBODY = 'redis://127.0.0.1:1?retries=0'; // refuses at once
let server: ChildProcess;
let names = 0;

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString();

/** Of a part of the server's keys that nobody else has. */
const url = (): string => `redis+unix://${socket}?retries=0&namespace=${names++}/`;

before(async () => {
  server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], { stdio: 'ignore' }); // prettier-ignore
  for (;;) {
    const answers = await new Promise((resolve) => {
      const client = connect(socket, () => client.write('PING\r\n'));
      client.once('data', (data) => { client.end(); resolve(data.toString().startsWith('+PONG')); }); // prettier-ignore
      client.once('error', () => { resolve(false); }); // prettier-ignore
    });
    if (answers === true) {
      return;
    }
    assert.equal(server.exitCode, null);
    await setTimeout(10);
  }
});

after(() => {
  server.kill();
  rmSync(folder, { recursive: true });
});

test('the operations', async () => {
  using store = new ByteStore(url());
  await store.mset([['a', bytes('1')], ['\ud800', bytes('')], ['c', new Uint8Array(10_000).fill(7)]]); // prettier-ignore
  const [a, lone, none, c, again] = await store.mget(['a', '\ud800', 'x', 'c', 'a']);
  assert.deepEqual([text(a), text(lone), none, text(again)], ['1', '', undefined, '1']);
  assert.deepEqual(c, new Uint8Array(10_000).fill(7));
  assert.deepEqual(store.mgetSync(['a', 'x']).map(text), ['1', undefined]);
  const found = [];
  for await (const key of store.yieldKeys()) {
    found.push(key);
  }
  assert.deepEqual(found.sort(), ['a', 'c', '\ud800']);
  assert.deepEqual([await store.count(), store.size, await store.mdelete(['a', 'x'])], [3, 3, 1]);
  const computed = await store.mgetOrCompute(['a', 'b'], (keys) => keys.map((key) => bytes(key + key)));
  assert.deepEqual(computed.map(text), ['aa', 'bb']);
  using users = store.namespace('user/');
  await users.mset([['1', bytes('Ada')]], { ttl: 600_000 });
  assert.deepEqual([[...users.keys()], await store.count('user/')], [['1'], 1]);
  assert.deepEqual([await users.deletePrefix(''), await store.deletePrefix('')], [1, 4]);
  const { sets, entries } = store.stats();
  assert.deepEqual([sets, entries], [6, 0]);
});

test('times to live, and the server’s own words', async () => {
  using store = new ByteStore({ url: url(), ttl: 1 });
  await store.mset([['a', bytes('1')]]);
  await store.mset([['b', bytes('1')]], { ttl: Infinity });
  while ((await store.get('a')) !== undefined);
  assert.equal(text(await store.get('b')), '1');
  using wrong = new ByteStore(`${url()}&db=99`);
  await assert.rejects(wrong.mget(['a']), { code: 'remote_failure', reason: /DB index is out of range/ });
});

test('many calls at once', async () => {
  using store = new ByteStore(url());
  const all = Array.from({ length: 1000 }, async (_, index) => {
    await store.mset([[`k${index}`, bytes(String(index))]]);
    return text(await store.get(`k${index}`));
  });
  assert.deepEqual(
    await Promise.all(all),
    Array.from({ length: 1000 }, (_, index) => String(index)),
  );
});

test('what a server can promise, and what not', async () => {
  using store = new ByteStore(NOBODY);
  const nothing: Capabilities = { insertionOrder: false, atomicBatches: true, prefixSteps: false, positions: false, snapshots: false, sizes: false }; // prettier-ignore
  assert.deepEqual({ ...store.capabilities() }, nothing);
  for (const call of [
    () => store.pageKeysSync(),
    () => store.saveBytesSync(),
    () => {
      store.saveSync(join(folder, 'x'));
    },
    () => store.progress(),
  ]) {
    // prettier-ignore
    assert.throws(call, { code: 'unsupported' });
  }
  await assert.rejects(store.pageKeys({ position: 1n }), { code: 'unsupported' });
  await assert.rejects(store.loadBytes(new ByteStore().saveBytesSync()), { code: 'unsupported' });
  assert.throws(() => new ByteStore({ url: NOBODY, maxBytes: 1 }), { code: 'invalid_argument' });
  store.close();
  assert.throws(() => store.pageKeysSync(), { code: 'closed_handle' });
});

test('a failure has the system’s words', async () => {
  using store = new ByteStore(NOBODY);
  const expected = {
    code: 'remote_failure',
    status: 5,
    reason: /Connection refused/,
    message: /Connection refused.*: /,
  };
  for (const call of [
    () => store.mgetSync(['a']),
    () => store.mdeleteSync(['a']),
    () => store.size,
    () => [...store.keys()],
  ]) {
    // prettier-ignore
    assert.throws(call, expected);
  }
  const promises = [
    () => store.mget(['a']),
    () => store.mset([['a', bytes('')]]),
    () => store.mdelete(['a']),
    () => store.count(),
    () => store.deletePrefix('a'),
    () => store.yieldKeys().next(),
    () => store.mgetOrCompute(['a'], () => []),
  ];
  for (const call of promises) {
    await assert.rejects(call(), expected);
  }
});

test('nobody sees a password', () => {
  const secret = 's3cret';
  for (const [address, shown] of [
    [`redis://user:${secret}@127.0.0.1:1`, 'redis://user:…@127.0.0.1:1'],
    [`rediss://:${secret}@127.0.0.1/1?ttl=1s`, 'rediss://:…@127.0.0.1/1?ttl=1s'],
    [`redis+unix:///a@b?pass=${secret}&db=1`, 'redis+unix:///a@b?pass=…&db=1'],
    ['redis://user@127.0.0.1:1', 'redis://user@127.0.0.1:1'],
  ] as const) {
    using store = new ByteStore(address);
    assert.equal(store.url, shown);
    const mark = address.includes('?') ? '&' : '?';
    for (const options of [`${address}${mark}nosuch=1`, { url: address, maxBytes: 1 }, { url: address, name: 'n' }]) {
      assert.throws(
        () => new ByteStore(options),
        (error: Error) => !error.message.includes(secret),
      );
    }
  }
});

test('while a server does not answer, the event loop goes on, and files are read', async () => {
  const deaf = createServer((client) => client.pause()).listen(join(folder, 'deaf'));
  using store = new ByteStore(`redis+unix://${join(folder, 'deaf')}?retries=0&timeout=1s`);
  let turns = 0;
  const turning = setInterval(() => turns++, 1);
  const calls = [store.mget(['a']), store.mset([['a', bytes('')]]), store.mdelete(['a']), store.count(), store.yieldKeys().next(), store.mget(['b'])]; // prettier-ignore
  const ended = Promise.allSettled(calls);
  const { readFile } = await import('node:fs/promises');
  assert.deepEqual(await readFile(import.meta.filename), readFileSync(import.meta.filename));
  assert.equal(await Promise.race([ended.then(() => 'ended'), setTimeout(0, 'goes on')]), 'goes on');
  const codes = (await ended).map((end) => end.status === 'rejected' && (end.reason as { code: string }).code);
  clearInterval(turning);
  deaf.close();
  assert.deepEqual(new Set(codes), new Set(['remote_failure']));
  assert.ok(turns > 10);
});
