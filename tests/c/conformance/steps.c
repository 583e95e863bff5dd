/* The steps of a case, done with the C ABI. Knows nothing of files and verdicts. */
#include <stdlib.h>
#include <string.h>

#include "harness.h"

enum { MOST = 64 };

/* What lives while a case runs. */
static struct {
    const way *way;
    struct {
        const char *name;
        bytestore_store *handle;
        bool closed;
    } stores[MOST];
    size_t store_count;
    struct {
        const char *name;
        bytestore_cursor *cursor;
    } scans[MOST];
    size_t scan_count;
    bytestore_buffer answers; /* of the running step */
} now;

/* --- Stores, scans, statuses --- */

static void add_store(const char *name, bytestore_store *handle) {
    if (now.store_count == MOST) {
        fail("more stores than the harness has room for");
    }
    now.stores[now.store_count].name = name;
    now.stores[now.store_count].handle = handle;
    now.stores[now.store_count++].closed = false;
}

void begin_case(const way *chosen) {
    memset(&now, 0, sizeof now);
    now.way = chosen;
    add_store("", bytestore_new());
}

void end_case(void) {
    bytestore_free_buffer(&now.answers);
    for (size_t i = 0; i < now.scan_count; i++) {
        bytestore_cursor_close(now.scans[i].cursor);
    }
    for (size_t i = 0; i < now.store_count; i++) {
        bytestore_close(now.stores[i].handle);
    }
    memset(&now, 0, sizeof now);
}

static size_t place_of_store(const char *name) {
    for (size_t i = 0; i < now.store_count; i++) {
        if (strcmp(now.stores[i].name, name) == 0) {
            return i;
        }
    }
    fail("no store %s", name);
}

static bytestore_cursor *scan_of(const cJSON *step) {
    const char *name = text_of(field(step, "scan"));
    for (size_t i = now.scan_count; i-- > 0;) { /* a name may be given again */
        if (strcmp(now.scans[i].name, name) == 0) {
            return now.scans[i].cursor;
        }
    }
    fail("no scan %s", name);
}

static const char *store_name(const cJSON *step) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(step, "store");
    return name == NULL ? "" : text_of(name);
}

static bytestore_store *store_of(const cJSON *step) { return now.stores[place_of_store(store_name(step))].handle; }

/* How the step must end. */
static const char *due(const cJSON *step) {
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(step, "error");
    return error == NULL ? "ok" : text_of(error);
}

/* True when the step has succeeded as it must, and has an answer; false when it has failed as it must. */
static bool succeeds(const cJSON *step, bytestore_status status) {
    if (strcmp(bytestore_status_name(status), due(step)) != 0) {
        fail("is %s, must be %s", bytestore_status_name(status), due(step));
    }
    return status == BYTESTORE_OK;
}

/* --- Inputs and answers --- */

static input shaped(list bytes, bool packed) {
    if (!packed) {
        return (input){bytes, bytes.items, NULL};
    }
    size_t total = 0;
    for (size_t i = 0; i < bytes.count; i++) {
        total += bytes.items[i].len;
    }
    uint8_t *blob = keep(total + 1);
    uint32_t *lens = keep(bytes.count * sizeof *lens + 1);
    list items = {keep(bytes.count * sizeof *items.items + 1), bytes.count};
    for (size_t i = 0, end = 0; i < bytes.count; end += bytes.items[i++].len) {
        lens[i] = (uint32_t)bytes.items[i].len;
        items.items[i] = (bytestore_slice){blob + end, bytes.items[i].len};
        memcpy(blob + end, bytes.items[i].ptr, bytes.items[i].len);
    }
    return (input){items, blob, lens};
}

static input keys_of(const cJSON *step) { return shaped(list_of(field(step, "keys")), now.way->packed_keys); }

static bool wants_scribble(const cJSON *step) {
    const cJSON *form = cJSON_GetObjectItemCaseSensitive(step, "scribble");
    if (form != NULL && !cJSON_IsBool(form)) {
        fail("scribble is true or false");
    }
    return cJSON_IsTrue(form);
}

/* Overwrites every byte of an input: the library must have its own copy. */
static void scribble_if_wanted(const cJSON *step, const input *given) {
    if (wants_scribble(step)) {
        for (size_t i = 0; i < given->bytes.count; i++) {
            memset((void *)(uintptr_t)given->bytes.items[i].ptr, '#', given->bytes.items[i].len);
        }
    }
}

static void compare(const bytestore_slice *got, size_t count, list expected) {
    for (size_t i = 0; i < count && i < expected.count; i++) {
        if (!same_bytes(got[i], expected.items[i])) {
            const char *wrong = strcpy(keep(strlen(readable(got[i])) + 1), readable(got[i]));
            fail("answer %zu is %s, must be %s", i, wrong, readable(expected.items[i]));
        }
    }
    if (count != expected.count) {
        fail("%zu answers, must be %zu", count, expected.count);
    }
}

