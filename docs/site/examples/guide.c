// The C of the guide's pages: each function is one page, the tests run them all.
#include <bytestore.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void opening(void) {
    // --8<-- [start:open]
    bytestore_store *store = bytestore_new(); // empty, in this process, without bounds
    bytestore_store *cache, *ours, *theirs;
    bytestore_status status = bytestore_open("memory:?max_bytes=512MiB&ttl=1h", &cache, NULL);
    if (status != BYTESTORE_OK)
        fprintf(stderr, "%s\n", bytestore_status_message(status));

    // One store for all who open this name in the process.
    bytestore_open("memory:answers", &ours, NULL);
    bytestore_open("memory:answers", &theirs, NULL);
    bytestore_mset(ours, 1, "question", (uint32_t[]){8}, "42", (uint32_t[]){2});
    bytestore_buffer answers;
    if (bytestore_mget(theirs, 1, "question", (uint32_t[]){8}, &answers) == BYTESTORE_OK) {
        printf("by name: %.*s\n", (int)answers.slices[0].len,
               (const char *)answers.slices[0].ptr);
        bytestore_free_buffer(&answers);
    }

    bytestore_close(store);
    bytestore_close(cache);
    bytestore_close(ours);
    bytestore_close(theirs); // the last one of its name frees the store
    // --8<-- [end:open]
}

static void batches(void) {
    // --8<-- [start:batches]
    bytestore_store *store = bytestore_new();
    // Items are side by side with their lengths, or an array of bytestore_slice.
    bytestore_mset(store, 3, "user/1user/2draft", (uint32_t[]){6, 6, 5}, "AdaGrace",
                   (uint32_t[]){3, 5, 0});

    const char *keys[] = {"user/1", "draft", "user/9"};
    bytestore_slice slices[3];
    for (int i = 0; i < 3; i++)
        slices[i] = (bytestore_slice){(const uint8_t *)keys[i], strlen(keys[i])};
    bytestore_buffer answers;
    if (bytestore_mget(store, 3, slices, NULL, &answers) == BYTESTORE_OK) {
        for (size_t i = 0; i < answers.count; i++) {
            if (answers.slices[i].ptr == NULL) // an empty value is not at NULL
                printf("%s: missing\n", keys[i]);
            else
                printf("%s: %zu bytes\n", keys[i], answers.slices[i].len);
        }
        bytestore_free_buffer(&answers);
    }

    bytestore_cursor *cursor;
    bytestore_keys(store, (const uint8_t *)"user/", 5, &cursor);
    while (bytestore_cursor_next(cursor, 0, &answers) == BYTESTORE_OK && answers.count > 0) {
        for (size_t i = 0; i < answers.count; i++)
            printf("%.*s\n", (int)answers.slices[i].len, (const char *)answers.slices[i].ptr);
        bytestore_free_buffer(&answers);
    }
    bytestore_cursor_close(cursor);

    size_t removed;
    bytestore_mdelete(store, 2, "user/1user/9", (uint32_t[]){6, 6}, &removed);
    printf("deleted %zu\n", removed);
    bytestore_close(store);
    // --8<-- [end:batches]
}

static void bounds(void) {
    // --8<-- [start:bounds]
    bytestore_store *cache;
    bytestore_open("memory:?max_bytes=64MiB&max_item_bytes=1MiB&ttl=1h&clock=manual", &cache,
                   NULL);
    // The page lives for an hour, the token for 30 seconds.
    bytestore_mset(cache, 1, "page", (uint32_t[]){4}, "<html>", (uint32_t[]){6});
    bytestore_mset_ttl(cache, 1, "token", (uint32_t[]){5}, "s3cret", (uint32_t[]){6},
                       30 * 1000);

    bytestore_advance_clock(cache, 30 * 1000); // only with clock=manual, for tests
    bytestore_buffer answers;
    if (bytestore_mget(cache, 2, "pagetoken", (uint32_t[]){4, 5}, &answers) == BYTESTORE_OK) {
        printf("page: %s\n", answers.slices[0].ptr ? "there" : "missing");
        printf("token: %s\n", answers.slices[1].ptr ? "there" : "missing");
        bytestore_free_buffer(&answers);
    }

    static const char film[2 << 20];
    bytestore_status status =
        bytestore_mset(cache, 1, "film", (uint32_t[]){4}, film, (uint32_t[]){sizeof film});
    if (status == BYTESTORE_ERR_OVER_LIMIT)
        printf("film: %s\n", bytestore_status_name(status));
    bytestore_close(cache);
    // --8<-- [end:bounds]
}

