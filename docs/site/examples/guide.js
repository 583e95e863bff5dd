// The JavaScript of the guide's pages: each function is one page, the tests run them all.
import { ByteStore, ByteStoreError } from 'bytestore';

async function open() {
  // --8<-- [start:open]
  const store = new ByteStore(); // empty, in this process, without bounds
  const cache = new ByteStore({ maxBytes: 512 * 2 ** 20, ttl: 3_600_000 });
  const same = new ByteStore('memory:?max_bytes=512MiB&ttl=1h'); // as every language says it

  // One store for all who open this name in the process, in other workers, too.
  const ours = new ByteStore({ name: 'answers' });
  const theirs = new ByteStore('memory:answers');
  await ours.mset([['question', Buffer.from('42')]]);
  const answer = await theirs.get('question'); // a Uint8Array
  console.log('by name:', Buffer.from(answer).toString());

  for (const opened of [store, cache, same, ours, theirs]) {
    opened.close(); // or `using store = new ByteStore()`
  }
  // --8<-- [end:open]
}

async function batches() {
  // --8<-- [start:batches]
  const store = new ByteStore();
  await store.mset([
    ['user/1', Buffer.from('Ada')],
    ['user/2', Buffer.from('Grace')],
    ['draft', new Uint8Array()],
  ]);

  const keys = ['user/1', 'draft', 'user/9'];
  const values = await store.mget(keys); // store.mgetSync(keys): at once, for stores in memory
  for (const [i, key] of keys.entries()) {
    console.log(`${key}: ${values[i] ? `${values[i].length} bytes` : 'missing'}`);
  }

  for await (const key of store.yieldKeys('user/')) {
    console.log(key);
  }

  console.log('deleted', await store.mdelete(['user/1', 'user/9']));
  // --8<-- [end:batches]
}

async function bounds() {
  // --8<-- [start:bounds]
  const cache = new ByteStore({
    maxBytes: 64 * 2 ** 20,
    maxItemBytes: 2 ** 20,
    ttl: 3_600_000, // milliseconds
    manualClock: true,
  });
  await cache.mset([['page', Buffer.from('<html>')]]); // lives for an hour
  await cache.mset([['token', Buffer.from('s3cret')]], { ttl: 30_000 });

  cache.advanceClock(30_000); // only with manualClock, for tests
  for (const key of ['page', 'token']) {
    console.log(`${key}: ${(await cache.get(key)) ? 'there' : 'missing'}`);
  }

  try {
    await cache.mset([['film', new Uint8Array(2 * 2 ** 20)]]);
  } catch (error) {
    console.log('film:', error.code); // a ByteStoreError
  }
  // --8<-- [end:bounds]
}

async function prefixes() {
  // --8<-- [start:prefixes]
  const store = new ByteStore();
  const names = { 'user/1': 'Ada', 'user/2': 'Grace', draft: '', 'user/3': 'Alan' };
  await store.mset(Object.entries(names).map(([key, name]) => [key, Buffer.from(name)]));
  console.log(await store.count('user/'), 'users');

  const first = await store.pageKeys({ prefix: 'user/', limit: 2 });
  console.log('first page:', ...first.keys);
  // The position is a bigint: later, from a web handler.
  const { position } = first;
  const next = await store.pageKeys({ prefix: 'user/', limit: 2, position });
  console.log('next page:', ...next.keys);

  const users = store.namespace('user/'); // a store of its own, of the keys that begin so
  console.log('user 2 is', Buffer.from(await users.get('2')).toString());
  console.log('deleted', await store.deletePrefix('user/'));
  // --8<-- [end:prefixes]
}

async function compute() {
  // --8<-- [start:compute]
  const pages = new ByteStore({ maxBytes: 64 * 2 ** 20 });

  // Called once, however many calls miss these keys meanwhile.
  const fetchAll = async (names) => {
    console.log('fetching', ...names);
    return names.map((name) => Buffer.from(`<h1>${name}</h1>`));
  };

  const ttl = 3_600_000;
  await pages.mgetOrCompute(['tea', 'cake'], fetchAll, { ttl });
  for (const page of await pages.mgetOrCompute(['tea', 'milk'], fetchAll, { ttl })) {
    console.log(Buffer.from(page).toString());
  }
  // --8<-- [end:compute]
}

async function counters() {
  // --8<-- [start:counters]
  const store = new ByteStore({ maxEntries: 1000 });
  await store.mset([['tea', Buffer.from('hot')]]);
  await store.mget(['tea', 'tea', 'tea', 'cake']);

  const { entries, hits, misses, hitRatio } = store.stats();
  const ratio = hitRatio.toFixed(2);
  console.log(`${entries} entry, ${hits} hits, ${misses} miss, ratio ${ratio}`);
  // --8<-- [end:counters]
}

async function snapshots() {
  // --8<-- [start:snapshots]
  const users = new ByteStore({ maxBytes: 64 * 2 ** 20 });
  await users.mset([
    ['1', Buffer.from('Ada')],
    ['2', Buffer.from('Grace')],
  ]);
  // As of one moment, while others write. Level 0 does not compress.
  await users.save('users.snapshot', { level: 3 });

  // A new store, with the options of the old one.
  const again = await ByteStore.open('snapshot:users.snapshot');
  console.log(again.size, 'entries');

  try {
    await users.load('no/such.snapshot'); // in place of what is there, in one step
  } catch (error) {
    console.log(error.code); // error.cause.code is 'ENOENT'
  }
  // --8<-- [end:snapshots]
}

async function servers() {
  // --8<-- [start:servers]
  // Such as redis://cache.internal:6379/0?namespace=answers%2F&ttl=1h. Nothing is sent yet.
  const answers = new ByteStore(process.env.STORE_URL ?? 'memory:');
  try {
    await answers.mset([['question', Buffer.from('42')]]);
    console.log('question:', Buffer.from(await answers.get('question')).toString());
  } catch (error) {
    console.log('no answers today:', error.reason); // the server's own words, or the system's
  }

  console.log('keys keep their order:', answers.capabilities().insertionOrder ? 'yes' : 'no');
  // --8<-- [end:servers]
}

async function errors() {
  // --8<-- [start:errors]
  try {
    new ByteStore('nosuch:');
  } catch (error) {
    console.log(error.code);
  }

  const store = new ByteStore();
  store.close();
  try {
    await store.mget(['tea']);
  } catch (error) {
    if (!(error instanceof ByteStoreError)) throw error; // what all of them are
    console.log(error.code);
  }
  // --8<-- [end:errors]
}

await open();
await batches();
await bounds();
await prefixes();
await compute();
await counters();
await snapshots();
await servers();
await errors();
