// Measures the JavaScript binding beside its peers and prints a JSON line for each result: main.js [--quick].
//
// bytestore is measured in two forms: `promise` is mget and mset, `sync` is mgetSync and msetSync. What is compared runs
// within the same second, in turns; the keys of a slice are made before its time is taken.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { ALONE, shapes } from './plan.js';
import { BYTESTORE, STORES } from './stores.js';
import { Draws, KEY, key, value } from './workload.js';

const ROUNDS = 5;
const FILL = 10_000;
const SLICE = 32_768; // keys
const LONGEST_SLICE = 64 << 20; // bytes of values

function emit(record) {
  console.log(JSON.stringify(record));
}

async function fill(store, { entries, value: size }) {
  for (let start = 0; start < entries; start += FILL) {
    const count = Math.min(FILL, entries - start);
    await store.mset(Array.from({ length: count }, (_, index) => [key(start + index), value(start + index, size)]));
  }
}

/** Ends the run when answers are wrong. */
async function check(name, store, { entries, value: size }) {
  const step = Math.max(1, Math.floor(entries / 1000));
  const numbers = Array.from({ length: Math.floor(entries / step) }, (_, index) => index * step);
  const answers = await store.mget([...numbers.map(key), 'missing']);
  const right = numbers.every((number, index) => Buffer.compare(answers[index], value(number, size)) === 0);
  if (!right || answers[numbers.length] !== undefined) {
    throw new Error(`${name}: wrong answers`);
  }
}

/** Million keys a second. A promise is awaited, as its users do; what gives none is not. */
async function rate(call, batches) {
  const keys = batches.reduce((sum, batch) => sum + batch.length, 0);
  const start = process.hrtime.bigint();
  for (const batch of batches) {
    const answer = call(batch);
    if (answer instanceof Promise) {
      await answer;
    }
  }
  return (keys * 1000) / Number(process.hrtime.bigint() - start);
}

/** The rates of each call in each round; who begins changes from round to round. */
async function turns(calls, make) {
  const rates = Object.fromEntries(Object.keys(calls).map((name) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    const order = Object.keys(calls);
    for (const name of round % 2 ? order.reverse() : order) {
      const found = await rate(calls[name], make());
      if (round >= 0) {
        rates[name].push(Number(found.toFixed(4))); // the first round warms up
      }
    }
  }
  return rates;
}

async function measure(ours, theirs, peer, shape, { op, batch }) {
  const draws = new Draws(shape.entries, batch);
  const most = op === 'mset' ? Math.min(SLICE, LONGEST_SLICE / shape.value) : SLICE;
  const count = Math.max(1, Math.floor(most / batch));
  const make = () =>
    Array.from({ length: count }, () => (op === 'mset' ? draws.pairs(batch, shape.value) : draws.keys(batch)));
  const { store } = ours;
  const calls =
    op === 'mset'
      ? { promise: ours.mset, sync: (pairs) => store.msetSync(pairs), [peer]: theirs.mset }
      : { promise: ours.mget, sync: (keys) => store.mgetSync(keys), [peer]: theirs.mget };
  const rates = await turns(calls, make);
  for (const form of ['promise', 'sync']) {
    const where = {
      kind: 'language',
      language: 'node',
      op,
      form,
      entries: shape.entries,
      key: KEY,
      value: shape.value,
    };
    emit({ ...where, batch, threads: 1, peer, version: theirs.version, ours: rates[form], theirs: rates[peer] });
  }
}

/** Figures of a store in a process of its own. */
function alone() {
  const program = fileURLToPath(new URL('alone.js', import.meta.url));
  for (const store of ALONE.stores) {
    const output = execFileSync(process.execPath, ['--expose-gc', program, store], { encoding: 'utf8' });
    for (const [what, found] of Object.entries(JSON.parse(output))) {
      const where = { kind: 'language_figure', language: 'node', what, store, entries: ALONE.entries };
      emit({ ...where, value: Number(found.toFixed(2)) });
    }
  }
}

const quick = process.argv.includes('--quick');
if (!quick) {
  alone();
}
for (const shape of shapes(quick)) {
  const ours = STORES[BYTESTORE]();
  await fill(ours, shape);
  await check(BYTESTORE, ours, shape);
  for (const peer of shape.peers) {
    const theirs = STORES[peer](shape.entries);
    await fill(theirs, shape);
    await check(peer, theirs, shape);
    for (const each of shape.cases) {
      await measure(ours, theirs, peer, shape, each);
    }
    await theirs.close();
  }
  ours.close();
}