static void prefixes(void) {
    // --8<-- [start:prefixes]
    bytestore_store *store = bytestore_new();
    const uint8_t *user = (const uint8_t *)"user/";
    bytestore_mset(store, 4, "user/1user/2draftuser/3", (uint32_t[]){6, 6, 5, 6},
                   "AdaGraceAlan", (uint32_t[]){3, 5, 0, 4});
    size_t count;
    bytestore_count(store, user, 5, &count);
    printf("%zu users\n", count);

    uint64_t position = 0; // a number: later, from a web handler, where the last page ended
    const char *titles[] = {"first page", "next page"};
    for (int page = 0; page < 2; page++) {
        bytestore_cursor *cursor;
        bytestore_buffer keys;
        bytestore_keys_from(store, user, 5, position, &cursor);
        bytestore_cursor_next(cursor, 2, &keys);
        bytestore_cursor_position(cursor, &position);
        printf("%s:", titles[page]);
        for (size_t i = 0; i < keys.count; i++)
            printf(" %.*s", (int)keys.slices[i].len, (const char *)keys.slices[i].ptr);
        printf("\n");
        bytestore_free_buffer(&keys);
        bytestore_cursor_close(cursor);
    }

    bytestore_store *users; // a store of its own, of the keys that begin so
    bytestore_buffer answers;
    bytestore_namespace(store, user, 5, &users);
    if (bytestore_mget(users, 1, "2", (uint32_t[]){1}, &answers) == BYTESTORE_OK) {
        printf("user 2 is %.*s\n", (int)answers.slices[0].len,
               (const char *)answers.slices[0].ptr);
        bytestore_free_buffer(&answers);
    }
    bytestore_close(users);

    bytestore_delete_prefix(store, user, 5, &count);
    printf("deleted %zu\n", count);
    bytestore_close(store);
    // --8<-- [end:prefixes]
}

// --8<-- [start:compute]
// Gets two pages, and fetches what is missing: once, however many threads miss these keys.
static bytestore_status get_or_fetch(bytestore_store *pages, const char *names,
                                     const uint32_t lens[2], bytestore_buffer *answers) {
    bytestore_computation *computation;
    bytestore_buffer missing;
    bytestore_status status =
        bytestore_compute(pages, 2, names, lens, 3600 * 1000, &computation);
    while (status == BYTESTORE_OK &&
           (status = bytestore_computation_next(computation, &missing)) == BYTESTORE_OK &&
           missing.count > 0) {
        char text[2][32];
        bytestore_slice values[2];
        printf("fetching");
        for (size_t i = 0; i < missing.count; i++) {
            int len = (int)missing.slices[i].len;
            const char *name = (const char *)missing.slices[i].ptr;
            printf(" %.*s", len, name);
            len = snprintf(text[i], sizeof text[i], "<h1>%.*s</h1>", len, name);
            values[i] = (bytestore_slice){(const uint8_t *)text[i], (size_t)len};
        }
        printf("\n");
        status = bytestore_computation_set(computation, missing.count, values, NULL);
        bytestore_free_buffer(&missing);
    }
    if (status == BYTESTORE_OK)
        status = bytestore_computation_values(computation, answers);
    bytestore_computation_close(computation);
    return status;
}

static void compute(void) {
    bytestore_store *pages = bytestore_new();
    bytestore_buffer answers;
    if (get_or_fetch(pages, "teacake", (uint32_t[]){3, 4}, &answers) == BYTESTORE_OK)
        bytestore_free_buffer(&answers);
    if (get_or_fetch(pages, "teamilk", (uint32_t[]){3, 4}, &answers) == BYTESTORE_OK) {
        for (size_t i = 0; i < answers.count; i++)
            printf("%.*s\n", (int)answers.slices[i].len, (const char *)answers.slices[i].ptr);
        bytestore_free_buffer(&answers);
    }
    bytestore_close(pages);
}
// --8<-- [end:compute]

