/* What the torture goes through. */
#include "scenarios.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* What takes no memory at all. */
static void information(void) {
    size_t bad = 0;
    const bytestore_slice key = {(const uint8_t *)"key", 3};
    bool named = false;
    ATTEMPT("bytestore_version", false, (bytestore_version() != NULL ? OK : RAN_OUT));
    ATTEMPT("bytestore_abi_version", false, (bytestore_abi_version() == BYTESTORE_ABI_VERSION ? OK : RAN_OUT));
    ATTEMPT("bytestore_status_name", false, (named = bytestore_status_name(RAN_OUT) != NULL, named ? OK : RAN_OUT));
    ATTEMPT("bytestore_status_message", false, (bytestore_status_message(RAN_OUT) != NULL ? OK : RAN_OUT));
    ATTEMPT("bytestore_check_items", false, bytestore_check_items(1, &key, NULL, &bad));
}

/* Batches of all sizes, entries of all sizes. */
static void all_sizes(const char *url) {
    model_begins(false);
    information();
    bytestore_store *store = open_store(url);
    watch(store);
    set_entries(store, ENTRIES(0, 1), 10);
    set_entries(store, ENTRIES(1, 8), 100);
    set_entries_packed(store, ENTRIES(9, 64), 60);
    set_entries(store, ENTRIES(0, 300), 30);
    set_entries(store, (range){0, 100, 2, 0}, 300); /* elsewhere */
    set_entries(store, ENTRIES(0, 64), 30);
    set_entries(store, ENTRIES(500, 5), 5000); /* large */
    set_entries(store, (range){0, 20, 5, 0}, 6000);
    set_entries(store, ENTRIES(500, 3), 0); /* small now */
    set_entries(store, ENTRIES(600, 1), 1500000);
    set_entries(store, ENTRIES(LONG_KEYS, 3), 100);
    const range all[] = {ENTRIES(0, 1),     ENTRIES(0, 8),    ENTRIES(0, 64),
                         ENTRIES(300, 300), ENTRIES(480, 64), ENTRIES(LONG_KEYS, 4)};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        get_entries(store, all[i]);
    }
    get_entries_into(store, ENTRIES(0, 1), 10000);
    get_entries_into(store, ENTRIES(0, 64), 200000);
    get_entries_into(store, ENTRIES(400, 300), 2000000);
    check_len(store);
    check_counters(store);
    scan(store, "", 100);
    delete_entries(store, ENTRIES(0, 1));
    delete_entries(store, ENTRIES(1, 8));
    delete_entries(store, ENTRIES(1, 64));
    delete_entries(store, ENTRIES(400, 300));
    set_entries(store, ENTRIES(0, 64), 2000);
    delete_entries(store, (range){0, 200, 2, 0});
    watch(NULL);
    close_store(store);
}

static void unbounded(void) { all_sizes(NULL); }

static void erasing(void) { all_sizes("memory:?erase=true"); }

/* The set of all keys in order: made, told of everything, asked. */
static void prefixes(void) {
    model_begins(false);
    bytestore_store *store = open_store("memory:");
    watch(store);
    set_entries(store, ENTRIES(0, 200), 20);
    count_entries(store, "k/");
    set_entries(store, ENTRIES(200, 300), 20);
    set_entries(store, ENTRIES(1000, 10), 5000);
    count_entries(store, "key/");
    scan(store, "k/0", 7);
    scan(store, "key/", 300);
    delete_entries(store, (range){0, 150, 2, 0});
    set_entries(store, ENTRIES(100, 300), 50);
    delete_prefix(store, "k/000");
    delete_prefix(store, "nothing");
    scan(store, "k/", 1000);
    delete_prefix(store, "key/");
    set_entries(store, ENTRIES(0, 100), 20);
    delete_prefix(store, "");
    count_entries(store, "k/");
    set_entries(store, ENTRIES(0, 50), 20);
    delete_prefix(store, "k");
    watch(NULL);
    close_store(store);
}

