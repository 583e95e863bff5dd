// The steps of a conformance case. Knows how an answer is compared, not how a store is called.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ByteStore, ByteStoreError, type Stats } from 'bytestore';

import { equal, equalKeys, Fields, hex, natural, SERVER, toAnswers, toBytes, toList, toPairs, toText, toTtl, UnknownForm, type Form, type Step } from './cases.js'; // prettier-ignore
import { race } from './race.js';
import { fresh, type Promises } from './subjects.js';

/** What a computation of a case fails with. */
class Failed extends Error {}

/** A case under way: its stores, scans, pages and snapshots. */
export class Case {
  private readonly stores = new Map<string, Promises>();
  private readonly scans = new Map<string, AsyncGenerator<Uint8Array, void, undefined>>();
  private readonly pages = new Map<string, bigint>();
  readonly due = new Map<string, [Uint8Array[], Uint8Array[]][]>();
  readonly snapshots = new Map<string, Uint8Array>();

  constructor(private readonly kind: typeof Promises) {
    this.stores.set('', fresh(kind));
  }

  async run(steps: Step[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      try {
        await this.step(new Fields(step));
      } catch (error) {
        if (error instanceof Error && !(error instanceof TypeError)) {
          error.message = `step ${index + 1}, ${JSON.stringify(step).slice(0, 200)}: ${error.message}`;
        }
        throw error;
      }
    }
  }

  close(): void {
    this.stores.forEach((store) => {
      store.store.close();
    });
  }

  private async step(step: Fields): Promise<void> {
    const doing = toText(step.take('do'));
    const name = toText(step.may('store') ?? '');
    const error = step.may('error');
    const way = WAYS[doing];
    const store = this.stores.get(name);
    if (way === undefined || (store === undefined && doing !== 'open')) {
      throw new UnknownForm(`unknown operation ${doing}, or store ${name}`);
    }
    // Fields are read before anything is done, so that what is unknown is no failure that was wanted.
    const act = way.call(this, step, store as Promises, name, error !== undefined);
    step.end();
    if (error === undefined) {
      await act();
      return;
    }
    await assert.rejects(act(), (found) => {
      assert.ok(found instanceof ByteStoreError, String(found));
      assert.equal(found.code, toText(error));
      return true;
    });
  }

  private add(name: string, store: Promises): void {
    if (name === '' || this.stores.has(name)) {
      store.store.close();
      throw new UnknownForm('a further store has a new name');
    }
    this.stores.set(name, store);
  }

  open(step: Fields, name: string): () => Promise<void> {
    const text = step.has('url') ? toText(step.take('url')) : undefined;
    const bytes = text === undefined ? this.saved(step.take('snapshot')) : undefined;
    return async () => {
      await withFile(async (path) => {
        if (bytes !== undefined) {
          writeFileSync(path, bytes);
        }
        const url = text ?? `snapshot:${path}`;
        const store = this.kind.name === 'AtOnce' ? new ByteStore(url) : await ByteStore.open({ url });
        this.add(name, new this.kind(store, url));
      });
    };
  }

  saved(name: Form): Uint8Array {
    const snapshot = this.snapshots.get(toText(name));
    if (snapshot === undefined) {
      throw new UnknownForm('nothing was saved so');
    }
    return snapshot;
  }

  addNamespace(name: string, store: Promises, prefix: Uint8Array): void {
    this.add(name, store.namespace(prefix));
  }

  async page(id: string, store: Promises, prefix: Uint8Array, take: number, expect: Uint8Array[]): Promise<void> {
    // As who hands a position out to a client gets it back.
    const [keys, end] = await store.page(prefix, BigInt(String(this.pages.get(id) ?? 0)), take);
    this.pages.set(id, end);
    equalKeys(keys, expect);
  }

  startScan(id: string, scan: AsyncGenerator<Uint8Array, void, undefined>): void {
    if (this.scans.has(id)) {
      throw new UnknownForm('a new scan has a new name');
    }
    this.scans.set(id, scan);
  }

  async scanned(id: string, most: number): Promise<Uint8Array[]> {
    const scan = this.scans.get(id);
    if (scan === undefined) {
      throw new UnknownForm(`there is no scan ${id}`);
    }
    const keys: Uint8Array[] = [];
    while (keys.length < most) {
      const { value, done } = await scan.next();
      if (done === true) {
        break;
      }
      keys.push(value);
    }
    return keys;
  }
}