static void counters(void) {
    // --8<-- [start:counters]
    bytestore_store *store = bytestore_new();
    bytestore_buffer answers;
    bytestore_mset(store, 1, "tea", (uint32_t[]){3}, "hot", (uint32_t[]){3});
    bytestore_mget(store, 4, "teateateacake", (uint32_t[]){3, 3, 3, 4}, &answers);
    bytestore_free_buffer(&answers);

    bytestore_counters counters = {.size = sizeof counters};
    bytestore_read_counters(store, &counters);
    printf("%" PRIu64 " entry, %" PRIu64 " hits, %" PRIu64 " miss, ratio %.2f\n",
           counters.entries, counters.hits, counters.misses,
           (double)counters.hits / (double)(counters.hits + counters.misses));
    bytestore_close(store);
    // --8<-- [end:counters]
}

static void snapshots(void) {
    // --8<-- [start:snapshots]
    bytestore_store *users, *again;
    bytestore_open("memory:?max_bytes=64MiB", &users, NULL);
    bytestore_mset(users, 2, "12", (uint32_t[]){1, 1}, "AdaGrace", (uint32_t[]){3, 5});
    // As of one moment, while others write. Level 0 does not compress.
    bytestore_save(users, "users.snapshot", 3);

    // A new store, with the options of the old one.
    size_t count;
    bytestore_open("snapshot:users.snapshot", &again, NULL);
    bytestore_len(again, &count);
    printf("%zu entries\n", count);

    // In place of what is there, in one step.
    bytestore_status status = bytestore_load(users, "no/such.snapshot");
    if (status == BYTESTORE_ERR_IO_FAILURE) // errno is ENOENT
        printf("%s\n", bytestore_status_name(status));
    bytestore_close(users);
    bytestore_close(again);
    // --8<-- [end:snapshots]
}

static void servers(void) {
    // --8<-- [start:servers]
    // Such as redis://cache.internal:6379/0?namespace=answers%2F&ttl=1h
    const char *url = getenv("STORE_URL");
    bytestore_store *answers;
    bytestore_status status = bytestore_open(url ? url : "memory:", &answers, NULL);
    if (status != BYTESTORE_OK) // the URL is at fault: nothing is sent before the first call
        return;

    bytestore_buffer found, words;
    status = bytestore_mset(answers, 1, "question", (uint32_t[]){8}, "42", (uint32_t[]){2});
    if (status == BYTESTORE_OK)
        status = bytestore_mget(answers, 1, "question", (uint32_t[]){8}, &found);
    if (status == BYTESTORE_OK) {
        printf("question: %.*s\n", (int)found.slices[0].len, (const char *)found.slices[0].ptr);
        bytestore_free_buffer(&found);
    } else if (bytestore_remote_message(answers, &words) == BYTESTORE_OK) {
        // Of BYTESTORE_ERR_REMOTE_FAILURE the server's own words, or the system's.
        printf("no answers today: %.*s\n", (int)words.slices[0].len,
               (const char *)words.slices[0].ptr);
        bytestore_free_buffer(&words);
    }

    uint64_t can;
    bytestore_capabilities(answers, &can);
    printf("keys keep their order: %s\n", can & BYTESTORE_CAN_KEEP_ORDER ? "yes" : "no");
    bytestore_close(answers);
    // --8<-- [end:servers]
}

static void errors(void) {
    // --8<-- [start:errors]
    bytestore_store *store;
    bytestore_slice bad; // the part of the URL at fault
    bytestore_status status = bytestore_open("nosuch:", &store, &bad);
    printf("%s\n", bytestore_status_name(status)); // bytestore_status_message is a sentence

    store = bytestore_new();
    bytestore_close(store);
    bytestore_buffer answers;
    status = bytestore_mget(store, 1, "tea", (uint32_t[]){3}, &answers);
    if (status != BYTESTORE_OK) // `answers` is zeroed, nothing has to be freed
        printf("%s\n", bytestore_status_name(status));
    // --8<-- [end:errors]
}

int main(void) {
    opening();
    batches();
    bounds();
    prefixes();
    compute();
    counters();
    snapshots();
    servers();
    errors();
}
