/* The steps of a case, done with the C ABI. Knows nothing of files and verdicts. */
#include <string.h>

#include "harness.h"

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
                                    milliseconds_of(ttl));
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

static void do_count(const cJSON *step) {
    const bytestore_slice prefix = bytes_of(field(step, "prefix"));
    size_t count = SIZE_MAX;
    if (succeeds(step, bytestore_count(store_of(step), prefix.ptr, prefix.len, &count))) {
        compare_number(count, number_of(field(step, "expect")));
    }
}

static void do_delete_prefix(const cJSON *step) {
    const bytestore_slice prefix = bytes_of(field(step, "prefix"));
    size_t removed = SIZE_MAX;
    if (succeeds(step, bytestore_delete_prefix(store_of(step), prefix.ptr, prefix.len, &removed))) {
        compare_number(removed, number_of(field(step, "removed")));
    }
}

static void do_namespace(const cJSON *step) {
    const bytestore_slice prefix = bytes_of(field(step, "prefix"));
    const char *name = text_of(field(step, "as"));
    bytestore_store *view = NULL;
    if (succeeds(step, bytestore_namespace(store_of(step), prefix.ptr, prefix.len, &view))) {
        add_store(name, view);
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

static void do_race(const cJSON *step) {
    const char *with = text_of(field(step, "with"));
    const bool deletes = strcmp(with, "mdelete") == 0;
    if (!deletes && strcmp(with, "mset") != 0) {
        fail("unknown kind of race %s", with);
    }
    race(store_of(step), list_of(field(step, "keys")), number_of(field(step, "writers")),
         number_of(field(step, "rounds")), deletes);
}

enum { MOST_FIELDS = 7 };

/* Every operation and the fields it knows; "do" and "store" all have. */
static const struct {
    const char *name;
    void (*run)(const cJSON *step);
    const char *fields[MOST_FIELDS];
} operations[] = {
    {"open", do_open, {"url", "snapshot", "error"}},
    {"save", do_save, {"as", "error"}},
    {"load", do_load, {"from", "cut", "flip", "error"}},
    {"close", do_close, {0}},
    {"mset", do_mset, {"pairs", "ttl", "scribble", "error"}},
    {"mget", do_mget, {"keys", "expect", "scribble", "error"}},
    {"mdelete", do_mdelete, {"keys", "removed", "scribble", "error"}},
    {"keys", do_keys, {"prefix", "expect", "error"}},
    {"count", do_count, {"prefix", "expect", "error"}},
    {"delete_prefix", do_delete_prefix, {"prefix", "removed", "error"}},
    {"page", do_page, {"page", "take", "prefix", "expect", "error"}},
    {"namespace", do_namespace, {"prefix", "as", "error"}},
    {"compute", do_compute, {"keys", "missing", "values", "expect", "ttl", "fails", "error"}},
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
            const char *known[2 + MOST_FIELDS] = {"do", "store"};
            size_t count = 2;
            while (count < 2 + MOST_FIELDS && operations[i].fields[count - 2] != NULL) {
                known[count] = operations[i].fields[count - 2];
                count++;
            }
            only_fields(step, known, count);
            operations[i].run(step);
            end_step();
            return;
        }
    }
    fail("unknown operation %s", name);
}