type Way = (this: Case, step: Fields, store: Promises, name: string, fails: boolean) => () => Promise<void>;

const WAYS: Partial<Record<string, Way>> = {
  open(step, _store, name) {
    return this.open(step, name);
  },
  namespace(step, store) {
    const [prefix, name] = [toBytes(step.take('prefix')), toText(step.take('as'))];
    return async () => {
      this.addNamespace(name, store, prefix);
    };
  },
  close(_step, store) {
    return async () => {
      store.store.close();
    };
  },
  mset(step, store) {
    const [[keys, values], ttl] = [toPairs(step.take('pairs')), toTtl(step.may('ttl'))];
    const scribble = step.may('scribble') === true;
    const [ownKeys, ownValues] = scribble ? [copies(keys), copies(values)] : [keys, values];
    return async () => {
      try {
        await store.mset(ownKeys, ownValues, ttl);
      } finally {
        scribbleOver(scribble ? [...ownKeys, ...ownValues] : []);
      }
    };
  },
  mget(step, store, _name, fails) {
    const keys = copies(toList(step.take('keys')));
    const expect = fails ? [] : toAnswers(step.take('expect'));
    const scribble = step.may('scribble') === true;
    return async () => {
      const answer = await store.mget(keys);
      equal(answer, expect);
      scribbleOver(scribble ? [...keys, ...answer.filter((value) => value !== undefined)] : []);
    };
  },
  mdelete(step, store, _name, fails) {
    const keys = copies(toList(step.take('keys')));
    const removed = fails ? 0 : natural(step.take('removed'));
    const scribble = step.may('scribble') === true;
    return async () => {
      assert.equal(await store.mdelete(keys), removed);
      scribbleOver(scribble ? keys : []);
    };
  },
  keys(step, store, _name, fails) {
    const prefix = toBytes(step.may('prefix') ?? '');
    const expect = fails ? [] : toList(step.take('expect'));
    return async () => {
      equalKeys(await all(store.scan(prefix)), expect);
    };
  },
  len(step, store, _name, fails) {
    const expect = fails ? 0 : natural(step.take('expect'));
    return async () => {
      assert.equal(await store.length(), expect);
    };
  },
  count(step, store, _name, fails) {
    const prefix = toBytes(step.take('prefix'));
    const expect = fails ? 0 : natural(step.take('expect'));
    return async () => {
      assert.equal(await store.count(prefix), expect);
    };
  },
  delete_prefix(step, store, _name, fails) {
    const prefix = toBytes(step.take('prefix'));
    const removed = fails ? 0 : natural(step.take('removed'));
    return async () => {
      assert.equal(await store.deletePrefix(prefix), removed);
    };
  },
  page(step, store, name, fails) {
    const [id, take] = [`${toText(step.take('page'))} ${name}`, natural(step.take('take'))];
    const prefix = toBytes(step.may('prefix') ?? '');
    const expect = fails ? [] : toList(step.take('expect'));
    return async () => this.page(id, store, prefix, take, expect);
  },
  compute(step, store, _name, fails) {
    const [keys, missing, ttl] = [toList(step.take('keys')), toList(step.take('missing')), toTtl(step.may('ttl'))];
    const failing = step.has('fails');
    if (failing && step.take('fails') !== true) {
      throw new UnknownForm('fails is true or absent');
    }
    const values = failing || missing.length === 0 ? [] : toList(step.take('values'));
    const expect = failing || fails ? [] : toList(step.take('expect'));
    return async () => {
      const asked: Uint8Array[][] = [];
      const compute = (some: Uint8Array[]): Uint8Array[] => {
        asked.push(some);
        if (failing) {
          throw new Failed();
        }
        return values;
      };
      if (failing) {
        await assert.rejects(store.compute(keys, compute, ttl), Failed);
      } else {
        equal(await store.compute(keys, compute, ttl), expect);
      }
      assert.equal(asked.length, missing.length === 0 ? 0 : 1);
      equal(asked.flat(), missing);
    };
  },
  advance(step, store) {
    const duration = natural(step.take('ms'));
    return async () => {
      store.store.advanceClock(duration);
    };
  },
  counters(step, store, _name, fails) {
    const expect = fails ? {} : (step.take('expect') as Record<string, Form>);
    new Fields(expect); // or it is none
    return async () => {
      compareCounters(store.store.stats(), expect);
    };
  },
  save(step, store, _name, fails) {
    const name = toText(step.take('as'));
    if (this.snapshots.has(name)) {
      throw new UnknownForm('a new snapshot has a new name');
    }
    return async () => {
      await withFile(async (path, folder) => {
        const saved = await alike(
          () => store.saveBytes(),
          () => store.save(path),
        );
        assert.ok(!fails);
        assert.deepEqual(Buffer.from(saved), readFileSync(path));
        assert.equal(readdirSync(folder).length, 1);
        this.snapshots.set(name, saved);
      });
    };
  },
  load(step, store) {
    const cut = natural(step.may('cut') ?? 0);
    const whole = Buffer.from(this.saved(step.take('from')));
    const snapshot = whole.subarray(0, Math.max(whole.length - cut, 0));
    if (step.has('flip')) {
      const place = natural(step.take('flip'));
      if (place >= snapshot.length) {
        throw new UnknownForm(`there is no byte ${place}`);
      }
      snapshot[place] = (snapshot[place] ?? 0) ^ 1;
    }
    return async () => {
      await withFile(async (path) => {
        writeFileSync(path, snapshot);
        await alike(
          () => store.loadBytes(snapshot),
          () => store.load(path),
        );
      });
    };
  },
  scan_start(step, store) {
    const [id, prefix] = [toText(step.take('scan')), toBytes(step.may('prefix') ?? '')];
    return async () => {
      this.startScan(id, store.scan(prefix));
    };
  },
  // On a server, which keeps no order, what a scan gives altogether is compared at its end.
  scan_next(step) {
    const [id, take, expect] = [toText(step.take('scan')), natural(step.take('take')), toList(step.take('expect'))];
    return async () => {
      const keys = await this.scanned(id, take);
      if (SERVER === undefined) {
        equalKeys(keys, expect);
      } else {
        this.due.set(id, [...(this.due.get(id) ?? []), [keys, expect]]);
      }
    };
  },
  scan_rest(step) {
    const [id, expect] = [toText(step.take('scan')), toList(step.take('expect'))];
    const optional = new Set(toList(step.may('may_include') ?? []).map(hex));
    return async () => {
      const before = this.due.get(id) ?? [];
      const rest = [...before.flatMap(([keys]) => keys), ...(await this.scanned(id, Infinity))];
      assert.equal(new Set(rest.map(hex)).size, rest.length, 'a key comes twice');
      const sure = (keys: Uint8Array[]): Uint8Array[] => keys.filter((key) => !optional.has(hex(key)));
      equalKeys(sure(rest), sure([...before.flatMap(([, keys]) => keys), ...expect]));
    };
  },
  race(step, store) {
    const [keys, writers, rounds] = [
      toList(step.take('keys')),
      natural(step.take('writers')),
      natural(step.take('rounds')),
    ];
    const kind = toText(step.take('with'));
    if (kind !== 'mset' && kind !== 'mdelete') {
      throw new UnknownForm(`race with ${kind}`);
    }
    return () => race(store, keys, writers, rounds, kind);
  },
};

