// The declarations in `abi.ts` against include/bytestore.h, read mechanically: names, arity, types, structs, constants.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import koffi, { type KoffiFunc, type TypeObject } from 'koffi';

import * as abi from '../dist/abi.js';
import { library, load, PATH } from '../dist/library.js';
import { HEADER } from './places.js';

const CODE = readFileSync(HEADER, 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '');

/** A type of the header as the declarations call it: whatever is an address is passed as one, but for handles. */
function typeOf(declared: string): abi.Type {
  const known: Partial<Record<string, abi.Type>> = {
    bytestore_status: 'status',
    int32_t: 'i32',
    uint32_t: 'u32',
    uint64_t: 'u64',
    size_t: 'size',
    'const char *': 'text',
    'bytestore_store *': 'handle',
    'bytestore_cursor *': 'handle',
    'bytestore_computation *': 'handle',
  };
  const found = known[declared] ?? (declared.endsWith('*') ? 'address' : undefined);
  assert.ok(found, declared);
  return found;
}

/** `const void *items` as type and name. */
function split(declaration: string): [abi.Type, string] {
  const match = /^(.*?)(\w+)$/.exec(declaration.split(/\s+/).join(' ').trim());
  assert.ok(match, declaration);
  return [typeOf((match[1] as string).trim()), match[2] as string];
}

test('every function is declared as in the header', () => {
  const found: Record<string, unknown> = {};
  for (const [, start, given] of CODE.matchAll(/^([\w *]+\bbytestore_\w+)\s*\(([^)]*)\)\s*;/gm)) {
    const [result, name] = split(start as string);
    found[name] = [result, (given as string).trim() === 'void' ? [] : (given as string).split(',').map((part) => split(part)[0])]; // prettier-ignore
  }
  assert.equal(Object.keys(found).length, [...CODE.matchAll(/\bbytestore_\w+\s*\(/g)].length);
  assert.deepEqual(found, { ...abi.FUNCTIONS });
});

test('koffi has every function so declared', () => {
  for (const [name, [result, given]] of Object.entries(abi.FUNCTIONS)) {
    const call = library[name.slice('bytestore_'.length) as keyof typeof library] as unknown as KoffiFunc<() => void>; // prettier-ignore
    const kind = (type: abi.Type): string => koffi.type(abi.TYPES[type]).name;
    assert.equal(call.info.result.name, kind(result), name);
    assert.deepEqual(call.info.arguments.map((each) => (each as unknown as { type: TypeObject }).type.name), given.map(kind), name); // prettier-ignore
  }
});

test('what the types are called is what they are in C', () => {
  const sizes = Object.entries(abi.TYPES).map(([name, type]) => [name, koffi.sizeof(type)]);
  assert.deepEqual(Object.fromEntries(sizes), { status: 4, i32: 4, u32: 4, u64: 8, size: 8, handle: 8, address: 8, text: 8 }); // prettier-ignore
  assert.match(CODE, /typedef int32_t bytestore_status;/);
});

test('structs', () => {
  const found: Record<string, unknown> = {};
  for (const [, body, name] of CODE.matchAll(/typedef struct\s*\w*\s*\{([^]*?)\}\s*(\w+)\s*;/g)) {
    const parts = (body as string).split(';').filter((part) => part.trim() !== '');
    found[name as string] = Object.fromEntries(parts.map((part) => split(part).reverse() as [string, abi.Type]));
  }
  assert.deepEqual(found, { ...abi.STRUCTS });
});

test('a field is one word, and stands where its number says', () => {
  for (const [name, fields] of Object.entries(abi.STRUCTS)) {
    const kinds = Object.entries<abi.Type>(fields).map(([field, type]) => [field, abi.TYPES[type]]);
    const struct = koffi.struct(Object.fromEntries(kinds) as Record<string, string>);
    assert.equal(koffi.sizeof(struct), kinds.length * abi.WORD, name);
    kinds.forEach(([field], place) => { assert.equal(koffi.offsetof(struct, field as string), place * abi.WORD); }); // prettier-ignore
    // In the order of the header, which deepEqual does not compare.
    const header = new RegExp(`\\{([^}]*)\\}\\s*${name}\\s*;`).exec(CODE)?.[1] ?? '';
    assert.deepEqual([...header.matchAll(/(\w+);/g)].map((match) => match[1]), Object.keys(fields)); // prettier-ignore
  }
});

test('constants', () => {
  const found: Record<string, number | bigint> = {};
  for (const [, name, value] of CODE.matchAll(/^#define BYTESTORE_(\w+) (\d+|UINT64_MAX)$/gm)) {
    found[name as string] = value === 'UINT64_MAX' ? 2n ** 64n - 1n : Number(value);
  }
  const declared = Object.entries(abi).filter(([, value]) => typeof value === 'number' || typeof value === 'bigint');
  assert.deepEqual(found, Object.fromEntries(declared.filter(([name]) => name !== 'WORD')));
});

test('another library is not taken for ours', () => {
  assert.throws(() => load('/nonexistent/libbytestore.so.1'), /is not there.*make npm/);
  assert.throws(() => load(import.meta.filename), /does not load.*make npm/);
  assert.throws(() => load(PATH.replace(/[^/]*$/, '../../node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node')), /bytestore: .* (is not|not there|not the library)/); // prettier-ignore
});
