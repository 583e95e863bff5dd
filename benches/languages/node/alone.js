// One store in a process of its own: alone.js STORE prints what an entry takes, and how long a forced collection is.

import { ALONE } from './plan.js';
import { STORES } from './stores.js';
import { key, value } from './workload.js';

const FILL = 10_000;

function resident() {
  globalThis.gc();
  return process.memoryUsage.rss();
}

const store = STORES[process.argv[2]](ALONE.entries);
const before = resident();
for (let start = 0; start < ALONE.entries; start += FILL) {
  await store.mset(Array.from({ length: FILL }, (_, index) => [key(start + index), value(start + index, ALONE.value)]));
}
const entry = (resident() - before) / ALONE.entries;
const times = Array.from({ length: 5 }, () => {
  const start = performance.now();
  globalThis.gc();
  return performance.now() - start;
}).sort((one, other) => one - other);
console.log(JSON.stringify({ resident_per_entry: entry, gc_ms: times[2] }));
await store.close();