/* Fills stores with a bound: who goes is decided, and large entries move together. */
static void bounded(void) {
    model_begins(true);
    bytestore_store *store = open_store("memory:?max_bytes=1MiB");
    watch(store);
    for (uint32_t round = 0; round < 12; round++) {
        set_entries(store, ENTRIES(round * 200 % 1500, 300), 40 + round * 50);
        get_entries(store, ENTRIES(round * 150 % 1500, 64));
        get_entries(store, ENTRIES(round * 150 % 1500, 1));
    }
    for (uint32_t round = 0; round < 8; round++) {
        set_entries(store, ENTRIES(round * 37 % 400, 30), 5000 + round * 3000);
        delete_entries(store, (range){round, 20, 3, 0});
    }
    check_counters(store);
    check_len(store);
    watch(NULL);
    close_store(store);
    model_begins(true);
    store = open_store("memory:?max_entries=100&max_item_bytes=1KiB");
    watch(store);
    for (uint32_t round = 0; round < 8; round++) {
        set_entries(store, ENTRIES(round * 30, 64), 40);
        get_entries(store, ENTRIES(round * 20, 100));
    }
    check_counters(store);
    watch(NULL);
    close_store(store);
}

/* Entries that end, as time passes. */
static void expiring(void) {
    model_begins(false);
    bytestore_store *store = open_store("memory:?clock=manual");
    watch(store);
    set_entries(store, ENTRIES(0, 64), 30);
    set_entries_for(store, ENTRIES(0, 100), 40, 10);
    set_entries_for(store, ENTRIES(200, 5), 5000, 20);
    set_entries_for(store, ENTRIES(50, 100), 40, 30);
    advance(store, 10);
    get_entries(store, ENTRIES(0, 300));
    set_entries(store, ENTRIES(0, 20), 30);
    scan(store, "key", 10);
    advance(store, 10);
    set_entries_for(store, ENTRIES(300, 64), 30, BYTESTORE_NO_TTL);
    delete_entries(store, ENTRIES(0, 30));
    count_entries(store, "k/");
    advance(store, 10);
    delete_prefix(store, "k/");
    set_entries_for(store, ENTRIES(0, 64), 30, 5);
    advance(store, 5);
    set_entries(store, ENTRIES(400, 100), 300);
    get_entries(store, ENTRIES(0, 8));
    check_len(store);
    watch(NULL);
    close_store(store);
}

/* Handles of one store, by its name and by prefixes. */
static void handles(void) {
    model_begins(false);
    bytestore_store *store = open_store("memory:tortured?clock=manual");
    watch(store);
    bytestore_store *same = open_store("memory:tortured"), *other = open_store("memory:another?max_bytes=1MiB");
    bytestore_store *view = open_namespace(same, "ns/"), *second = open_namespace(store, "");
    const range part = {IN_NAMESPACE, 1, 1, 3}, few = {IN_NAMESPACE, 8, 1, 3}, many = {IN_NAMESPACE, 300, 1, 3};
    set_entries(store, ENTRIES(0, 20), 20);
    set_entries(view, part, 20);
    set_entries(view, few, 20);
    set_entries(view, many, 20);
    set_entries(view, few, 5000);
    set_entries_for(view, part, 20, 1000);
    get_entries(view, part);
    get_entries(view, many);
    get_entries(second, ENTRIES(0, 64));
    get_entries_into(view, few, 50000);
    bytestore_cursor *cursor = NULL;
    ATTEMPT("bytestore_keys", cursor == NULL, bytestore_keys(view, NULL, 0, &cursor));
    bytestore_buffer page = {0};
    ATTEMPT("bytestore_cursor_next", page.count == 0, bytestore_cursor_next(cursor, 0, &page));
    CHECK_EQUAL(page.count, model_count("ns/"));
    ATTEMPT("bytestore_free_buffer", false, bytestore_free_buffer(&page));
    ATTEMPT("bytestore_cursor_close", false, bytestore_cursor_close(cursor));
    size_t count = 0;
    ATTEMPT("bytestore_count", count == 0, bytestore_count(view, (const uint8_t *)"10", 2, &count));
    CHECK_EQUAL(count, model_count("ns/10"));
    ATTEMPT("bytestore_len", count == 0, bytestore_len(view, &count));
    CHECK_EQUAL(count, model_count("ns/"));
    delete_entries(view, few);
    ATTEMPT("bytestore_delete_prefix", count == 0, bytestore_delete_prefix(view, (const uint8_t *)"100", 3, &count));
    model_deletes_prefix("ns/100");
    settle();
    watch(NULL);
    bytestore_store *all[] = {store, other, same, view, second};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        close_store(all[i]);
    }
}

static atomic_int waiter;