static void compare_number(size_t got, size_t expected) {
    if (got != expected) {
        fail("gives %zu, must give %zu", got, expected);
    }
}

/* At most `take` keys of a scan, in pages; copied. */
static list take_keys(bytestore_cursor *cursor, size_t take) {
    size_t room = 64;
    list taken = {keep(room * sizeof *taken.items), 0};
    while (take > 0) {
        size_t most = now.way->page == 0 ? 1024 : now.way->page;
        most = most < take ? most : take;
        const bytestore_status status = bytestore_cursor_next(cursor, most, &now.answers);
        if (status != BYTESTORE_OK) {
            fail("the scan is %s", bytestore_status_name(status));
        }
        if (now.answers.count == 0) {
            break;
        }
        for (size_t i = 0; i < now.answers.count; i++) {
            if (taken.count == room) {
                bytestore_slice *larger = keep(2 * room * sizeof *larger);
                memcpy(larger, taken.items, room * sizeof *larger);
                taken.items = larger;
                room *= 2;
            }
            const bytestore_slice key = now.answers.slices[i];
            taken.items[taken.count++] = (bytestore_slice){memcpy(keep(key.len + 1), key.ptr, key.len), key.len};
        }
        take -= now.answers.count;
        bytestore_free_buffer(&now.answers);
    }
    return taken;
}

static bytestore_slice prefix_of(const cJSON *step) {
    const cJSON *prefix = cJSON_GetObjectItemCaseSensitive(step, "prefix");
    return prefix == NULL ? (bytestore_slice){NULL, 0} : bytes_of(prefix);
}

/* --- The steps --- */

static void do_open(const cJSON *step) {
    bytestore_store *opened = NULL;
    if (succeeds(step, bytestore_open(text_of(field(step, "url")), &opened, NULL))) {
        for (size_t i = 0; i < now.store_count; i++) {
            if (strcmp(now.stores[i].name, store_name(step)) == 0) {
                bytestore_close(opened);
                fail("a store of this name is there");
            }
        }
        add_store(store_name(step), opened);
    }
}

static void do_close(const cJSON *step) {
    const size_t place = place_of_store(store_name(step));
    const bytestore_status status = bytestore_close(now.stores[place].handle);
    if (now.stores[place].closed && status == BYTESTORE_ERR_CLOSED_HANDLE) {
        return; /* in C a second close says so */
    }
    if (now.stores[place].closed) {
        fail("a second close is %s", bytestore_status_name(status));
    }
    succeeds(step, status);
    now.stores[place].closed = true;
}

static void do_mset(const cJSON *step) {
    const pairs all = pairs_of(field(step, "pairs"));
    const input keys = shaped(all.keys, now.way->packed_keys), values = shaped(all.values, now.way->packed_values);
    const cJSON *ttl = cJSON_GetObjectItemCaseSensitive(step, "ttl");
    bytestore_status status;
    if (ttl == NULL) {
        status = bytestore_mset(store_of(step), all.keys.count, keys.items, keys.lens, values.items, values.lens);
    } else {
        status = bytestore_mset_ttl(store_of(step), all.keys.count, keys.items, keys.lens, values.items, values.lens,
                                    cJSON_IsNull(ttl) ? BYTESTORE_NO_TTL : long_number_of(ttl));
    }
    succeeds(step, status);
    scribble_if_wanted(step, &keys);
    scribble_if_wanted(step, &values);
}

static void do_mget(const cJSON *step) {
    const input keys = keys_of(step);
    const bytestore_status status =
        bytestore_mget(store_of(step), keys.bytes.count, keys.items, keys.lens, &now.answers);
    scribble_if_wanted(step, &keys); /* the answers are read-only in C */
    if (succeeds(step, status)) {
        compare(now.answers.slices, now.answers.count, answers_of(field(step, "expect")));
    }
}

static void do_mdelete(const cJSON *step) {
    const input keys = keys_of(step);
    size_t removed = SIZE_MAX;
    const bytestore_status status =
        bytestore_mdelete(store_of(step), keys.bytes.count, keys.items, keys.lens, &removed);
    scribble_if_wanted(step, &keys);
    if (succeeds(step, status)) {
        compare_number(removed, number_of(field(step, "removed")));
    }
}

static void do_len(const cJSON *step) {
    size_t len = SIZE_MAX;
    if (succeeds(step, bytestore_len(store_of(step), &len))) {
        compare_number(len, number_of(field(step, "expect")));
    }
}

static void do_advance(const cJSON *step) {
    succeeds(step, bytestore_advance_clock(store_of(step), long_number_of(field(step, "ms"))));
}

