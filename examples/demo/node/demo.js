// The demonstration in JavaScript: the guide, then every file of a manifest into the store and back.
//
// demo.js MANIFEST OUTDIR: the manifest's first line is a directory, the others are paths of files in it.

import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { ByteStore } from 'bytestore';

const BATCH = 64;
const PROGRESS_LINES = 50;

/** What LangChain's documentation shows of a store. */
async function guide() {
  const store = new ByteStore();
  await store.mset([
    ['key1', Buffer.from('value1')],
    ['key2', Buffer.from('value2')],
  ]);
  const values = await store.mget(['key1', 'key2']);
  await store.mdelete(['key1']);
  const left = await store.mget(['key1', 'key2']);
  console.log(
    `guide: mget gives ${values.map(text).join(', ')}, and after mdelete of key1 ${left.map(text).join(', ')}`,
  );
  store.close();
}

const text = (value) => (value ? Buffer.from(value).toString() : 'undefined');

/** Some of the paths at a time. Names of files need not be UTF-8: they are bytes, in keys too. */
function* batches(paths) {
  for (let start = 0; start < paths.length; start += BATCH) {
    yield paths.slice(start, start + BATCH);
  }
}

/** The lines of a file, as bytes. */
function lines(path) {
  const content = readFileSync(path);
  const found = [];
  for (let start = 0, end; (end = content.indexOf('\n', start)) >= 0; start = end + 1) {
    found.push(content.subarray(start, end));
  }
  return found;
}

/** Says from time to time how far it is. */
class Progress {
  done = 0;
  said = 0;

  constructor(total) {
    this.total = total;
  }

  advance(count) {
    this.done += count;
    const part = Math.floor((this.done * PROGRESS_LINES) / this.total);
    if (part > this.said) {
      this.said = part;
      console.log(`progress ${this.done} ${this.total}`);
    }
  }
}

const [manifest, out] = process.argv.slice(2);
const [root, ...paths] = lines(manifest);
await guide();

const store = new ByteStore();
const progress = new Progress(2 * paths.length);
let size = 0;
let msetSeconds = 0;
let mgetSeconds = 0;

let memory = process.memoryUsage.rss();
for (const batch of batches(paths)) {
  const pairs = batch.map((path) => [path, readFileSync(Buffer.concat([root, Buffer.from('/'), path]))]);
  const started = performance.now();
  await store.mset(pairs);
  msetSeconds += (performance.now() - started) / 1000;
  size += pairs.reduce((sum, [, content]) => sum + content.length, 0);
  progress.advance(batch.length);
}
memory = process.memoryUsage.rss() - memory;

const sums = openSync(join(out, 'sha256'), 'w');
for (const batch of batches(paths)) {
  const started = performance.now();
  const contents = await store.mget(batch);
  mgetSeconds += (performance.now() - started) / 1000;
  batch.forEach((path, index) => {
    const content = contents[index];
    if (content === undefined) {
      throw new Error(`${path} is missing`);
    }
    const digest = createHash('sha256').update(content).digest('hex');
    writeSync(sums, Buffer.concat([Buffer.from(`${digest}  `), path, Buffer.from('\n')]));
  });
  progress.advance(batch.length);
}
closeSync(sums);

let prefix = 0;
for await (const _ of store.yieldKeys('json/', { as: 'bytes' })) {
  prefix++;
}
console.log(`prefix: ${prefix} keys begin with json/`);
const result = {
  language: 'node',
  entries: store.size,
  bytes: size,
  mset_seconds: msetSeconds,
  mget_seconds: mgetSeconds,
  prefix,
  rss_bytes: memory,
};
console.log('result', JSON.stringify(result));
