// Calls that are waited for on other threads, so that the event loop goes on. Knows no store.

import { addressOf, errno, hasThreads, type Call } from './library.js';

// Node's own threads, of which one is left for files and names; what is more waits here.
const MOST = Math.max(1, Number(process.env.UV_THREADPOOL_SIZE ?? 4) - 1 || 1);

// What the calls under way were given: it must stay where it is.
const kept = new Set<readonly unknown[]>();
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
  if (!hasThreads) {
    return Promise.resolve({ status: call(...args), errno: errno() });
  }
  // Arrays go by their addresses: koffi looks at an array itself when it may have been moved.
  const places = args.map((arg) => (ArrayBuffer.isView(arg) ? addressOf(arg) : arg)) as unknown as A;
  return new Promise((resolve, reject) => {
    const end = (): void => {
      kept.delete(args);
      waiting.shift()?.();
    };
    const start = (): void => {
      kept.add(args);
      try {
        call.async(...places, (error: Error | null, status: R) => {
          const answer = { status, errno: errno() };
          end();
          if (error === null) {
            resolve(answer);
          } else {
            reject(error);
          }
        });
      } catch (error) {
        end();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    if (kept.size < MOST) {
      start();
    } else {
      waiting.push(start);
    }
  });
}