/* Whether a thread of this process sleeps; it may do so for a moment, too. */
static bool is_asleep(int thread) {
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
    FILE *file = thread == 0 ? NULL : fopen(path, "r");
    const bool known = file != NULL && fscanf(file, "%*d (%*[^)]) %c", &state) == 1;
    if (file != NULL) {
        fclose(file);
    }
    return known && state == 'S';
}

static void *wait_for_values(void *computation) {
    bytestore_buffer none = {0};
    atomic_store(&waiter, gettid());
    ATTEMPT("bytestore_computation_next", none.count == 0, bytestore_computation_next(computation, &none));
    CHECK_EQUAL(none.count, 0);
    return NULL;
}

/* One thread waits, in a call that may run out of memory, for what another one computes with enough. */
static void wait_for_another(bytestore_store *store, range which) {
    bytestore_computation *own = NULL, *theirs = compute_entries(store, which, 0);
    bytestore_buffer missing;
    const batch *set = make_batch(which.first, which.count, which.step, 100, which.cut);
    CHECK_EQUAL(bytestore_compute(store, set->count, set->keys, NULL, 0, &own), OK);
    CHECK_EQUAL(bytestore_computation_next(own, &missing), OK);
    CHECK_EQUAL(missing.count, which.count);
    CHECK_EQUAL(bytestore_free_buffer(&missing), OK);
    watch(NULL); /* it changes meanwhile */
    pthread_t thread;
    atomic_store(&waiter, 0);
    CHECK_EQUAL(pthread_create(&thread, NULL, wait_for_values, theirs), 0);
    for (int asleep = 0; asleep < 3; usleep(50)) {
        asleep = is_asleep(atomic_load(&waiter)) ? asleep + 1 : 0;
    }
    CHECK_EQUAL(bytestore_computation_set(own, set->count, set->values, NULL), OK);
    model_sets(set, UINT64_MAX);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    watch(store);
    take_values(theirs, which);
    close_computation(theirs);
    CHECK_EQUAL(bytestore_computation_close(own), OK);
    settle();
}

static void compute_all(const char *url) {
    model_begins(false);
    bytestore_store *store = open_store(url);
    watch(store);
    set_entries(store, (range){0, 20, 2, 0}, 50);
    const range half = {1, 20, 2, 0}, all = {0, 40, 1, 0};
    bytestore_computation *computation = compute_entries(store, all, 0);
    CHECK_EQUAL(next_missing(computation), half.count);
    set_missing(computation, half, 60);
    CHECK_EQUAL(next_missing(computation), 0);
    take_values(computation, all);
    close_computation(computation);
    computation = compute_entries(store, ENTRIES(100, 8), 10000); /* large ones, that fail first */
    CHECK_EQUAL(next_missing(computation), 8);
    fail_missing(computation);
    CHECK_EQUAL(next_missing(computation), 8);
    set_missing(computation, ENTRIES(100, 8), 5000);
    take_values(computation, ENTRIES(100, 8));
    close_computation(computation);
    computation = compute_entries(store, ENTRIES(200, 300), 0); /* and given up */
    CHECK_EQUAL(next_missing(computation), 300);
    close_computation(computation);
    bytestore_store *view = open_namespace(store, "ns/");
    const range part = {IN_NAMESPACE, 20, 1, 3};
    computation = compute_entries(view, part, 0);
    CHECK_EQUAL(next_missing(computation), 20);
    set_missing(computation, part, 20);
    take_values(computation, part);
    close_computation(computation);
    watch(NULL);
    close_store(view);
    close_store(store);
}

static void computing(void) { compute_all(NULL); }

static void computing_and_erasing(void) { compute_all("memory:?erase=true"); }

static void grow_to(bytestore_store *store, uint32_t entries, size_t value_len) {
    for (uint32_t first = 0; first < entries; first += BATCH) {
        set_entries(store, ENTRIES(first, BATCH), value_len);
    }
}

/* Pages and regions come and go, the index grows and shrinks, and pages with holes are emptied. */
static void growth(void) {
    model_begins(false);
    bytestore_store *store = open_store(NULL);
    watch(store);
    grow_to(store, 6000, 500);
    count_entries(store, "k/00");
    set_entries(store, (range){0, BATCH, 7, 0}, 900);
    scan(store, "k/01", 500);
    for (uint32_t first = 0; first < 6000; first += 3 * BATCH) {
        delete_entries(store, (range){first, BATCH, 3, 0});
        delete_entries(store, (range){first + 1, BATCH, 3, 0});
    }
    grow_to(store, 1200, 3000);
    delete_prefix(store, "key/00");
    delete_prefix(store, "k");
    watch(NULL);
    close_store(store);
}

