// A native store as JavaScript holds it: one crossing a batch, at once or on another thread. Knows no promise of callers.

import { isMainThread } from 'node:worker_threads';

import * as abi from './abi.js';
import { Answers } from './answers.js';
import { Cursor } from './cursor.js';
import { ByteStoreError, check, checkFile } from './errors.js';
import { Flights } from './flights.js';
import { encodeKey, type Key } from './keys.js';
import { library, viewOf } from './library.js';
import { Area, Room, split, Words, type Packed } from './memory.js';
import { withoutPassword } from './options.js';
import { inThread, inThreadWithErrno } from './threads.js';
import type { Value } from './values.js';

const ROOM = 1 << 18; // bytes of a batch: a part of the second-level cache
const MOST_KEYS = 1024;
const MOST_GUESSED = 1 << 28; // bytes

// Memory of this thread's. Between a call and the reading of its answer nobody else's code runs.
const keyRoom = new Room(ROOM / 4, MOST_KEYS);
const valueRoom = new Room(4 * ROOM, MOST_KEYS);
const elsewhere = new Room(0, 0); // for calls that are waited for: memory of their own, each time
const answerRoom = new Area(MOST_KEYS, ROOM);
const number = new Words(2);

// What nobody has closed: with its last reference, and at the end of a worker, whose process goes on.
const registry = new FinalizationRegistry<bigint>((id) => {
  open.delete(id);
  library.close(id);
});
const open = new Set<bigint>();
if (!isMainThread) {
  process.on('exit', () => {
    open.forEach((id) => library.close(id));
  });
}

/** Owns one store: closed by `close()`, else some time after its last reference is gone. */
export class Handle {
  /** As it may be shown. */
  readonly url: string;
  /** What its keys begin with in the store, where it is a namespace. */
  readonly prefix: Uint8Array;
  /** What is being computed: the same for all namespaces. */
  readonly flights: Flights;
  /** Whether it is on a server: its calls wait for others, who may fail. */
  readonly isRemote: boolean;
  private usual = 0; // how long the values of an mget are on average, of those of late where they are longest

  private constructor(
    private readonly id: bigint,
    url: string,
    parent?: Handle,
    prefix?: Uint8Array,
  ) {
    open.add(id);
    registry.register(this, id, this);
    this.url = url;
    this.prefix = Buffer.concat([parent?.prefix ?? new Uint8Array(), prefix ?? new Uint8Array()]);
    this.flights = parent?.flights ?? new Flights();
    this.isRemote = parent?.isRemote ?? (this.capabilities() & abi.CAN_MEASURE) === 0;
  }

  static open(url: string): Handle {
    const call = new Opening(url);
    return Handle.opened(call, library.open(call.text, call.store.address, call.badPart.address));
  }

  /** As `open`; a file is read on another thread. */
  static async openInThread(url: string): Promise<Handle> {
    const call = new Opening(url);
    const { status, errno } = await inThreadWithErrno(library.open, call.text, call.store.address, call.badPart.address); // prettier-ignore
    return Handle.opened(call, status, errno);
  }

  private static opened(call: Opening, status: number, errno?: number): Handle {
    call.check(status, errno);
    return new Handle(call.store.big[0] ?? 0n, withoutPassword(call.url));
  }

  namespace(prefix: Key): Handle {
    const bytes = encodeKey(prefix);
    this.check(library.namespace(this.id, bytes, bytes.byteLength, number.address));
    return new Handle(number.big[0] ?? 0n, this.url, this, bytes);
  }

  mget(keys: readonly Key[]): (Value | undefined)[] {
    const count = keys.length;
    const packed = keyRoom.keys(keys);
    let size = this.expected(count);
    if (count <= MOST_KEYS && size <= ROOM) {
      this.check(library.mget_into(this.id, count, packed.items, packed.lens, answerRoom.address));
      size = this.learn(count, answerRoom.found);
      if (size <= ROOM) {
        return split(answerRoom.bytes.slice(0, size), answerRoom.lens, count);
      }
    }
    for (;;) {
      const area = new Area(count, size);
      this.check(library.mget_into(this.id, count, packed.items, packed.lens, area.address));
      size = this.learn(count, area.found);
      if (size <= area.bytes.length) {
        return area.answers();
      }
    }
  }

