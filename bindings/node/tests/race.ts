// Workers that write to one store while this thread reads it: `race` of the conformance cases. As a worker it is a writer.

import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

import { ByteStore } from 'bytestore';

import type { Promises } from './subjects.js';

interface Writing {
  readonly url: string;
  readonly prefix: Uint8Array;
  readonly keys: Uint8Array[];
  readonly writer: number;
  readonly rounds: number;
  readonly kind: 'mset' | 'mdelete';
}

/** Every answer must be all of one batch, or all missing. */
export async function race(
  store: Promises,
  keys: Uint8Array[],
  writers: number,
  rounds: number,
  kind: 'mset' | 'mdelete',
): Promise<void> {
  const { url, prefix } = store;
  const workers = Array.from({ length: writers }, (_, writer) => {
    const writing: Writing = { url, prefix, keys, writer, rounds, kind };
    const worker = new Worker(new URL(import.meta.url), { workerData: writing });
    return new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code) => {
        if (code === 0) {
          resolve();
        } else {
          reject(new Error(`a writer ended with ${code}`));
        }
      });
    });
  });
  const state = { running: true };
  const written = Promise.all(workers).finally(() => (state.running = false));
  written.catch(() => undefined); // it is awaited below
  let torn: Set<string> | undefined;
  try {
    for (let last = false; !last;) {
      last = !state.running; // once more after the last writer is done
      const answers = await store.mget(keys);
      const values = new Set(answers.map((value) => (value === undefined ? 'missing' : Buffer.from(value).toString())));
      torn = values.size > 1 ? values : torn;
      await setImmediate();
    }
  } finally {
    await written; // also where reading fails: on a server the next case has the same keys
  }
  assert.equal(torn, undefined, `one answer mixes ${[...(torn ?? [])].join(' and ')}`);
}

function write({ url, prefix, keys, writer, rounds, kind }: Writing): void {
  const whole = new ByteStore(url);
  const store = whole.namespace(prefix);
  for (let round = 0; round < rounds; round++) {
    if (kind === 'mdelete' && round % 2 === 1) {
      store.mdeleteSync(keys);
    } else {
      const value = Buffer.from(`${writer}-${round}`);
      store.msetSync(keys.map((key) => [key, value]));
    }
  }
  store.close();
  whole.close();
}

if (!isMainThread) {
  write(workerData as Writing);
}