/* The same with a bound, and with large entries in between. */
static void bounded_growth(void) {
    model_begins(true);
    bytestore_store *store = open_store("memory:?max_bytes=4MiB&ttl=1h");
    watch(store);
    grow_to(store, 9000, 400);
    for (uint32_t round = 0; round < 10; round++) {
        set_entries(store, ENTRIES(round * 111, 40), 5000 + round * 4000 % 30000);
        get_entries(store, ENTRIES(round * 500, BATCH));
    }
    grow_to(store, 3000, 700);
    check_counters(store);
    watch(NULL);
    close_store(store);
}

/* Saved and loaded, to memory and to a file, compressed and not: what is there is there again. */
static void snapshots(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/bytestore-oom-%ld", (long)getpid());
    model_begins(false);
    bytestore_store *store = open_store("memory:?clock=manual");
    watch(store);
    set_entries(store, ENTRIES(0, 100), 30);
    set_entries(store, ENTRIES(100, 5), 5000);
    set_entries_for(store, ENTRIES(200, 50), 40, 10);
    for (int32_t level = 0; level < 2; level++) {
        bytestore_buffer saved = {0};
        ATTEMPT("bytestore_save_buffer", saved.count == 0, bytestore_save_buffer(store, level, &saved));
        const bytestore_slice bytes = saved.slices[0];
        ATTEMPT("bytestore_load_buffer", NOTHING_GIVEN, bytestore_load_buffer(store, bytes.ptr, bytes.len));
        settle();
        ATTEMPT("bytestore_free_buffer", false, bytestore_free_buffer(&saved));
        ATTEMPT("bytestore_save", access(path, F_OK) != 0, bytestore_save(store, path, level));
        ATTEMPT("bytestore_load", NOTHING_GIVEN, bytestore_load(store, path));
        settle();
        CHECK(unlink(path) == 0);
    }
    uint64_t done = 1, capabilities = 0;
    ATTEMPT("bytestore_progress", false, bytestore_progress(store, &done, NULL));
    CHECK(done == 0);
    ATTEMPT("bytestore_capabilities", capabilities == 0, bytestore_capabilities(store, &capabilities));
    CHECK(capabilities != 0);
    bytestore_buffer message = {0};
    ATTEMPT("bytestore_remote_message", message.count == 0, bytestore_remote_message(store, &message));
    CHECK(message.count == 1 && message.slices[0].len == 0);
    ATTEMPT("bytestore_free_buffer", false, bytestore_free_buffer(&message));
    bytestore_store *view = open_namespace(store, "ns/");
    bytestore_buffer none = {0};
    ATTEMPT("bytestore_save_buffer", none.count == 0, bytestore_save_buffer(view, 0, &none));
    ATTEMPT("bytestore_load_buffer", NOTHING_GIVEN,
            bytestore_load_buffer(view, none.slices[0].ptr, none.slices[0].len));
    settle();
    bytestore_free_buffer(&none);
    close_store(view);
    watch(NULL);
    close_store(store);
}

const scenario scenarios[] = {
    {"an unbounded store", unbounded, 1},
    {"a store that erases", erasing, 2},
    {"prefixes", prefixes, 1},
    {"bounded stores", bounded, 2},
    {"time to live", expiring, 1},
    {"names and namespaces", handles, 1},
    {"computing", computing, 1},
    {"computing and erasing", computing_and_erasing, 3},
    {"snapshots", snapshots, 4},
    {"growth", growth, 16},
    {"growth of a bounded store", bounded_growth, 16},
};
const size_t scenario_count = COUNT_OF(scenarios);

void first_use(void) {
    enum { MANY = 200 };
    bytestore_store *views[MANY];
    model_begins(false);
    bytestore_store *store = open_store(NULL), *named = open_store("memory:first");
    watch(store);
    set_entries(store, ENTRIES(0, 20), 20);
    for (size_t i = 0; i < MANY; i++) {
        views[i] = open_namespace(store, "ns/");
    }
    wait_for_another(store, ENTRIES(100, 4));
    scan(store, "", 7);
    watch(NULL);
    for (size_t i = 0; i < MANY; i++) {
        close_store(views[i]);
    }
    close_store(named);
    close_store(store);
}
