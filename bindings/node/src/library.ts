// The native library, loaded, with every function as `abi.ts` declares it. Knows no store.

import koffi, { type LibraryHandle } from 'koffi';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ABI_VERSION, FUNCTIONS, TYPES, type Type } from './abi.js';

/** Memory of this side's, as a call takes it. */
export type Memory = NodeJS.TypedArray | bigint | null;

type Given<T extends Type> = T extends 'handle' ? bigint : T extends 'address' ? Memory : T extends 'text' ? string | Uint8Array : T extends 'u64' ? bigint : number; // prettier-ignore
type Answer<T extends Type> = T extends 'handle' ? bigint : T extends 'text' ? string : number;
type Arguments<T extends readonly Type[]> = { -readonly [I in keyof T]: Given<T[I]> };

/** A function of the library: called at once, or on a thread that is not this one's. */
export interface Call<A extends readonly unknown[], R> {
  (...args: A): R;
  async(...args: [...A, (error: Error | null, result: R) => void]): void;
}

type Short<N extends string> = N extends `bytestore_${infer S}` ? S : never;

export type Library = {
  [N in keyof typeof FUNCTIONS as Short<N>]: Call<
    Arguments<(typeof FUNCTIONS)[N][1]>,
    Answer<(typeof FUNCTIONS)[N][0]>
  >;
};

const NAME = 'libbytestore.so.1';
const OWN = fileURLToPath(new URL(`../native/${process.platform}-${process.arch}/${NAME}`, import.meta.url));

// Calls on other threads run on stacks of koffi's, 128 KiB by default, which is too little to open a store on.
const STACK = 2 << 20;

/** Whether calls can run on other threads: not where koffi's settings are settled, because somebody was faster. */
export const hasThreads = ((): boolean => {
  try {
    koffi.config({ ...koffi.config(), async_stack_size: STACK });
  } catch {
    // A library was loaded already; its stacks may do.
  }
  return (koffi.config().async_stack_size ?? 0) >= STACK;
})();

/** Opens the library at `path`; an Error says what to do when it is not the one meant. */
export function load(path: string): Library {
  if (path !== NAME && !existsSync(path)) {
    throw new Error(
      `bytestore: ${path} is not there. This package carries the library for 64-bit Linux on x86-64; elsewhere, ` +
        'and in a checkout, build the package with `make npm`',
    );
  }
  let file: LibraryHandle;
  try {
    file = koffi.load(path);
  } catch (error) {
    throw new Error(
      `bytestore: ${path} is there but does not load: it was built for another system than this one ` +
        `(${process.platform} ${process.arch}, glibc ${glibc() ?? 'none'}). Build the package here with \`make npm\``,
      { cause: error },
    );
  }
  const declared = (name: string): unknown => {
    const [result, given] = FUNCTIONS[name as keyof typeof FUNCTIONS];
    return file.func(name, TYPES[result], given.map((type) => TYPES[type])); // prettier-ignore
  };
  try {
    const found = (declared('bytestore_abi_version') as () => number)();
    if (found !== ABI_VERSION) {
      throw new Error(`it has ABI version ${found}, this package speaks ${ABI_VERSION}`);
    }
    return Object.fromEntries(
      Object.keys(FUNCTIONS).map((name) => [name.slice('bytestore_'.length), declared(name)]),
    ) as Library;
  } catch (error) {
    throw new Error(
      `bytestore: ${path} is not the library of this package: install both anew (${(error as Error).message})`,
      { cause: error },
    );
  }
}

function glibc(): string | undefined {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime;
}

/** One that a part of this program in another language has loaded goes before our own: names are shared in it. */
function place(): string {
  const [RTLD_LAZY, RTLD_NOLOAD] = [1, 4];
  try {
    const dlopen = koffi.load(null).func('dlopen', 'uint64_t', ['const char *', 'int']) as Call<[string, number], bigint | number>; // prettier-ignore
    if (BigInt(dlopen(NAME, RTLD_LAZY | RTLD_NOLOAD)) !== 0n) {
      load(NAME);
      return NAME;
    }
  } catch {
    // None is loaded, or none of ours.
  }
  return OWN;
}

export const PATH = place();
export const library = load(PATH);

/** The system's number for why the last call with a file failed. */
export const errno = (): number => koffi.errno();

/** Where the memory of an array is. It stays there as long as the array is kept, and nobody detaches it. */
export const addressOf = (memory: ArrayBufferView): bigint => koffi.address(memory);

/** Memory of the library's, to be read and left before it is freed. */
export function viewOf(address: bigint, length: number): Uint8Array {
  return length === 0 ? new Uint8Array() : new Uint8Array(koffi.view(address, length));
}
