// Which text fits a question, with vectors that survive a restart: search.js FILE. The vectors are in FILE between runs,
// and 64 MiB of them in memory at most. The model here counts letters; a real one takes long, and is asked as seldom.

import { existsSync } from 'node:fs';

import { ByteStore } from 'bytestore';

const texts = ['buy oat milk and bread', 'renew the passport in May', 'call the plumber about the tap'];
const questions = ['what was it about the water tap', 'when does the passport end'];
let embedded = 0;

/** A value for each text: the bytes of a vector of length 1. */
async function embed(missing) {
  embedded += missing.length;
  return missing.map((text) => {
    const vector = new Float32Array(26);
    for (const letter of text.toLowerCase().match(/[a-z]/g) ?? []) {
      vector[letter.charCodeAt(0) - 97] += 1;
    }
    const length = Math.hypot(...vector);
    return new Uint8Array(vector.map((part) => part / length).buffer);
  });
}

/** Values lie side by side, wherever the last one ended: `slice` gives one a place of its own, as vectors need it. */
const vectorOf = (value) => new Float32Array(value.slice().buffer);

const similarity = (one, other) => one.reduce((sum, part, index) => sum + part * other[index], 0);

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: search.js FILE');
  process.exit(2);
}
const store = new ByteStore({ maxBytes: 64 * 2 ** 20 });
if (existsSync(file)) {
  await store.load(file);
}
const vectors = (await store.mgetOrCompute([...texts, ...questions], embed)).map(vectorOf);
for (const [index, question] of questions.entries()) {
  const scores = texts.map((_, text) => similarity(vectors[text], vectors[texts.length + index]));
  console.log(`${question}? ${texts[scores.indexOf(Math.max(...scores))]}`);
}
await store.save(file);
console.log(`embedded: ${embedded}, kept: ${store.size}`);
store.close();
