/* The stores, the threads, and what must hold. */
#include "storm.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* The bounded store's entries, the sorted one's groups, whose entries come and go together, and keys that are computed.
 */
enum { AT_MOST = 500, GROUPS = 42, GROUP = 100, GROUP_KEY = 6, COMPUTED = 16, LARGE = 100 * 1000 };

static char key_blob[KEYS * 7], group_blob[GROUPS * GROUP * GROUP_KEY], large[LARGE];
static bytestore_slice keys[KEYS], group_keys[GROUPS * GROUP];
static atomic_bool done;
static atomic_size_t turns;

size_t storm_rounds(void) { return atomic_load(&turns); }
void begin_storm(void) { atomic_store(&done, false); }
void end_storm(void) { atomic_store(&done, true); }

static bytestore_status write_same(bytestore_store *store, size_t n, const bytestore_slice *to, uint64_t number) {
    bytestore_slice values[GROUP];
    for (size_t i = 0; i < n; i++) {
        values[i] = (bytestore_slice){(const uint8_t *)&number, sizeof number};
    }
    return bytestore_mset(store, n, to, NULL, values, NULL);
}

bytestore_status write_batch(bytestore_store *store, uint64_t number) { return write_same(store, KEYS, keys, number); }

bytestore_status read_batch(bytestore_store *store, bytestore_buffer *answers) {
    return bytestore_mget(store, KEYS, keys, NULL, answers);
}

storm open_storm(void) {
    numbered_keys(KEYS, key_blob, keys);
    for (size_t i = 0; i < GROUPS * GROUP; i++) {
        char text[GROUP_KEY + 1];
        snprintf(text, sizeof text, "g%02zu/%02zu", i / GROUP % 100, i % GROUP % 100);
        memcpy(group_blob + GROUP_KEY * i, text, GROUP_KEY);
        group_keys[i] = (bytestore_slice){(const uint8_t *)group_blob + GROUP_KEY * i, GROUP_KEY};
    }
    const storm stores = {new_store(),
                          store_at("memory:storm"),
                          store_at("memory:?max_entries=500&ttl=1h"),
                          store_at("memory:?clock=manual&erase=true"),
                          new_store(),
                          new_store()};
    CHECK_EQUAL(write_batch(stores.plain, 1), OK);
    CHECK_EQUAL(write_batch(stores.named, 1), OK);
    size_t found = 0;
    for (size_t group = 0; group < GROUPS; group++) {
        CHECK_EQUAL(write_same(stores.sorted, GROUP, group_keys + group * GROUP, 1), OK);
    }
    CHECK_EQUAL(bytestore_count(stores.sorted, group_keys[0].ptr, 4, &found), OK); /* from here on it sorts */
    CHECK_EQUAL(found, GROUP);
    return stores;
}

void close_storm(const storm *stores) {
    bytestore_store *const all[] = {stores->plain, stores->named,  stores->bounded,
                                    stores->timed, stores->sorted, stores->computed};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        CHECK_EQUAL(bytestore_close(all[i]), OK);
    }
}

/* --- What the threads do --- */

static void open_and_close(const storm *stores) {
    bytestore_cursor *cursor = NULL;
    bytestore_buffer page;
    bytestore_store *other = bytestore_new(), *same = store_at("memory:passing");
    CHECK_EQUAL(write_batch(same, 1), OK);
    CHECK_EQUAL(bytestore_keys(stores->plain, NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_cursor_next(cursor, 0, &page), OK);
    CHECK_EQUAL(page.count, KEYS);
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_close(other), OK);
    CHECK_EQUAL(bytestore_close(same), OK);
}

/* Small and large values, for a store that has room for few. */
static void crowd(bytestore_store *store, uint64_t *random) {
    for (size_t i = 0; i < 4; i++) {
        const uint64_t number = next_random(random) % 1000;
        const size_t len = number % 7 == 0 ? LARGE : number % 5 == 0 ? 5000 : 8;
        set_one(store, (bytestore_slice){(const uint8_t *)&number, sizeof number},
                (bytestore_slice){(const uint8_t *)large, len});
    }
}