  /** As `mget`. A server is asked once, however much it answers; memory may be asked again. */
  async mgetInThread(keys: readonly Key[]): Promise<(Value | undefined)[]> {
    const { count, items, lens } = elsewhere.keys(keys);
    if (this.isRemote) {
      const answers = new Answers();
      this.check(await inThread(library.mget, this.id, count, items, lens, answers.address));
      return answers.take();
    }
    let size = this.expected(count);
    for (;;) {
      const area = new Area(count, size);
      this.check(await inThread(library.mget_into, this.id, count, items, lens, area.address));
      size = this.learn(count, area.found);
      if (size <= area.bytes.length) {
        return area.answers();
      }
    }
  }

  /** How many bytes an answer with so many values is likely to have; a lot of memory is not asked for on a guess. */
  private expected(count: number): number {
    return Math.min(Math.ceil(this.usual * count), MOST_GUESSED);
  }

  /** How many an answer had. */
  private learn(count: number, found: number): number {
    this.usual = Math.max(found / (count || 1), this.usual * 0.9);
    return found;
  }

  mset(keys: readonly Key[], values: readonly Uint8Array[], ttl: bigint | undefined): void {
    const [names, contents] = [keyRoom.keys(keys), valueRoom.values(values, true)];
    const { id } = this;
    const status =
      ttl === undefined
        ? library.mset(id, names.count, names.items, names.lens, contents.items, contents.lens)
        : library.mset_ttl(id, names.count, names.items, names.lens, contents.items, contents.lens, ttl);
    this.check(status, () => tooMuch(this.url, names, contents));
  }

  async msetInThread(keys: readonly Key[], values: readonly Uint8Array[], ttl: bigint | undefined): Promise<void> {
    const [names, contents] = [elsewhere.keys(keys), elsewhere.values(values)];
    const { id } = this;
    const status = await (ttl === undefined
      ? inThread(library.mset, id, names.count, names.items, names.lens, contents.items, contents.lens)
      : inThread(library.mset_ttl, id, names.count, names.items, names.lens, contents.items, contents.lens, ttl));
    this.check(status, () => tooMuch(this.url, names, contents));
  }

  mdelete(keys: readonly Key[]): number {
    const packed = keyRoom.keys(keys);
    this.check(library.mdelete(this.id, packed.count, packed.items, packed.lens, number.address));
    return number.number(0);
  }

  async mdeleteInThread(keys: readonly Key[]): Promise<number> {
    const packed = elsewhere.keys(keys);
    const removed = new Words(1);
    this.check(await inThread(library.mdelete, this.id, packed.count, packed.items, packed.lens, removed.address));
    return removed.number(0);
  }

  length(): number {
    this.check(library.len(this.id, number.address));
    return number.number(0);
  }

  count(prefix: Key): number {
    const bytes = encodeKey(prefix);
    this.check(library.count(this.id, bytes, bytes.byteLength, number.address));
    return number.number(0);
  }

  async countInThread(prefix: Key): Promise<number> {
    const [bytes, count] = [encodeKey(prefix), new Words(1)];
    this.check(await inThread(library.count, this.id, bytes, bytes.byteLength, count.address));
    return count.number(0);
  }

  deletePrefix(prefix: Key): number {
    const bytes = encodeKey(prefix);
    this.check(library.delete_prefix(this.id, bytes, bytes.byteLength, number.address));
    return number.number(0);
  }

  async deletePrefixInThread(prefix: Key): Promise<number> {
    const [bytes, removed] = [encodeKey(prefix), new Words(1)];
    this.check(await inThread(library.delete_prefix, this.id, bytes, bytes.byteLength, removed.address));
    return removed.number(0);
  }

  /** The keys with this prefix, from a position on, a page at a time. */
  cursor(prefix: Key, position = 0n): Cursor {
    const bytes = encodeKey(prefix);
    this.check(library.keys_from(this.id, bytes, bytes.byteLength, position, number.address));
    return new Cursor(number.big[0] ?? 0n, this);
  }

  /** What is counted, by the names of the C interface. */
  counters(): Record<Counter, number> {
    const names = Object.keys(abi.STRUCTS.bytestore_counters) as Counter[];
    const words = new Words(names.length);
    words.big[0] = BigInt(names.length * abi.WORD);
    this.check(library.read_counters(this.id, words.address));
    return Object.fromEntries(names.map((name, place) => [name, words.number(place)])) as Record<Counter, number>;
  }

  advance(milliseconds: bigint): void {
    const status = library.advance_clock(this.id, milliseconds);
    this.check(status, () => `${this.url} may have the system's clock: open it with { manualClock: true }`);
  }

  capabilities(): number {
    this.check(library.capabilities(this.id, number.address));
    return Number((number.big[0] ?? 0n) & 0xffffffffn); // bits, not a sum
  }

