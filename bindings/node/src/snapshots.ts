// Saving a store and loading it, with files and with bytes. Knows a handle, none of the operations.

import { types } from 'node:util';
import { fileURLToPath } from 'node:url';

import { shown } from './arguments.js';
import { ByteStoreError } from './errors.js';
import type { Handle } from './handle.js';
import { compression } from './options.js';
import { toValue, type Value } from './values.js';

/** How a store is saved. */
export interface SaveOptions {
  /** 0, the default: not compressed; 1 to 22: a level of Zstandard's, the usual one is 3. */
  level?: number | undefined;
}

/** How far a call has come. */
export interface Progress {
  /** Of `total`: entries that were saved, or bytes that were loaded. */
  readonly done: number;
  /** It may be some more than there is to do. */
  readonly total: number;
}

/** What `ByteStore` does with all of its entries at once. */
export abstract class Snapshots {
  /** @internal */
  protected abstract readonly handle: Handle;

  /**
   * Saves the store to a file, on another thread: its entries at one moment, with the time that they have left, and its
   * options. Others may read and write meanwhile. Of a namespace its own keys are saved. The file is there in whole or
   * not at all, for its owner only to read; a symbolic link is replaced, not followed. Every language reads it.
   *
   * A ByteStoreError "io_failure" has the system's error as its cause.
   */
  async save(path: string | URL, options: SaveOptions = {}): Promise<void> {
    await this.handle.saveInThread(toPath(path), compression(options.level ?? 0));
  }

  /** As `save`; the event loop waits. */
  saveSync(path: string | URL, options: SaveOptions = {}): void {
    this.handle.save(toPath(path), compression(options.level ?? 0));
  }

  /** As `save`, to memory: the bytes of such a file. */
  async saveBytes(options: SaveOptions = {}): Promise<Value> {
    return await this.handle.saveBytesInThread(compression(options.level ?? 0));
  }

  /** As `saveBytes`; the event loop waits. */
  saveBytesSync(options: SaveOptions = {}): Value {
    return this.handle.saveBytes(compression(options.level ?? 0));
  }

  /**
   * Loads a file that was saved, on another thread: in one step its entries take the place of all there is, of a
   * namespace of its own. Options stay the store's own: what is more than it may hold is evicted. Until that step the
   * store is as it was, and in use; after an error ("bad_snapshot", "io_failure", …) it stays so.
   */
  async load(path: string | URL): Promise<void> {
    await this.handle.loadInThread(toPath(path));
  }

  /** As `load`; the event loop waits. */
  loadSync(path: string | URL): void {
    this.handle.load(toPath(path));
  }

  /** As `load`, from memory: the bytes of such a file, copied. */
  async loadBytes(snapshot: Uint8Array): Promise<void> {
    await this.handle.loadBytesInThread(Uint8Array.from(toValue(snapshot, () => 'the snapshot')));
  }

  /** As `loadBytes`; the event loop waits, and nothing is copied. */
  loadBytesSync(snapshot: Uint8Array): void {
    const bytes = toValue(snapshot, () => 'the snapshot');
    // What other threads can change meanwhile is copied.
    this.handle.loadBytes(types.isSharedArrayBuffer(bytes.buffer) ? Uint8Array.from(bytes) : bytes);
  }

  /** How far the saving (entries) or loading (bytes) of this store is that is under way; both 0: none is. */
  progress(): Progress {
    return this.handle.progress();
  }
}

function toPath(path: unknown): string {
  if (typeof path !== 'string' && !(path instanceof URL)) {
    throw new TypeError(`the path is a string or a file: URL, not ${shown(path)}`);
  }
  const name = typeof path === 'string' ? path : fileURLToPath(path);
  if (name.includes('\0')) {
    throw new ByteStoreError('invalid_argument', `the path ${JSON.stringify(name)} contains a NUL`); // C would read the part before it
  }
  return name;
}