static void do_counters(const cJSON *step) {
    bytestore_counters counters;
    memset(&counters, 0xA5, sizeof counters); /* what the library leaves alone must not pass for 0 */
    counters.size = sizeof counters;
    if (succeeds(step, bytestore_read_counters(store_of(step), &counters))) {
        compare_counters(&counters, field(step, "expect"));
    }
}

/* The cursor is the case's from here on. NULL when opening it has failed as it must. */
static bytestore_cursor *open_scan(const cJSON *step, const char *name) {
    const bytestore_slice prefix = prefix_of(step);
    bytestore_cursor *cursor = NULL;
    if (now.scan_count == MOST) {
        fail("more scans than the harness has room for");
    }
    if (succeeds(step, bytestore_keys(store_of(step), prefix.ptr, prefix.len, &cursor))) {
        now.scans[now.scan_count].name = name;
        now.scans[now.scan_count++].cursor = cursor;
    }
    return cursor;
}

static void do_keys(const cJSON *step) {
    bytestore_cursor *cursor = open_scan(step, "");
    if (cursor != NULL) {
        const list keys = take_keys(cursor, SIZE_MAX);
        compare(keys.items, keys.count, list_of(field(step, "expect")));
        bytestore_cursor_close(now.scans[--now.scan_count].cursor);
    }
}

static void do_scan_start(const cJSON *step) { open_scan(step, text_of(field(step, "scan"))); }

static void do_scan_next(const cJSON *step) {
    const list keys = take_keys(scan_of(step), number_of(field(step, "take")));
    compare(keys.items, keys.count, list_of(field(step, "expect")));
}

static int in_order(const void *left, const void *right) {
    const bytestore_slice *a = left, *b = right;
    const int order = memcmp(a->ptr, b->ptr, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static void sort(list keys) { qsort(keys.items, keys.count, sizeof *keys.items, in_order); }

static void do_scan_rest(const cJSON *step) {
    const list keys = take_keys(scan_of(step), SIZE_MAX);
    list others = {keep(keys.count * sizeof *others.items + 1), 0}, may = {NULL, 0};
    const cJSON *may_include = cJSON_GetObjectItemCaseSensitive(step, "may_include");
    if (may_include != NULL) {
        may = list_of(may_include);
        sort(may);
    }
    for (size_t i = 0; i < keys.count; i++) {
        if (may.count == 0 || bsearch(&keys.items[i], may.items, may.count, sizeof *may.items, in_order) == NULL) {
            others.items[others.count++] = keys.items[i];
        }
    }
    compare(others.items, others.count, list_of(field(step, "expect")));
    sort(keys);
    for (size_t i = 1; i < keys.count; i++) {
        if (same_bytes(keys.items[i - 1], keys.items[i])) {
            fail("twice: %s", readable(keys.items[i]));
        }
    }
}

static void do_race(const cJSON *step) {
    const char *with = text_of(field(step, "with"));
    const bool deletes = strcmp(with, "mdelete") == 0;
    if (!deletes && strcmp(with, "mset") != 0) {
        fail("unknown kind of race %s", with);
    }
    race(store_of(step), list_of(field(step, "keys")), number_of(field(step, "writers")),
         number_of(field(step, "rounds")), deletes);
}

/* Every operation and the fields it knows; "do" and "store" all have. */
static const struct {
    const char *name;
    void (*run)(const cJSON *step);
    const char *fields[6];
} operations[] = {
    {"open", do_open, {"url", "error"}},
    {"close", do_close, {0}},
    {"mset", do_mset, {"pairs", "ttl", "scribble", "error"}},
    {"mget", do_mget, {"keys", "expect", "scribble", "error"}},
    {"mdelete", do_mdelete, {"keys", "removed", "scribble", "error"}},
    {"keys", do_keys, {"prefix", "expect", "error"}},
    {"len", do_len, {"expect", "error"}},
    {"advance", do_advance, {"ms", "error"}},
    {"counters", do_counters, {"expect", "error"}},
    {"scan_start", do_scan_start, {"scan", "prefix"}},
    {"scan_next", do_scan_next, {"scan", "take", "expect"}},
    {"scan_rest", do_scan_rest, {"scan", "expect", "may_include"}},
    {"race", do_race, {"keys", "writers", "rounds", "with"}},
};

void run_step(const cJSON *step) {
    const char *name = text_of(field(step, "do"));
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(operations[i].name, name) == 0) {
            const char *known[8] = {"do", "store"};
            size_t count = 2;
            while (count < 8 && operations[i].fields[count - 2] != NULL) {
                known[count] = operations[i].fields[count - 2];
                count++;
            }
            only_fields(step, known, count);
            operations[i].run(step);
            bytestore_free_buffer(&now.answers);
            return;
        }
    }
    fail("unknown operation %s", name);
}
