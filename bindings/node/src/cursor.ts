// A scan of a store's keys, a page at a time. Knows bytes, not what they are keys of.

import { Answers } from './answers.js';
import { library } from './library.js';
import { Words } from './memory.js';
import { inThread } from './threads.js';
import type { Value } from './values.js';

const PAGE = 0; // the library's own page size

// A scan that was begun and left without its end.
const registry = new FinalizationRegistry<bigint>((id) => library.cursor_close(id));

/** Owns one cursor; outlives its store. `store` throws what a status stands for. */
export class Cursor {
  constructor(
    private readonly id: bigint,
    private readonly store: { check(status: number): void },
  ) {
    registry.register(this, id, this);
  }

  /** The next keys, no more than that many; none when there are none left. */
  next(most = PAGE): Value[] {
    const page = new Answers();
    this.store.check(library.cursor_next(this.id, most, page.address));
    return page.take() as Value[]; // a page has no missing items
  }

  /** As `next`, on another thread. */
  async nextInThread(most = PAGE): Promise<Value[]> {
    const page = new Answers();
    this.store.check(await inThread(library.cursor_next, this.id, most, page.address));
    return page.take() as Value[];
  }

  /** Where the next page begins. */
  position(): bigint {
    const position = new Words(1);
    this.store.check(library.cursor_position(this.id, position.address));
    return position.big[0] ?? 0n;
  }

  close(): void {
    registry.unregister(this);
    library.cursor_close(this.id);
  }
}
