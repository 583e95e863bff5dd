/* What lives while a case runs, and what every step does with it: handles, statuses, inputs, answers. Knows no step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

struct running now;

/* --- Stores, scans, statuses --- */

void add_store(const char *name, bytestore_store *handle) {
    for (size_t i = 0; i < now.store_count; i++) {
        if (strcmp(now.stores[i].name, name) == 0) {
            bytestore_close(handle);
            fail("a store of this name is there");
        }
    }
    if (now.store_count == MOST) {
        bytestore_close(handle);
        fail("more stores than the harness has room for");
    }
    now.stores[now.store_count].name = name;
    now.stores[now.store_count].handle = handle;
    now.stores[now.store_count++].closed = false;
}

/* A server's URL; without it the cases' own stores are in memory. */
static const char *server(void) { return getenv("BYTESTORE_TEST_URL"); }

bool keeps_order(void) { return server() == NULL; }

/* Waits until copies are made of what is read, which the first reading only prepares. */
static void warm(bytestore_store *store) {
    const bytestore_slice empty = {NULL, 0};
    bytestore_counters counters = {.size = sizeof counters};
    if (bytestore_mset(store, 1, &empty, NULL, &empty, NULL) != BYTESTORE_OK) {
        fail("nothing can be set");
    }
    while (counters.entries == 0) {
        bytestore_buffer found;
        if (bytestore_mget(store, 1, &empty, NULL, &found) != BYTESTORE_OK ||
            bytestore_free_buffer(&found) != BYTESTORE_OK ||
            bytestore_read_counters(store, &counters) != BYTESTORE_OK) {
            fail("nothing can be read");
        }
    }
    if (bytestore_mdelete(store, 1, &empty, NULL, NULL) != BYTESTORE_OK) {
        fail("nothing can be deleted");
    }
}

/* An empty store with no options. On a server it has a part of the keys that no other process has, from which goes what
   the case before left: every scan would walk it. */
static bytestore_store *own_store(void) {
    if (server() == NULL) {
        return bytestore_new();
    }
    char url[1000];
    const char *separator = strchr(server(), '?') == NULL ? "?" : "&";
    snprintf(url, sizeof url, "%s%snamespace=c-%d/", server(), separator, (int)getpid());
    bytestore_store *store = NULL;
    if (bytestore_open(url, &store, NULL) != BYTESTORE_OK ||
        bytestore_delete_prefix(store, NULL, 0, NULL) != BYTESTORE_OK) {
        fail("no store at %s", url);
    }
    if (strncmp(url, "memory:", 7) == 0) {
        warm(store);
    }
    return store;
}

void begin_case(const way *chosen) {
    memset(&now, 0, sizeof now);
    now.way = chosen;
    add_store("", own_store());
}

void end_step(void) {
    bytestore_free_buffer(&now.answers);
    bytestore_computation_close(now.computation);
    now.computation = NULL;
    if (now.file != NULL) {
        unlink(now.file); /* if it ever was there */
        now.file = NULL;
    }
}

void end_case(void) {
    end_step();
    for (size_t i = 0; i < now.scan_count; i++) {
        bytestore_cursor_close(now.scans[i].cursor);
    }
    for (size_t i = 0; i < now.store_count; i++) {
        bytestore_close(now.stores[i].handle);
    }
    memset(&now, 0, sizeof now);
}

size_t place_of_store(const char *name) {
    for (size_t i = 0; i < now.store_count; i++) {
        if (strcmp(now.stores[i].name, name) == 0) {
            return i;
        }
    }
    fail("no store %s", name);
}

const char *store_name(const cJSON *step) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(step, "store");
    return name == NULL ? "" : text_of(name);
}

bytestore_store *store_of(const cJSON *step) { return now.stores[place_of_store(store_name(step))].handle; }

/* How the step must end. */
static const char *due(const cJSON *step) {
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(step, "error");
    return error == NULL ? "ok" : text_of(error);
}

bool succeeds(const cJSON *step, bytestore_status status) {
    if (strcmp(bytestore_status_name(status), due(step)) != 0) {
        fail("is %s, must be %s", bytestore_status_name(status), due(step));
    }
    return status == BYTESTORE_OK;
}

/* --- Inputs and answers --- */

input shaped(list bytes, bool packed) {
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

input keys_of(const cJSON *step) { return shaped(list_of(field(step, "keys")), now.way->packed_keys); }

static bool wants_scribble(const cJSON *step) {
    const cJSON *form = cJSON_GetObjectItemCaseSensitive(step, "scribble");
    if (form != NULL && !cJSON_IsBool(form)) {
        fail("scribble is true or false");
    }
    return cJSON_IsTrue(form);
}

void scribble_if_wanted(const cJSON *step, const input *given) {
    if (wants_scribble(step)) {
        for (size_t i = 0; i < given->bytes.count; i++) {
            memset((void *)(uintptr_t)given->bytes.items[i].ptr, '#', given->bytes.items[i].len);
        }
    }
}

void compare(const bytestore_slice *got, size_t count, list expected) {
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

void compare_number(size_t got, size_t expected) {
    if (got != expected) {
        fail("gives %zu, must give %zu", got, expected);
    }
}

bytestore_slice prefix_of(const cJSON *step) {
    const cJSON *prefix = cJSON_GetObjectItemCaseSensitive(step, "prefix");
    return prefix == NULL ? (bytestore_slice){NULL, 0} : bytes_of(prefix);
}

uint64_t milliseconds_of(const cJSON *ttl) { return cJSON_IsNull(ttl) ? BYTESTORE_NO_TTL : long_number_of(ttl); }
