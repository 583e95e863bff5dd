// All languages' conformance cases, and that their harness can fail.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { ByteStoreError } from 'bytestore';

import { allCases, SERVER, type Step } from './cases.js';
import { Case } from './harness.js';
import { AtOnce, Promises, Strings, SUBJECTS } from './subjects.js';

const cases = allCases();
let passed = 0;
let asStrings = 0;

after(() => {
  console.log(`conformance: ${passed} passed, ${cases.length - passed} failed`);
});

test('there are cases, each with a name of its own', () => {
  assert.ok(cases.length > 400 || SERVER !== undefined);
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
});

for (const { name, steps } of cases) {
  test(`case ${name}`, async () => {
    for (const kind of SUBJECTS) {
      const run = new Case(kind);
      try {
        await run.run(steps);
        asStrings += kind === Strings ? 1 : 0;
      } catch (error) {
        const noString = kind === Strings && error instanceof TypeError && error.message.includes('is not UTF-8');
        if (!noString || !JSON.stringify(steps).includes('%')) {
          throw error;
        }
      } finally {
        run.close();
      }
    }
    passed++;
  });
}

test('most cases run with strings', () => {
  assert.ok(asStrings > cases.length * 0.8, String(asStrings));
});

const BEFORE: Step[] = [
  { do: 'mset', pairs: [['a', '1'], ['b', '2']] }, // prettier-ignore
  { do: 'open', url: 'memory:?clock=manual&max_entries=1', store: 'manual' },
  { do: 'save', as: 's' },
];

const WRONG: Step[] = [
  { do: 'mget', keys: ['a'], expect: ['2'] },
  { do: 'mget', keys: ['a'], expect: [null] },
  { do: 'mget', keys: ['x'], expect: [''] },
  { do: 'mget', keys: ['a'], expect: ['1', '1'] },
  { do: 'mget', keys: ['a'], error: 'closed_handle' },
  { do: 'mget', keys: ['a'] },
  { do: 'mget', keys: ['a'], expect: ['1'], unknown: 1 },
  { do: 'mget', keys: ['a'], expect: ['1'], store: 'other' },
  { do: 'mget', keys: [1], expect: ['1'] },
  { do: 'mget', keys: { count: 1, pattern: 'a', other: 1 }, expect: ['1'] },
  { do: 'mdelete', keys: ['a'], removed: 0 },
  { do: 'mset', pairs: [['a']] },
  { do: 'mset', pairs: [], ttl: 0 },
  { do: 'mset', pairs: [], ttl: '1s' },
  { do: 'mset', pairs: [], ttl: 1, error: 'invalid_argument' },
  { do: 'mset', pairs: [['a', ''], ['b', '']], store: 'manual' }, // prettier-ignore
  { do: 'keys', expect: [] },
  { do: 'keys', expect: ['b', 'a'] },
  { do: 'len', expect: 1 },
  { do: 'open', url: 'nosuch:', store: 'x' },
  { do: 'open', url: 'nosuch:', store: 'x', error: 'closed_handle' },
  { do: 'open', url: 'memory:', store: 'x', error: 'invalid_argument' },
  { do: 'open', snapshot: 's', store: 'x', error: 'bad_snapshot' },
  { do: 'open', snapshot: 'none', store: 'x' },
  { do: 'open', store: 'x' },
  { do: 'advance', ms: 1 },
  { do: 'advance', ms: 1, error: 'closed_handle' },
  { do: 'advance', ms: 1, store: 'manual', error: 'invalid_argument' },
  { do: 'counters', expect: { sets: 1 } },
  { do: 'counters', expect: { nosuch: 0 } },
  { do: 'counters' },
  { do: 'count', prefix: 'a', expect: 2 },
  { do: 'delete_prefix', prefix: 'a', removed: 2 },
  { do: 'page', page: 'p', take: 1, expect: ['b'] },
  { do: 'page', page: 'p', take: 1, expect: ['a', 'b'] },
  { do: 'page', page: 'p', take: 1, error: 'closed_handle' },
  { do: 'namespace', prefix: 'a' },
  { do: 'namespace', prefix: 'a', as: 'manual' },
  { do: 'namespace', prefix: 'a', as: 'view', error: 'closed_handle' },
  { do: 'compute', keys: ['a', 'x'], missing: ['x'], values: ['1'], expect: ['1', '2'] },
  { do: 'compute', keys: ['a', 'x'], missing: ['a', 'x'], values: ['1', '1'], expect: ['1', '1'] },
  { do: 'compute', keys: ['x', 'y'], missing: ['y', 'x'], values: ['1', '1'], expect: ['1', '1'] },
  { do: 'compute', keys: ['x'], missing: ['x'], values: ['1', '1'], expect: ['1'] },
  { do: 'compute', keys: ['a'], missing: ['a'], fails: true },
  { do: 'compute', keys: ['x'], missing: ['x'], fails: false },
  { do: 'compute', keys: ['x'], missing: ['x'], values: ['1'], error: 'over_limit' },
  { do: 'save', as: 't', error: 'closed_handle' },
  { do: 'save', as: 's' },
  { do: 'load', from: 's', error: 'closed_handle' },
  { do: 'load', from: 's', cut: 1 },
  { do: 'load', from: 's', cut: 1, error: 'over_limit' },
  { do: 'load', from: 's', flip: 30 },
  { do: 'load', from: 's', flip: 1e6, error: 'bad_snapshot' },
  { do: 'scan_rest', scan: 'none', expect: [] },
  { do: 'race', keys: ['a'], writers: 1, rounds: 1, with: 'mget' },
  { do: 'nosuch' },
];

for (const kind of SUBJECTS) {
  test(`the harness sees what is wrong: ${kind.name}`, async () => {
    for (const step of WRONG) {
      const run = new Case(kind);
      await run.run(BEFORE);
      await assert.rejects(run.run([step]), JSON.stringify(step));
      run.close();
    }
  });
}

test('the harness sees a torn batch', async () => {
  // One that reads key by key, as others write.
  class Torn extends AtOnce {
    override async mget(keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
      const answers = [];
      for (const key of keys) {
        answers.push(this.store.getSync(key));
        await new Promise(setImmediate);
      }
      return answers;
    }
  }
  const step = { do: 'race', keys: { count: 50, pattern: 'k{i}' }, writers: 2, rounds: 2000, with: 'mset' };
  const run = new Case(Torn);
  await assert.rejects(run.run([step]), /mixes/);
  run.close();
});

test('a file that differs from memory is seen', async () => {
  class Different extends Promises {
    override async saveBytes(): Promise<Uint8Array> {
      return Buffer.concat([await super.saveBytes(), new Uint8Array(1)]);
    }
  }
  class Refusing extends Promises {
    override async load(): Promise<void> {
      return Promise.reject(new ByteStoreError('bad_snapshot', 'refused'));
    }
  }
  await assert.rejects(new Case(Different).run([{ do: 'save', as: 's' }]));
  await assert.rejects(new Case(Refusing).run([{ do: 'save', as: 's' }, { do: 'load', from: 's', error: 'bad_snapshot' }])); // prettier-ignore
});
