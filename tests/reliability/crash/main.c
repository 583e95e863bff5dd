/* Saves, loads and looks at a snapshot, for crash.py, which lets system calls fail or ends the process meanwhile.
 * A content is told by its letter: each entry's value is that letter, over and over. */
#include <bytestore.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENTRIES = 400, LENGTH = 1000, LARGE = 700000 };

/* What crash.py finds in the list of system calls. */
static void mark(void) { (void)!access("/crash-mark", F_OK); }

static void fill(bytestore_store *store, char letter) {
    static char value[LARGE];
    memset(value, letter, sizeof value);
    for (int i = 0; i < ENTRIES; i++) {
        char name[16];
        const int len = snprintf(name, sizeof name, "key %d", i);
        const bytestore_slice key = {(const uint8_t *)name, (size_t)len};
        const bytestore_slice whole = {(const uint8_t *)value, i == 7 ? LARGE : LENGTH};
        if (bytestore_mset(store, 1, &key, NULL, &whole, NULL) != BYTESTORE_OK) {
            exit(2);
        }
    }
}

/* The letter of a store's content; '?': it is not whole. */
static char content_of(bytestore_store *store) {
    char letter = 0;
    size_t len = 0;
    bool whole = bytestore_len(store, &len) == BYTESTORE_OK && len == ENTRIES;
    for (int i = 0; whole && i < ENTRIES; i++) {
        char name[16];
        const bytestore_slice key = {(const uint8_t *)name, (size_t)snprintf(name, sizeof name, "key %d", i)};
        bytestore_buffer answer = {0};
        whole = bytestore_mget(store, 1, &key, NULL, &answer) == BYTESTORE_OK && answer.slices[0].ptr != NULL &&
                answer.slices[0].len == (i == 7 ? LARGE : LENGTH);
        for (size_t at = 0; whole && at < answer.slices[0].len; at++) {
            letter = letter == 0 ? (char)answer.slices[0].ptr[at] : letter;
            whole = answer.slices[0].ptr[at] == (uint8_t)letter;
        }
        bytestore_free_buffer(&answer);
    }
    return whole ? letter : '?';
}

/* As a program does that knows nothing better. */
static bytestore_status save_naively(bytestore_store *store, const char *path) {
    bytestore_buffer saved;
    if (bytestore_save_buffer(store, 0, &saved) != BYTESTORE_OK) {
        return BYTESTORE_ERR_OUT_OF_MEMORY;
    }
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const size_t len = saved.slices[0].len, half = len / 2;
    const bool good = file >= 0 && write(file, saved.slices[0].ptr, half) == (ssize_t)half &&
                      write(file, saved.slices[0].ptr + half, len - half) == (ssize_t)(len - half) && fsync(file) == 0;
    bytestore_free_buffer(&saved);
    return close(file) == 0 && good ? BYTESTORE_OK : BYTESTORE_ERR_IO_FAILURE;
}

/* crash save|naive|load PATH LETTER: the store has that content before. Prints the status and the content after it.
 * crash forever PATH: saves one content after the other until it is killed. */
int main(int count, char **arguments) {
    if (count < 3) {
        return 2;
    }
    const char *mode = arguments[1], *path = arguments[2];
    bytestore_store *store = bytestore_new();
    if (strcmp(mode, "forever") == 0) {
        for (int turn = 0;; turn++) {
            fill(store, (char)('A' + turn % 26));
            if (bytestore_save(store, path, 0) != BYTESTORE_OK) {
                return 1;
            }
        }
    }
    fill(store, count > 3 ? arguments[3][0] : '-');
    mark();
    const bytestore_status status = strcmp(mode, "save") == 0    ? bytestore_save(store, path, 0)
                                    : strcmp(mode, "naive") == 0 ? save_naively(store, path)
                                                                 : bytestore_load(store, path);
    mark();
    printf("%s %c\n", bytestore_status_name(status), content_of(store));
    return bytestore_close(store) == BYTESTORE_OK ? 0 : 2;
}
