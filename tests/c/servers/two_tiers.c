/* What one handle writes on a server is seen through the copies of another one: two_tiers URL, the server's. */
#include <bytestore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "two_tiers: %s\n", what);
        exit(1);
    }
}

static bytestore_slice text(const char *text) { return (bytestore_slice){(const uint8_t *)text, strlen(text)}; }

static bytestore_store *opened(const char *url) {
    bytestore_store *store;
    require(bytestore_open(url, &store, NULL) == BYTESTORE_OK, "the URL");
    return store;
}

static void set(bytestore_store *store, const char *value) {
    const bytestore_slice key = text("key"), bytes = text(value);
    require(bytestore_mset(store, 1, &key, NULL, &bytes, NULL) == BYTESTORE_OK, "mset");
}

static bool has(bytestore_store *store, const char *value) {
    const bytestore_slice key = text("key");
    bytestore_buffer found;
    require(bytestore_mget(store, 1, &key, NULL, &found) == BYTESTORE_OK, "mget");
    const bytestore_slice answer = found.slices[0];
    const bool is_so = answer.ptr != NULL && answer.len == strlen(value) && memcmp(answer.ptr, value, answer.len) == 0;
    bytestore_free_buffer(&found);
    return is_so;
}

static bytestore_counters counters_of(bytestore_store *store) {
    bytestore_counters counters = {.size = sizeof counters};
    require(bytestore_read_counters(store, &counters) == BYTESTORE_OK, "counters");
    return counters;
}

static bool has_copies(bytestore_store *store) { return counters_of(store).entries > 0; }

/* Values that do not fit count neither as found nor as missing. */
static void count_what_fits(bytestore_store *store) {
    const bytestore_slice keys[] = {text("key"), text("missing")};
    uint8_t room[8];
    size_t lens[2];
    for (size_t fits = 0; fits < 2; fits++) {
        const bytestore_counters before = counters_of(store);
        bytestore_area area = {.bytes = room, .capacity = fits ? sizeof room : 1, .lens = lens};
        require(bytestore_mget_into(store, 2, keys, NULL, &area) == BYTESTORE_OK && area.len == 3, "mget_into");
        const bytestore_counters after = counters_of(store);
        require(after.hits == before.hits + fits && after.misses == before.misses + fits, "what is counted");
    }
}

int main(int count, char **words) {
    require(count == 2, "usage: two_tiers URL");
    char url[1000];
    snprintf(url, sizeof url, "memory:?max_bytes=1MiB&over=%s", words[1]);
    bytestore_store *other = opened(words[1]), *store = opened(url);
    for (const char *value = "54321"; *value != '\0'; value++) {
        set(other, value);
        while (!has(store, value) || !has_copies(store)) {
        }
    }
    set(store, "own");
    require(has(store, "own") && has(other, "own"), "an own write");
    count_what_fits(store);
    count_what_fits(other);
    bytestore_close(store);
    bytestore_close(other);
    return 0;
}
