// What `import … from 'bytestore'` gives.

/**
 * One store of bytes for all threads and all languages of a process, in memory or on a server.
 *
 * @module bytestore
 */

import { library } from './library.js';

export { ByteStoreError, type ErrorCode } from './errors.js';
export type { Key } from './keys.js';
export type { Options } from './options.js';
export type { Progress, SaveOptions } from './snapshots.js';
export type { Capabilities, Stats } from './stats.js';
export { ByteStore, type KeyOptions, type Page, type PageOptions, type SetOptions } from './store.js';
export type { Pair, Value } from './values.js';

/** The version of the native library. */
export const version: string = library.version();
