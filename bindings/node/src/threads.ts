// Calls that are waited for on other threads, so that the event loop goes on. Knows no store.

import { addressOf, errno, hasThreads, type Call } from './library.js';

// What koffi takes at once, with room for others who use it; the rest wait here.
const MOST = 64;

let running = 0;
const waiting: (() => void)[] = [];

/** The answer of a call on another thread. What it is given is kept until then, and must not change. */
export async function inThread<A extends readonly unknown[], R>(call: Call<A, R>, ...args: A): Promise<R> {
  return (await inThreadWithErrno(call, ...args)).status;
}

/** The same, and the system's number for why it failed: it is known for that moment only. */
export function inThreadWithErrno<A extends readonly unknown[], R>(
  call: Call<A, R>,
  ...args: A
): Promise<{ status: R; errno: number }> {
  // Arrays go by their addresses: koffi looks at an array itself when it may have been moved.
  const places = args.map((arg) => (ArrayBuffer.isView(arg) ? addressOf(arg as Uint8Array) : arg)) as unknown as A;
  if (!hasThreads) {
    return Promise.resolve({ status: call(...args), errno: errno() });
  }
  return new Promise((resolve, reject) => {
    const start = (): void => {
      running++;
      try {
        call.async(...places, (error, status) => {
          const number = errno();
          done(args);
          if (error === null) {
            resolve({ status, errno: number });
          } else {
            reject(error);
          }
        });
      } catch (error) {
        done(args);
        reject(error as Error);
      }
    };
    if (running < MOST) {
      start();
    } else {
      waiting.push(start);
    }
  });
}

/** Of the arguments it needs no more than that they are still there. */
function done(_kept: readonly unknown[]): void {
  running--;
  waiting.shift()?.();
}
