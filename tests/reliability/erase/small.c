/* Ways of entries that lie in pages with others: deleted, overwritten, evicted, ended, moved, and pages given back. */
#include "way.h"

/* A key and a value of a usual size. */
#define SECRET_KEY SECRET(40)
#define PLAIN_KEY PLAIN(24)
#define SECRET_VALUE SECRET(100)

static void one_is_deleted(void) {
    bytestore_store *store = open_store(NULL);
    set_others(store);
    set(store, SECRET_KEY, SECRET_VALUE, 0, 1, 1);
    look_for_them();
    delete(store, SECRET_KEY, 0, 1, 1);
    look_again();
    close_store(store);
}

static void all_are_deleted(void) {
    bytestore_store *store = open_store(NULL);
    set(store, SECRET_KEY, SECRET_VALUE, 0, 1, 1000);
    look_for_them();
    delete(store, SECRET_KEY, 0, 1, 1000);
    look_again();
    close_store(store);
}

static void prefix_is_deleted(size_t others, size_t secrets) {
    bytestore_store *store = open_store(NULL);
    set(store, PLAIN(20), PLAIN(50), 0, 1, others);
    set(store, SECRET_KEY, SECRET_VALUE, 0, 1, secrets);
    look_for_them();
    size_t removed, count;
    const bytestore_slice prefix = on_desk(true, SECRET(30), 0);
    MUST_DO(bytestore_count(store, prefix.ptr, 22, &count));
    MUST_DO(bytestore_delete_prefix(store, prefix.ptr, 22, &removed));
    wipe_desk();
    MUST(removed == secrets && count == secrets);
    look_again();
    close_store(store);
}

static void prefix_is_deleted_by_a_walk(void) { prefix_is_deleted(OTHERS, 100); }
static void prefix_is_deleted_from_a_set(void) { prefix_is_deleted(5000, 100); }
/* The beginnings of keys are sorted beside them. */
static void prefix_of_one_is_deleted(void) { prefix_is_deleted(5000, 1); }

static void overwritten(shape key, shape before, shape after) {
    bytestore_store *store = open_store(NULL);
    set_others(store);
    set(store, key, before, 0, 1, 1);
    look_for_them();
    set(store, key, after, 0, 1, 1);
    look_again();
    close_store(store);
}

static void overwritten_by_as_long(void) { overwritten(PLAIN_KEY, SECRET_VALUE, PLAIN(100)); }
static void overwritten_by_shorter(void) { overwritten(PLAIN_KEY, SECRET_VALUE, PLAIN(60)); }
static void overwritten_by_longer(void) { overwritten(PLAIN_KEY, SECRET_VALUE, PLAIN(140)); }
static void overwritten_by_large(void) { overwritten(PLAIN_KEY, SECRET_VALUE, PLAIN(9000)); }
/* The only shorter value that leaves as much as a word where it stands: no block is shorter than this one. */
static void overwritten_where_it_stands(void) { overwritten(PLAIN(0), SECRET(8), PLAIN(0)); }

static void given_an_end(void) {
    bytestore_store *store = open_store("clock=manual");
    set_others(store);
    set(store, PLAIN_KEY, SECRET_VALUE, 0, 1, 1);
    look_for_them();
    set_for(store, PLAIN_KEY, PLAIN(100), 0, 1, 1, 10);
    look_again();
    close_store(store);
}

/* A batch that has the key twice makes an entry that never is in the store. */
static void overwritten_in_its_own_batch(void) {
    bytestore_store *store = open_store(NULL);
    set_others(store);
    look_for_them();
    const bytestore_slice keys[] = {on_desk(true, PLAIN_KEY, 1), on_desk(true, PLAIN_KEY, 1)};
    const bytestore_slice values[] = {on_desk(false, SECRET_VALUE, 1), on_desk(false, PLAIN(100), 1)};
    look_for_them();
    MUST_DO(bytestore_mset(store, 2, keys, NULL, values, NULL));
    wipe_desk();
    look_again();
    close_store(store);
}

/* Which ones go is the policy's to say: those that it keeps are deleted. */
static void evicted(const char *bound) {
    bytestore_store *store = open_store(bound);
    set(store, SECRET_KEY, SECRET_VALUE, 0, 1, 300);
    look_for_them();
    set(store, PLAIN(24), PLAIN(60), 0, 1, 50000);
    MUST(hits(store, SECRET_KEY, 0, 1, 300) < 200);
    delete(store, SECRET_KEY, 0, 1, 300);
    look_again();
    close_store(store);
}

static void evicted_by_entries(void) { evicted("max_entries=400"); }
static void evicted_by_bytes(void) { evicted("max_bytes=100KB"); }

