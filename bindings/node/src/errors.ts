// The ways a store can fail, as errors. Knows the status codes, not who met them.

import { getSystemErrorMap } from 'node:util';

import * as abi from './abi.js';
import { errno, library } from './library.js';

/** Why a store failed: the names are the same in every language. */
export type ErrorCode =
  | 'invalid_argument'
  | 'closed_handle'
  | 'out_of_memory'
  | 'over_limit'
  | 'remote_failure'
  | 'internal_error'
  | 'io_failure'
  | 'bad_snapshot'
  | 'unsupported'
  | 'unknown';

const STATUS: Record<ErrorCode, number> = {
  invalid_argument: abi.ERR_INVALID_ARGUMENT,
  closed_handle: abi.ERR_CLOSED_HANDLE,
  out_of_memory: abi.ERR_OUT_OF_MEMORY,
  over_limit: abi.ERR_OVER_LIMIT,
  remote_failure: abi.ERR_REMOTE_FAILURE,
  internal_error: abi.ERR_INTERNAL,
  io_failure: abi.ERR_IO_FAILURE,
  bad_snapshot: abi.ERR_BAD_SNAPSHOT,
  unsupported: abi.ERR_UNSUPPORTED,
  unknown: -1,
};

/**
 * What every failure of a store is. A call that failed has changed nothing, unless it is on a server.
 *
 * What can never be right, a key of another type say, is a TypeError instead.
 */
export class ByteStoreError extends Error {
  /** What errors are called by their kind. */
  override readonly name = 'ByteStoreError';
  /** Why, as a word to compare with. */
  readonly code: ErrorCode;
  /** The number of `code` in the C interface; one of a later library has the code "unknown". */
  readonly status: number;
  /** Of a "remote_failure": what the server or the system said, in English. */
  readonly reason: string | undefined;
  /** Of an "io_failure": the system's own error, as Node.js has it, with `code` "ENOENT" and the like. */
  declare readonly cause: NodeJS.ErrnoException | undefined;

  /** For tests of programs: the library makes those it throws. */
  constructor(code: ErrorCode, message: string, more: { status?: number; reason?: string; cause?: Error } = {}) {
    super(message, more.cause && { cause: more.cause });
    this.code = code;
    this.status = more.status ?? STATUS[code];
    this.reason = more.reason;
  }
}

/** Throws what `status` stands for, with `detail` before the library's own advice: of a server, what that said. */
export function check(status: number, detail = ''): void {
  if (status !== abi.OK) {
    throw failure(status, detail);
  }
}

/** As `check`, right after a call with a file: where the system refused it, its reason is the cause. */
export function checkFile(status: number, path: string, number = errno()): void {
  if (status === abi.ERR_IO_FAILURE) {
    throw failure(status, `the file ${JSON.stringify(path)}`, systemError(number, path));
  }
  check(status, `the file ${JSON.stringify(path)}`);
}

function failure(status: number, detail: string, cause?: Error): ByteStoreError {
  const advice = library.status_message(status);
  const name = library.status_name(status) as ErrorCode;
  const message = [detail, cause?.message, advice].filter(Boolean).join(': ');
  return new ByteStoreError(name in STATUS ? name : 'unknown', message, {
    status,
    ...(status === abi.ERR_REMOTE_FAILURE && { reason: detail }),
    ...(cause && { cause }),
  });
}

function systemError(number: number, path: string): NodeJS.ErrnoException {
  const [code, text] = getSystemErrorMap().get(-number) ?? ['UNKNOWN', 'unknown error'];
  return Object.assign(new Error(`${code}: ${text}`), { code, errno: -number, path });
}