static void come_and_go(const storm *stores, uint64_t *random) {
    const uint64_t number = next_random(random);
    const bytestore_slice *group = group_keys + number % GROUPS * GROUP;
    size_t count = 0;
    CHECK_EQUAL(number >> 63 ? write_same(stores->sorted, GROUP, group, number)
                             : bytestore_delete_prefix(stores->sorted, group->ptr, 4, NULL),
                OK);
    CHECK_EQUAL(bytestore_count(stores->sorted, group->ptr, 4, &count), OK);
    CHECK(count == 0 || count == GROUP);
    set_for(stores->timed, keys[number / 64 % KEYS], S("ends"), 1 + number % 20);
    advance(stores->timed, 1);
}

/* What one store has becomes what the other has, while others write to both: a whole batch in the place of a whole
 * batch. */
static bool save_and_load(bytestore_store *from, bytestore_store *to) {
    bytestore_buffer snapshot;
    if (bytestore_save_buffer(from, 0, &snapshot) != OK) {
        return false;
    }
    const bytestore_status loaded = bytestore_load_buffer(to, snapshot.slices[0].ptr, snapshot.slices[0].len);
    return bytestore_free_buffer(&snapshot) == OK && loaded == OK;
}

/* All missing keys of some, which others may be computing, too. Whether there is a value for each. */
static bool compute(bytestore_store *store, const bytestore_slice *of, size_t n) {
    bytestore_computation *computation = NULL;
    bytestore_buffer missing, answers;
    if (bytestore_compute(store, n, of, NULL, 0, &computation) != OK) {
        return false;
    }
    bool good = true;
    while ((good = good && bytestore_computation_next(computation, &missing) == OK) && missing.count > 0) {
        good = bytestore_computation_set(computation, missing.count, missing.slices, NULL) == OK;
        bytestore_free_buffer(&missing);
    }
    good = good && bytestore_computation_values(computation, &answers) == OK;
    for (size_t i = 0; good && i < n; i++) {
        good = same_bytes(answers.slices[i], of[i]);
    }
    return good && bytestore_free_buffer(&answers) == OK && bytestore_computation_close(computation) == OK;
}

void *tear(void *argument) {
    const storm *stores = argument;
    uint64_t random = (uint64_t)(uintptr_t)&stores; /* another stack, other numbers */
    /* Rather in the middle of something for long than done with it: the time is for those who look. */
    CHECK_EQUAL(setpriority(PRIO_PROCESS, (id_t)gettid(), 19), 0);
    for (uint64_t round = 1; !atomic_load(&done); round++) {
        CHECK_EQUAL(write_batch(stores->plain, round), OK);
        CHECK_EQUAL(write_batch(stores->named, round), OK);
        if (round % 4 == 0) {
            open_and_close(stores);
            CHECK(save_and_load(stores->plain, stores->named));
        }
        crowd(stores->bounded, &random);
        come_and_go(stores, &random);
        const size_t first = next_random(&random) % (COMPUTED - 2);
        CHECK(compute(stores->computed, keys + first, 2));
        CHECK_EQUAL(bytestore_mdelete(stores->computed, 2, keys + first, NULL, NULL), OK);
        atomic_fetch_add(&turns, 1);
    }
    return NULL;
}

/* --- What must hold --- */

/* A batch in one piece, all of it there; and the store can be written. */
static const char *batch_is_whole(bytestore_store *store) {
    bytestore_buffer answers;
    if (read_batch(store, &answers) != OK || answers.count != KEYS) {
        return "a batch cannot be read";
    }
    for (size_t i = 0; i < KEYS; i++) {
        if (answers.slices[i].ptr == NULL || !same_bytes(answers.slices[i], answers.slices[0])) {
            return "half a batch";
        }
    }
    const uint64_t zero = 0;
    if (bytestore_free_buffer(&answers) != OK || write_batch(store, zero) != OK ||
        !has_value(store, keys[KEYS - 1], (bytestore_slice){(const uint8_t *)&zero, sizeof zero})) {
        return "a batch cannot be written";
    }
    return NULL;
}

/* What the counters say is there is what a scan finds. */
static const char *counters_agree(bytestore_store *store, uint64_t at_most) {
    bytestore_counters counters = {.size = sizeof counters};
    bytestore_cursor *cursor = NULL;
    bytestore_buffer page;
    size_t len = 0, found = 0, bytes = 0;
    if (bytestore_read_counters(store, &counters) != OK || bytestore_len(store, &len) != OK ||
        bytestore_keys(store, NULL, 0, &cursor) != OK) {
        return "counters cannot be read";
    }
    while (bytestore_cursor_next(cursor, 0, &page) == OK && page.count > 0) {
        found += page.count;
        bytes += page.data_len;
        bytestore_free_buffer(&page);
    }
    bytestore_cursor_close(cursor);
    const bool agree = counters.entries == len && found == len && counters.key_bytes == bytes && len <= at_most;
    return agree ? NULL : "counters do not agree with what is there";
}

