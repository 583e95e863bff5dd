// Who frees what and when: close, using, the collector, workers, and threads of other libraries.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { ByteStore } from 'bytestore';

const one = new Uint8Array([1]);

const METHODS: ((store: ByteStore) => unknown)[] = [
  (store) => store.mgetSync(['a']),
  (store) => store.mgetSync([]),
  (store) => { store.msetSync([['a', one]]); },
  (store) => { store.msetSync([]); },
  (store) => store.mdeleteSync(['a']),
  (store) => store.getSync('a'),
  (store) => [...store.keys()],
  (store) => store.size,
  (store) => store.countSync('a'),
  (store) => store.deletePrefixSync('a'),
  (store) => store.pageKeysSync(),
  (store) => store.namespace('a'),
  (store) => store.stats(),
  (store) => store.capabilities(),
  (store) => { store.advanceClock(1); },
  (store) => store.saveBytesSync(),
  (store) => { store.saveSync('/nonexistent/x'); },
  (store) => { store.loadBytesSync(one); },
  (store) => { store.loadSync('/nonexistent/x'); },
  (store) => store.progress(),
]; // prettier-ignore

const PROMISES: ((store: ByteStore) => Promise<unknown>)[] = [
  (store) => store.mget(['a']),
  (store) => store.mget(Array.from({ length: 10_000 }, String)),
  (store) => store.mset(Array.from({ length: 10_000 }, (_, index) => [String(index), one])),
  (store) => store.mdelete(Array.from({ length: 10_000 }, String)),
  (store) => store.get('a'),
  (store) => store.yieldKeys().next(),
  (store) => store.count(),
  (store) => store.deletePrefix(''),
  (store) => store.pageKeys(),
  (store) => store.mgetOrCompute(['a'], () => [one]),
  (store) => store.saveBytes(),
  (store) => store.save('/nonexistent/x'),
  (store) => store.load('/nonexistent/x'),
  (store) => store.loadBytes(one),
];

test('a closed store says so', async () => {
  const store = new ByteStore();
  const view = store.namespace('a');
  {
    using again = view;
    assert.equal(again.size, 0);
  }
  store.close();
  store.close();
  for (const closed of [store, view]) {
    for (const call of METHODS) {
      assert.throws(() => call(closed), { code: 'closed_handle', status: 2, name: 'ByteStoreError' }, String(call));
    }
    for (const call of PROMISES) {
      await assert.rejects(call(closed), { code: 'closed_handle' }, String(call));
    }
  }
});

test('a scan outlives its store, and calls under way end well', async () => {
  const store = new ByteStore();
  const pairs = Array.from({ length: 20_000 }, (_, index) => [`k${index}`, one] as const);
  store.msetSync(pairs);
  const scan = store.keys();
  scan.next();
  const reading = store.mget(pairs.map(([key]) => key)); // on another thread
  store.close();
  const [values] = await Promise.allSettled([reading]);
  // It was faster or slower than the close.
  assert.ok(values.status === 'fulfilled' ? values.value.length === 20_000 : (values.reason as { code: string }).code === 'closed_handle'); // prettier-ignore
  assert.equal([...scan].length, 19_999);
});

test('without its store a value stays', () => {
  const store = new ByteStore();
  store.msetSync([['a', one]]);
  const value = store.getSync('a');
  store.close();
  assert.deepEqual(value, one);
});

/** Runs a program of its own: what it prints. */
function program(source: string, ...flags: string[]): string {
  const command = [...flags, '--input-type=module', '--eval', source];
  return execFileSync(process.execPath, command, { encoding: 'utf8', cwd: import.meta.dirname });
}

test('what nobody closes is freed with its last reference', () => {
  const source = `
    import { ByteStore } from 'bytestore';
    const name = 'kept';
    (() => {
      const store = new ByteStore({ name });
      store.msetSync([['a', new Uint8Array(1)]]);
      store.keys().next(); // and a scan without its end
    })();
    let size = 1;
    for (let tries = 0; size > 0 && tries < 1000; tries++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 1));
      const again = new ByteStore({ name }); // a new one, once the other is gone
      size = again.size;
      again.close();
    }
    console.log(size);
  `;
  assert.equal(program(source, '--expose-gc'), '0\n');
});

