// One page of keys, taken from a cursor in as many steps as it needs. Knows no store.

import type { Cursor } from './cursor.js';
import type { Key } from './keys.js';
import type { Value } from './values.js';

export class Paging {
  private readonly keys: Key[] = [];

  constructor(
    readonly cursor: Cursor,
    private readonly decode: (key: Value) => Key,
    /** How many keys are still wanted. */
    public left: number,
    readonly prefix: Key,
  ) {}

  /** Takes what the cursor gave; whether it should be asked once more. */
  takes(some: Value[]): boolean {
    this.keys.push(...some.map(this.decode));
    this.left -= some.length;
    return some.length > 0 && this.left > 0;
  }

  /** What was taken, and where the next page begins. */
  page(): { keys: Key[]; position: bigint } {
    return { keys: this.keys, position: this.cursor.position() };
  }
}