static const char *bound_holds(bytestore_store *store) {
    const char *wrong = counters_agree(store, AT_MOST);
    for (uint64_t number = 0; wrong == NULL && number < AT_MOST / 10; number++) {
        const bytestore_slice more = {(const uint8_t *)&number, sizeof number};
        const bytestore_slice value = {(const uint8_t *)large, number % 10 == 0 ? 5000 : 8};
        if (bytestore_mset(store, 1, &more, NULL, &value, NULL) != OK || !has_value(store, more, value)) {
            wrong = "a bounded store cannot be written";
        }
    }
    return wrong == NULL ? counters_agree(store, AT_MOST) : wrong;
}

/* Whoever was saving or loading here before the fork is not there any more. */
static const char *saves_and_loads(bytestore_store *store) {
    bytestore_store *other = bytestore_new();
    if (other == NULL || !save_and_load(store, other) || !save_and_load(other, store)) {
        return "a store cannot be saved and loaded";
    }
    const char *wrong = batch_is_whole(other);
    return wrong == NULL && bytestore_close(other) != OK ? "a loaded store cannot be closed" : wrong;
}

static const char *groups_are_whole(bytestore_store *store) {
    size_t sum = 0, count = 0;
    for (size_t group = 0; group < GROUPS; group++) {
        if (bytestore_count(store, group_keys[group * GROUP].ptr, 4, &count) != OK || (count != 0 && count != GROUP)) {
            return "half a group";
        }
        sum += count;
    }
    size_t removed = 0;
    const bool agree = counters_agree(store, sum) == NULL && write_same(store, GROUP, group_keys, 1) == OK &&
                       bytestore_delete_prefix(store, group_keys[0].ptr, 4, &removed) == OK && removed == GROUP &&
                       bytestore_count(store, group_keys[0].ptr, 4, &count) == OK && count == 0;
    return agree ? NULL : "a sorted store does not agree with itself";
}

static const char *time_passes(bytestore_store *store) {
    size_t len = 1;
    if (bytestore_advance_clock(store, 1000) != OK || bytestore_len(store, &len) != OK || len != 0) {
        return "entries outlive their end";
    }
    return write_batch(store, 1) == OK && bytestore_len(store, &len) == OK && len == KEYS ? NULL : "no entry can stay";
}

/* A name goes with its last handle, whatever calls used that one in threads that are not here. */
static const char *name_goes(bytestore_store *named) {
    size_t len = 1;
    bytestore_store *again = NULL;
    if (bytestore_close(named) != OK || bytestore_open("memory:storm", &again, NULL) != OK) {
        return "a name cannot be closed and opened";
    }
    if (bytestore_len(again, &len) != OK || len != 0) {
        return "a name outlives its last handle";
    }
    return write_batch(again, 1) == OK && bytestore_close(again) == OK ? NULL : "a name of its own cannot be used";
}

const char *use_and_close(const storm *stores) {
    const char *wrong = batch_is_whole(stores->plain);
    wrong = wrong != NULL ? wrong : counters_agree(stores->plain, KEYS);
    wrong = wrong != NULL ? wrong : batch_is_whole(stores->named);
    wrong = wrong != NULL ? wrong : saves_and_loads(stores->plain);
    wrong = wrong != NULL ? wrong : saves_and_loads(stores->named);
    wrong = wrong != NULL ? wrong : bound_holds(stores->bounded);
    wrong = wrong != NULL ? wrong : groups_are_whole(stores->sorted);
    wrong = wrong != NULL ? wrong : time_passes(stores->timed);
    if (wrong == NULL && !compute(stores->computed, keys, COMPUTED)) {
        wrong = "what others computed cannot be computed";
    }
    wrong = wrong != NULL ? wrong : name_goes(stores->named);
    if (wrong != NULL) {
        return wrong;
    }
    bytestore_store *const left[] = {stores->plain, stores->bounded, stores->timed, stores->sorted, stores->computed};
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        if (bytestore_close(left[i]) != OK) {
            return "a store cannot be closed";
        }
    }
    bytestore_store *own = bytestore_new();
    return own != NULL && write_batch(own, 1) == OK && bytestore_close(own) == OK ? NULL : "no new store";
}