  save(path: string, level: number): void {
    checkFile(library.save(this.id, path, level), path);
  }

  async saveInThread(path: string, level: number): Promise<void> {
    const done = await inThreadWithErrno(library.save, this.id, path, level);
    checkFile(done.status, path, done.errno);
  }

  saveBytes(level: number): Value {
    const answers = new Answers();
    this.check(library.save_buffer(this.id, level, answers.address));
    return answers.takeOne();
  }

  async saveBytesInThread(level: number): Promise<Value> {
    const answers = new Answers();
    this.check(await inThread(library.save_buffer, this.id, level, answers.address));
    return answers.takeOne();
  }

  load(path: string): void {
    checkFile(library.load(this.id, path), path);
  }

  async loadInThread(path: string): Promise<void> {
    const done = await inThreadWithErrno(library.load, this.id, path);
    checkFile(done.status, path, done.errno);
  }

  loadBytes(snapshot: Uint8Array): void {
    this.check(library.load_buffer(this.id, snapshot, snapshot.byteLength));
  }

  /** The snapshot is read meanwhile: it must be nobody else's. */
  async loadBytesInThread(snapshot: Uint8Array): Promise<void> {
    this.check(await inThread(library.load_buffer, this.id, snapshot, snapshot.byteLength));
  }

  /** How much of how much the saving or loading that is under way has done. */
  progress(): { done: number; total: number } {
    this.check(library.progress(this.id, number.address, number.address + BigInt(abi.WORD)));
    return { done: number.number(0), total: number.number(1) };
  }

  /** Whether a batch of so many keys, of values of so many bytes or of the usual ones, should be waited for. */
  isSlow(count: number, size = count * this.usual): boolean {
    return this.isRemote || count >= MANY || size >= MUCH;
  }

  /** Whether a walk through the keys should be: where few have the prefix, the next page may be far. */
  isSlowToWalk(prefix: Key): boolean {
    return this.isRemote || (this.prefix.length + prefix.length > 0 && this.counters().entries >= FAR);
  }

  /** Throws what the status of a call stands for; of a server that failed, with what it said. */
  check(status: number, detail: () => string = () => ''): void {
    if (status !== abi.OK) {
      check(status, status === abi.ERR_REMOTE_FAILURE ? this.remoteMessage() : describe(status, detail));
    }
  }

  private remoteMessage(): string {
    const answers = new Answers();
    // Closed meanwhile it says nothing more.
    return library.remote_message(this.id, answers.address) === abi.OK ? Buffer.from(answers.takeOne()).toString() : '';
  }

  /** Frees the store once running calls are through. Closing again does nothing. */
  close(): void {
    registry.unregister(this);
    open.delete(this.id);
    const status = library.close(this.id);
    if (status !== abi.ERR_CLOSED_HANDLE) {
      this.check(status);
    }
  }
}

type Counter = keyof typeof abi.STRUCTS.bytestore_counters;

// From here on a batch is worth another thread, which costs some 0.1 ms.
const MANY = 4096;
const MUCH = 1 << 20;
const FAR = 1 << 16;

/** The memory of one call that opens a store. */
class Opening {
  readonly text: Uint8Array; // our own: the part at fault points into it
  readonly store = new Words(1);
  readonly badPart = new Words(Object.keys(abi.STRUCTS.bytestore_slice).length);

  constructor(readonly url: string) {
    if (url.includes('\0')) {
      throw new ByteStoreError('invalid_argument', `the url ${JSON.stringify(withoutPassword(url))} contains a NUL`);
    }
    this.text = Buffer.from(`${url}\0`);
  }

  check(status: number, errno?: number): void {
    const where = `the url ${JSON.stringify(withoutPassword(this.url))}`;
    if (this.url.startsWith('snapshot:')) {
      checkFile(status, this.url.slice('snapshot:'.length), errno);
    }
    const part = Buffer.from(viewOf(this.badPart.big[0] ?? 0n, this.badPart.number(1))).toString();
    check(status, part === '' ? where : `${JSON.stringify(withoutPassword(part))} in ${where}`);
  }
}

/** What is known beside the status is said where it is about the arguments. */
function describe(status: number, detail: () => string): string {
  return status === abi.ERR_INVALID_ARGUMENT || status === abi.ERR_OVER_LIMIT ? detail() : '';
}

function tooMuch(url: string, keys: Packed, values: Packed): string {
  return `${keys.count} pairs of ${keys.size + values.size} bytes in one batch, the store is ${url}`;
}