/* The next write of anything does it, and it is of one shard only. */
static void ended(void) {
    bytestore_store *store = open_store("clock=manual");
    set_others(store);
    set_for(store, SECRET_KEY, SECRET_VALUE, 0, 1, 500, 10);
    set_for(store, PLAIN_KEY, SECRET_VALUE, 0, 1, 500, 10);
    MUST_DO(bytestore_advance_clock(store, 10));
    look_for_them();
    set(store, PLAIN(20), PLAIN(50), 0, 1, 1);
    look_again();
    close_store(store);
}

static void ended_and_looked_for(void) {
    bytestore_store *store = open_store("clock=manual&ttl=10ms");
    set_others(store);
    const bytestore_slice key = on_desk(true, SECRET_KEY, 0), value = on_desk(false, SECRET_VALUE, 0);
    MUST_DO(bytestore_mset(store, 1, &key, NULL, &value, NULL));
    wipe_desk();
    MUST_DO(bytestore_advance_clock(store, 10));
    look_for_them();
    delete(store, SECRET_KEY, 0, 1, 1);
    look_again();
    close_store(store);
}

/* Small at first, pages are made anew and longer. */
static void pages_grow(void) {
    bytestore_store *store = open_store(NULL);
    for (size_t number = 0; number < 3000; number++) {
        set(store, SECRET_KEY, SECRET(50 + number % 50), number, 1, 1);
    }
    look_for_them();
    set(store, PLAIN_KEY, PLAIN(50), 0, 1, 1);
    delete(store, SECRET_KEY, 0, 1, 3000);
    look_again();
    close_store(store);
}

/* Where nine of ten go, the tenth moves into other pages, and those it leaves go back to the pool and the system. */
static void moved_from_page_to_page(void) {
    enum { ALL = 60000 };
    bytestore_store *store = open_store(NULL);
    for (size_t number = 0; number < ALL; number += 10) {
        set(store, PLAIN_KEY, PLAIN(100), number + 1, 1, 9);
        set(store, SECRET_KEY, SECRET_VALUE, number, 1, 1);
    }
    for (size_t each = 2; each < 10; each++) {
        delete(store, PLAIN_KEY, each, 10, ALL / 10);
    }
    MUST(hits(store, SECRET_KEY, 0, 10, ALL / 10) == ALL / 10);
    look_for_them();
    delete(store, SECRET_KEY, 0, 10, ALL / 10);
    look_again();
    close_store(store);
}

static void closed(size_t entries, shape key, shape value) {
    bytestore_store *store = open_store(NULL);
    set(store, key, value, 0, 1, entries);
    look_for_them();
    close_store(store);
    look_again();
}

static void closed_with_a_few(void) { closed(20, SECRET_KEY, SECRET_VALUE); }
static void closed_with_many(void) { closed(50000, SECRET_KEY, SECRET_VALUE); }
static void closed_with_large(void) { closed(40, SECRET(5000), SECRET(9000)); }

static void closed_with_a_name(void) {
    bytestore_store *store = open_named("secrets", NULL), *same = open_named("secrets", NULL);
    set(store, SECRET_KEY, SECRET_VALUE, 0, 1, 20);
    look_for_them();
    close_store(store);
    MUST(hits(same, SECRET_KEY, 0, 1, 20) == 20);
    close_store(same);
    look_again();
}

static const way ways[] = {
    {"delete", one_is_deleted, false},
    {"delete of all there is", all_are_deleted, false},
    {"delete_prefix, of a few", prefix_is_deleted_by_a_walk, false},
    {"delete_prefix, of many in order", prefix_is_deleted_from_a_set, false},
    {"delete_prefix, of one in order", prefix_of_one_is_deleted, false},
    {"overwritten, as long", overwritten_by_as_long, true},
    {"overwritten, shorter", overwritten_by_shorter, false},
    {"overwritten, shorter in its place", overwritten_where_it_stands, false},
    {"overwritten, longer", overwritten_by_longer, false},
    {"overwritten, by a large value", overwritten_by_large, false},
    {"overwritten, by one that ends", given_an_end, false},
    {"overwritten in its own batch", overwritten_in_its_own_batch, false},
    {"evicted, too many entries", evicted_by_entries, false},
    {"evicted, too many bytes", evicted_by_bytes, false},
    {"ended, and something else is written", ended, false},
    {"ended, and deleted", ended_and_looked_for, false},
    {"a page was made longer", pages_grow, false},
    {"a page was emptied into others", moved_from_page_to_page, false},
    {"close of a small store", closed_with_a_few, false},
    {"close of a store of many pages", closed_with_many, false},
    {"close with large entries", closed_with_large, false},
    {"close of the last handle of a name", closed_with_a_name, false},
};

const way_group small_ways = {ways, sizeof ways / sizeof *ways};
