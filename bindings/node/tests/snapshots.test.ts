// Saving and loading, beside the conformance cases: paths, the system's errors, the event loop.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { ByteStore, ByteStoreError } from 'bytestore';

const folder = mkdtempSync(join(tmpdir(), 'bytestore-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const one = new Uint8Array([1]);

function filled(): ByteStore {
  const store = new ByteStore({ maxEntries: 100_000 });
  store.msetSync(Array.from({ length: 1000 }, (_, index) => [`k${index}`, new Uint8Array(100).fill(index)]));
  return store;
}

test('to a file and back, compressed and not', async () => {
  using store = filled();
  const [plain, packed] = [join(folder, 'plain é'), join(folder, 'packed')];
  await store.save(plain);
  store.saveSync(pathToFileURL(packed), { level: 3 });
  assert.ok(statSync(packed).size < statSync(plain).size);
  for (const path of [plain, packed]) {
    using opened = await ByteStore.open(`snapshot:${path}`);
    using loaded = new ByteStore();
    await loaded.mset([['other', one]]);
    await loaded.load(pathToFileURL(path));
    for (const each of [opened, loaded, new ByteStore({ url: `snapshot:${path}` })]) {
      assert.deepEqual([...each.keys()], [...store.keys()]);
      assert.deepEqual(each.getSync('k7'), store.getSync('k7'));
    }
    assert.equal(opened.stats().maxEntries, 100_000);
  }
  assert.deepEqual(await store.saveBytes(), store.saveBytesSync());
  assert.deepEqual(store.progress(), { done: 0, total: 0 });
});

test('what the system says is the cause', async () => {
  using store = filled();
  writeFileSync(join(folder, 'file'), 'no snapshot');
  const cases: [string, string][] = [
    [join(folder, 'none'), 'ENOENT'],
    [join(folder, 'file/below'), 'ENOTDIR'],
  ];
  for (const [path, code] of cases) {
    const expected = (error: unknown): boolean => {
      assert.ok(error instanceof ByteStoreError);
      assert.deepEqual([error.code, error.status, error.cause?.code, error.cause?.path], ['io_failure', 7, code, path]);
      assert.match(error.message, new RegExp(`${code}: .*`));
      return true;
    };
    assert.throws(() => { store.loadSync(path); }, expected); // prettier-ignore
    await assert.rejects(store.load(path), expected);
    await assert.rejects(ByteStore.open(`snapshot:${path}`), expected);
    assert.throws(() => new ByteStore(`snapshot:${path}`), expected);
    if (code === 'ENOTDIR') {
      await assert.rejects(store.save(path), expected);
      assert.throws(() => { store.saveSync(path); }, expected); // prettier-ignore
    }
  }
  await assert.rejects(store.load(join(folder, 'file')), (error: ByteStoreError) => error.code === 'bad_snapshot' && error.cause === undefined); // prettier-ignore
  await assert.rejects(store.load(new URL('https://example.org/x')), TypeError);
  assert.equal(store.size, 1000);
});

test('the event loop goes on while a store is saved and loaded', async () => {
  using store = new ByteStore();
  store.msetSync(Array.from({ length: 64 }, (_, index) => [`k${index}`, new Uint8Array(1 << 19).fill(index)]));
  let turns = 0;
  const turning = setInterval(() => turns++, 0);
  const bytes = await store.saveBytes({ level: 3 });
  await store.loadBytes(bytes);
  clearInterval(turning);
  assert.ok(turns > 0);
});

test('a snapshot is copied before others can change it', async () => {
  using store = filled();
  const bytes = store.saveBytesSync();
  const loading = store.loadBytes(bytes);
  bytes.fill(0);
  await loading;
  assert.equal(store.size, 1000);
  using shared = new ByteStore();
  const saved = store.saveBytesSync();
  const memory = new Uint8Array(new SharedArrayBuffer(saved.length));
  memory.set(saved);
  shared.loadBytesSync(memory);
  assert.equal(shared.size, 1000);
});
