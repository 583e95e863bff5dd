// The forms of the conformance cases: files, bytes, lists, pairs, fields. Knows no store.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { CONFORMANCE } from './places.js';

export type Form = unknown;
export type Step = Record<string, Form>;
export interface Case {
  readonly name: string;
  readonly steps: Step[];
}

/** A server's address, where the cases are run on one: its keys come in any order. */
export const SERVER = process.env.BYTESTORE_TEST_URL;

/** Something that the harness does not know: never a pass. */
export class UnknownForm extends Error {}

export function allCases(): Case[] {
  const folder = process.env.BYTESTORE_TEST_CASES ?? CONFORMANCE;
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.sort().flatMap((name) => {
    const document = new Fields(JSON.parse(readFileSync(join(folder, name), 'utf8')));
    const cases = document.take('cases') as Step[];
    document.end();
    return cases.map((each) => {
      const fields = new Fields(each);
      const found = { name: fields.take('name') as string, steps: fields.take('steps') as Step[] };
      fields.end();
      if (found.name === '' || found.steps.length === 0) {
        throw new UnknownForm(`a case has a name and steps: ${found.name}`);
      }
      return found;
    });
  });
}

/** The fields of a form; each is taken once, and none may be left. */
export class Fields {
  private readonly left: Map<string, Form>;

  constructor(form: Form) {
    if (typeof form !== 'object' || form === null || Array.isArray(form)) {
      throw new UnknownForm(`no fields: ${JSON.stringify(form)}`);
    }
    this.left = new Map(Object.entries(form));
  }

  has(name: string): boolean {
    return this.left.has(name);
  }

  take(name: string): Form {
    if (!this.left.has(name)) {
      throw new UnknownForm(`the field ${name} is missing`);
    }
    return this.may(name);
  }

  may(name: string): Form {
    const value = this.left.get(name);
    this.left.delete(name);
    return value;
  }

  end(): void {
    if (this.left.size > 0) {
      throw new UnknownForm(`unknown fields: ${[...this.left.keys()].join(', ')}`);
    }
  }
}

export function toText(form: Form): string {
  if (typeof form !== 'string') {
    throw new UnknownForm(`no text: ${JSON.stringify(form)}`);
  }
  return form;
}

export function natural(form: Form): number {
  if (typeof form !== 'number' || !Number.isSafeInteger(form) || form < 0) {
    throw new UnknownForm(`no natural number: ${JSON.stringify(form)}`);
  }
  return form;
}

export function toBytes(form: Form): Uint8Array {
  if (typeof form === 'string' && !form.includes('%')) {
    return Buffer.from(form);
  }
  if (typeof form === 'string') {
    const parts = form.split(/(%[0-9A-F]{2})/).map((part, index) => (index % 2 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part))); // prettier-ignore
    if (form.replaceAll(/%[0-9A-F]{2}/g, '').includes('%')) {
      throw new UnknownForm(`no percent encoding: ${form}`);
    }
    return Buffer.concat(parts);
  }
  const fields = new Fields(form);
  const [repeated, times] = [toBytes(fields.take('repeat')), natural(fields.take('times'))];
  fields.end();
  return Buffer.concat(new Array<Uint8Array>(times).fill(repeated));
}

export function toList(form: Form): Uint8Array[] {
  if (Array.isArray(form)) {
    return form.map(toBytes);
  }
  const fields = new Fields(form);
  const [count, pattern] = [natural(fields.take('count')), toText(fields.take('pattern'))];
  const [start, step] = [natural(fields.may('start') ?? 0), natural(fields.may('step') ?? 1)];
  fields.end();
  return Array.from({ length: count }, (_, index) =>
    toBytes(pattern.replaceAll('{i}', String(start + index * step).padStart(6, '0'))),
  );
}

/** A list in which null is a missing value. */
export function toAnswers(form: Form): (Uint8Array | undefined)[] {
  return Array.isArray(form) ? form.map((item) => (item === null ? undefined : toBytes(item))) : toList(form);
}

export function toPairs(form: Form): [Uint8Array[], Uint8Array[]] {
  if (Array.isArray(form)) {
    const pairs = form as [Form, Form][];
    if ((form as Form[][]).some((pair) => pair.length !== 2)) {
      throw new UnknownForm('a pair has two');
    }
    return [pairs.map(([key]) => toBytes(key)), pairs.map(([, value]) => toBytes(value))];
  }
  const fields = new Fields(form);
  const keys = toList(fields.take('keys'));
  const values = fields.has('value') ? new Array<Uint8Array>(keys.length).fill(toBytes(fields.take('value'))) : toList(fields.take('values')); // prettier-ignore
  fields.end();
  if (keys.length !== values.length) {
    throw new UnknownForm(`${keys.length} keys and ${values.length} values`);
  }
  return [keys, values];
}

/** How long entries live: null for ever, undefined as the store says. */
export function toTtl(form: Form): number | null | undefined {
  return form === undefined || form === null ? form : natural(form);
}

export const hex = (bytes: Uint8Array | undefined): string => (bytes === undefined ? 'missing' : Buffer.from(bytes).toString('hex')); // prettier-ignore

/** Whether two answers are the same, in order. */
export function equal(
  answer: readonly (Uint8Array | undefined)[],
  expected: readonly (Uint8Array | undefined)[],
): void {
  const same = (value: Uint8Array | undefined, index: number): boolean => value === expected[index] || (value !== undefined && Buffer.compare(value, expected[index] ?? NOTHING) === 0 && expected[index] !== undefined); // prettier-ignore
  if (answer.length !== expected.length || !answer.every(same)) {
    assert.deepEqual(answer.map(hex), expected.map(hex));
  }
}

const NOTHING = new Uint8Array();

/** The same; on a server in any order. */
export function equalKeys(answer: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  if (SERVER === undefined) {
    equal(answer, expected);
  } else {
    assert.deepEqual(answer.map(hex).sort(), expected.map(hex).sort());
  }
}
