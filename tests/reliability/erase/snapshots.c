/* Ways of snapshots: what saving and loading make beside the entries, in memory and with files, compressed and not. */
#include "way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECRET_KEY SECRET(40)

enum { COUNT = 300 };

/* Small values and large ones, whose keys are secret, too. */
static void set_secrets(bytestore_store *store) {
    set_others(store);
    set(store, SECRET_KEY, SECRET(100), 0, 2, COUNT / 2);
    set(store, SECRET_KEY, SECRET(9000), 1, 2, COUNT / 2);
}

static void delete_secrets(bytestore_store *store) { delete(store, SECRET_KEY, 0, 1, COUNT); }

static bytestore_buffer saved(bytestore_store *store, int32_t level) {
    bytestore_buffer snapshot;
    MUST_DO(bytestore_save_buffer(store, level, &snapshot));
    return snapshot;
}

static void saved_to_memory(int32_t level) {
    bytestore_store *store = open_store(NULL);
    set_secrets(store);
    bytestore_buffer snapshot = saved(store, level);
    look_for_them();
    delete_secrets(store);
    MUST_DO(bytestore_free_buffer(&snapshot));
    look_again();
    close_store(store);
}

static void as_it_is(void) { saved_to_memory(0); }
static void compressed(void) { saved_to_memory(3); }

/* In the place of other secrets, which go. */
static void loaded_from_memory(void) {
    bytestore_store *store = open_store(NULL);
    size_t removed;
    set_secrets(store);
    bytestore_buffer snapshot = saved(store, 3);
    set(store, SECRET_KEY, SECRET(500), COUNT, 1, COUNT);
    MUST_DO(bytestore_load_buffer(store, snapshot.slices[0].ptr, snapshot.slices[0].len));
    MUST(hits(store, SECRET_KEY, 0, 1, 2 * COUNT) == COUNT);
    look_for_them();
    MUST_DO(bytestore_free_buffer(&snapshot));
    MUST_DO(bytestore_delete_prefix(store, NULL, 0, &removed));
    look_again();
    close_store(store);
}

/* All of it is read before it turns out to be wrong. */
static void load_fails(void) {
    bytestore_store *store = open_store(NULL);
    set_secrets(store);
    bytestore_buffer snapshot = saved(store, 3);
    const size_t len = snapshot.slices[0].len;
    uint8_t *wrong = malloc(len);
    MUST(wrong != NULL);
    memcpy(wrong, snapshot.slices[0].ptr, len);
    wrong[len - 1] ^= 1;
    MUST_DO(bytestore_free_buffer(&snapshot));
    MUST(bytestore_load_buffer(store, wrong, len) == BYTESTORE_ERR_BAD_SNAPSHOT);
    explicit_bzero(wrong, len);
    free(wrong);
    look_for_them();
    delete_secrets(store);
    look_again();
    close_store(store);
}

/* The file is its reader's to guard: here it goes. */
static void saved_to_a_file(void) {
    bytestore_store *store = open_store(NULL);
    char path[] = "/tmp/bytestore-erase-XXXXXX";
    const int file = mkstemp(path);
    MUST(file >= 0 && close(file) == 0);
    set_secrets(store);
    MUST_DO(bytestore_save(store, path, 0));
    delete_secrets(store);
    MUST_DO(bytestore_load(store, path));
    MUST(unlink(path) == 0);
    look_for_them();
    delete_secrets(store);
    look_again();
    close_store(store);
}

static const way ways[] = {
    {"a snapshot in memory", as_it_is, false},
    {"a compressed snapshot in memory", compressed, false},
    {"what was loaded, and what it took the place of", loaded_from_memory, false},
    {"a load that fails at its end", load_fails, false},
    {"a file saved and loaded", saved_to_a_file, false},
};

const way_group snapshot_ways = {ways, sizeof ways / sizeof *ways};