test('every answer of the library’s is freed', () => {
  const source = `
    import { ByteStore } from 'bytestore';
    const store = new ByteStore();
    const [count, size] = [64, 1 << 14];
    const pairs = Array.from({ length: count }, (_, index) => [\`k\${index}\`.padEnd(size, '-'), new Uint8Array(size)]);
    store.msetSync(pairs);
    const keys = [...pairs.map(([key]) => key), ...Array.from({ length: 5000 }, String)]; // on another thread
    const round = async () => {
      for (let times = 0; times < 20; times++) {
        store.saveBytesSync();
        await store.saveBytes();
        await store.mget(keys);
        [...store.keys('', { as: 'bytes' })];
        store.pageKeysSync();
        store.namespace('k').close();
      }
      gc();
      await new Promise((resolve) => setTimeout(resolve, 1)); // what was let go of is freed
      return process.memoryUsage.rss();
    };
    await round();
    const before = await round();
    let after = before;
    for (let rounds = 0; rounds < 10; rounds++) {
      after = await round();
    }
    // Of each kind 200 MiB and more would be left.
    console.log(after - before < 100 << 20 ? 'freed' : \`\${after - before} bytes more\`);
  `;
  assert.equal(program(source, '--expose-gc'), 'freed\n');
});

test('a process may end with stores open, and calls under way', () => {
  const source = `
    import { ByteStore } from 'bytestore';
    const store = new ByteStore();
    store.msetSync([['a', new Uint8Array(1 << 20)]]);
    void store.mget(Array.from({ length: 100000 }, () => 'b'));
    store.keys().next();
    console.log('ends');
    process.exit(0);
  `;
  assert.equal(program(source), 'ends\n');
});

test('where koffi was in use before, calls are done at once', () => {
  const source = `
    import koffi from 'koffi';
    koffi.load(null);
    const { ByteStore } = await import('bytestore');
    const store = await ByteStore.open({ maxEntries: 100000 });
    await store.mset(Array.from({ length: 10000 }, (_, index) => [String(index), new Uint8Array(index % 9)]));
    await store.loadBytes(await store.saveBytes({ level: 3 }));
    console.log((await store.mget(Array.from({ length: 10000 }, (_, index) => String(index)))).at(-1).length);
    await store.save('/nonexistent/x').catch((error) => console.log(error.code, error.cause.code));
  `;
  assert.equal(program(source), `${9999 % 9}\nio_failure ENOENT\n`);
});

/** A worker that runs this, with what it posts. */
function worker(source: string, data: unknown): Promise<unknown> {
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const running = new Worker(url, { workerData: data });
  return new Promise((resolve, reject) => {
    let last: unknown;
    running.on('message', (message: unknown) => (last = message));
    running.once('error', reject);
    running.once('exit', () => {
      resolve(last);
    });
  });
}

const BYTESTORE = JSON.stringify(import.meta.resolve('bytestore'));

test('workers share a store by its name, and what they leave open goes with them', async () => {
  const name = `workers-${process.pid}`;
  {
    using store = new ByteStore({ name });
    await store.mset([['main', one]]);
    const seen = await Promise.all(
      [1, 2, 3].map((number) =>
        worker(
          `import { parentPort, workerData } from 'node:worker_threads';
          const { ByteStore } = await import(${BYTESTORE});
          const store = new ByteStore({ name: workerData.name });
          for (let round = 0; round < 300; round++) {
            store.msetSync([[\`worker/\${workerData.number}\`, new Uint8Array([round % 256])]]);
            store.mgetSync(['main', 'none', ...store.keys('worker/')]);
          }
          parentPort.postMessage(store.getSync('main').length);`,
          { name, number },
        ),
      ),
    );
    assert.deepEqual(seen, [1, 1, 1]);
    assert.deepEqual([...store.keys('worker/')].sort(), ['worker/1', 'worker/2', 'worker/3']);
  }
  using again = new ByteStore({ name });
  assert.equal(again.size, 0);
});

test('a worker that is ended in the middle of calls does no harm', async () => {
  const source = `
    import { parentPort } from 'node:worker_threads';
    const { ByteStore } = await import(${BYTESTORE});
    const store = new ByteStore({ name: 'ended' });
    const pairs = Array.from({ length: 20000 }, (_, index) => [String(index), new Uint8Array(500)]);
    for (let first = true; ; first = false) {
      const all = [store.mset(pairs), store.mget(pairs.map(([key]) => key)), store.saveBytes()];
      if (first) parentPort.postMessage('running');
      await Promise.all(all);
    }`;
  for (let times = 0; times < 3; times++) {
    const running = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    await new Promise((resolve) => running.once('message', resolve));
    await setTimeout(times * 20);
    await running.terminate();
  }
  using store = new ByteStore();
  await store.mset([['a', one]]);
  assert.deepEqual(await store.mget(['a']), [one]);
});