const copies = (all: Uint8Array[]): Uint8Array[] => all.map((bytes) => Uint8Array.from(bytes));

function scribbleOver(all: Uint8Array[]): void {
  all.forEach((bytes) => bytes.fill(0xa5));
}

async function all(scan: AsyncGenerator<Uint8Array, void, undefined>): Promise<Uint8Array[]> {
  const keys: Uint8Array[] = [];
  for await (const key of scan) {
    keys.push(key);
  }
  return keys;
}

function compareCounters(stats: Stats, expect: Record<string, Form>): void {
  for (const [name, value] of Object.entries(expect)) {
    const own = name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (!(own in stats)) {
      throw new UnknownForm(`there is no counter ${name}`);
    }
    assert.equal(stats[own as keyof Stats] ?? 0, natural(value), name);
  }
}

/** What memory gives; when it fails, the file must fail alike. */
async function alike<T>(memory: () => Promise<T>, file: () => Promise<void>): Promise<T> {
  const [first, second] = await Promise.allSettled([memory(), file()]);
  const code = (end: PromiseSettledResult<unknown>): unknown => end.status === 'rejected' ? (end.reason as ByteStoreError).code : undefined; // prettier-ignore
  assert.equal(code(second), code(first));
  if (first.status === 'rejected') {
    throw first.reason;
  }
  return first.value;
}

/** A path that no file has yet, in a folder of its own that goes. */
async function withFile(use: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bytestore-'));
  try {
    await use(join(folder, 'snapshot'), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
