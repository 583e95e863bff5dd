/* The steps that give keys: whole scans, scans under way, and pages. Where a store keeps no order, the keys of a whole
 * scan are compared as a set. */
#include <stdlib.h>
#include <string.h>

#include "harness.h"

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

static struct scan *scan_of(const cJSON *step) {
    const char *name = text_of(field(step, "scan"));
    for (size_t i = now.scan_count; i-- > 0;) { /* a name may be given again */
        if (strcmp(now.scans[i].name, name) == 0) {
            return &now.scans[i];
        }
    }
    fail("no scan %s", name);
}

/* The cursor is the case's from here on. NULL when opening it has failed as it must. */
static bytestore_cursor *open_scan(const cJSON *step, const char *name, uint64_t position) {
    const bytestore_slice prefix = prefix_of(step);
    bytestore_cursor *cursor = NULL;
    if (now.scan_count == MOST) {
        fail("more scans than the harness has room for");
    }
    const bytestore_status status =
        position == 0 ? bytestore_keys(store_of(step), prefix.ptr, prefix.len, &cursor)
                      : bytestore_keys_from(store_of(step), prefix.ptr, prefix.len, position, &cursor);
    if (succeeds(step, status)) {
        now.scans[now.scan_count++] = (struct scan){.name = name, .cursor = cursor};
    }
    return cursor;
}

static void close_last_scan(void) { bytestore_cursor_close(now.scans[--now.scan_count].cursor); }

static int in_order(const void *left, const void *right) {
    const bytestore_slice *a = left, *b = right;
    const int order = memcmp(a->ptr, b->ptr, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static void sort(list keys) { qsort(keys.items, keys.count, sizeof *keys.items, in_order); }

static void compare_keys(list keys, list expected) {
    if (!keeps_order()) {
        sort(keys);
        sort(expected);
    }
    compare(keys.items, keys.count, expected);
}

static list joined(list first, list second) {
    list both = {keep((first.count + second.count) * sizeof *both.items + 1), first.count + second.count};
    for (size_t i = 0; i < both.count; i++) {
        both.items[i] = i < first.count ? first.items[i] : second.items[i - first.count];
    }
    return both;
}

/* The keys that are not among these sorted ones. */
static list others(list keys, list sorted) {
    list left = {keep(keys.count * sizeof *left.items + 1), 0};
    for (size_t i = 0; i < keys.count; i++) {
        if (sorted.count == 0 ||
            bsearch(&keys.items[i], sorted.items, sorted.count, sizeof *sorted.items, in_order) == NULL) {
            left.items[left.count++] = keys.items[i];
        }
    }
    return left;
}

void do_keys(const cJSON *step) {
    bytestore_cursor *cursor = open_scan(step, "", 0);
    if (cursor != NULL) {
        compare_keys(take_keys(cursor, SIZE_MAX), list_of(field(step, "expect")));
        close_last_scan();
    }
}

void do_scan_start(const cJSON *step) { open_scan(step, text_of(field(step, "scan")), 0); }

void do_scan_next(const cJSON *step) {
    struct scan *scan = scan_of(step);
    const list keys = take_keys(scan->cursor, number_of(field(step, "take")));
    const list expected = list_of(field(step, "expect"));
    if (keeps_order()) {
        compare(keys.items, keys.count, expected);
    } else {
        scan->given = joined(scan->given, keys);
        scan->due = joined(scan->due, expected);
    }
}

void do_scan_rest(const cJSON *step) {
    struct scan *scan = scan_of(step);
    const list keys = joined(scan->given, take_keys(scan->cursor, SIZE_MAX));
    const list expected = joined(scan->due, list_of(field(step, "expect")));
    const cJSON *may_include = cJSON_GetObjectItemCaseSensitive(step, "may_include");
    list may = {NULL, 0};
    if (may_include != NULL) {
        may = list_of(may_include);
        sort(may);
    }
    compare_keys(others(keys, may), others(expected, may));
    sort(keys);
    for (size_t i = 1; i < keys.count; i++) {
        if (same_bytes(keys.items[i - 1], keys.items[i])) {
            fail("twice: %s", readable(keys.items[i]));
        }
    }
    scan->given = scan->due = (list){NULL, 0};
}

/* Where the page of this name and store goes on. */
static uint64_t *position_of(const cJSON *step) {
    const char *name = text_of(field(step, "page")), *store = store_name(step);
    size_t place = 0;
    while (place < now.page_count &&
           (strcmp(now.pages[place].name, name) != 0 || strcmp(now.pages[place].store, store) != 0)) {
        place++;
    }
    if (place == MOST) {
        fail("more pages than the harness has room for");
    }
    if (place == now.page_count) {
        now.pages[place].name = name;
        now.pages[place].store = store;
        now.pages[now.page_count++].position = 0;
    }
    return &now.pages[place].position;
}

void do_page(const cJSON *step) {
    uint64_t *position = position_of(step);
    const size_t take = number_of(field(step, "take"));
    bytestore_cursor *cursor = open_scan(step, "", *position);
    if (cursor != NULL) {
        compare_keys(take_keys(cursor, take), list_of(field(step, "expect")));
        if (bytestore_cursor_position(cursor, position) != BYTESTORE_OK) {
            fail("the cursor has no position");
        }
        close_last_scan();
    }
}
