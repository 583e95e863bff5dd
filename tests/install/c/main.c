/* What a user of an installed copy writes: it sets, gets, saves with compression, loads, and asks a server that is not
 * there, so that all that the library is made of is linked. Ends with 1 where an answer is not the expected one. */
#include <bytestore.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    if (bytestore_abi_version() != BYTESTORE_ABI_VERSION || strcmp(bytestore_version(), BYTESTORE_VERSION) != 0) {
        return 1;
    }
    bytestore_store *store = bytestore_new();
    bytestore_mset(store, 2, "user/1user/2", (const uint32_t[]){6, 6}, "AdaGrace", (const uint32_t[]){3, 5});
    bytestore_buffer values;
    if (bytestore_mget(store, 2, "user/1user/9", (const uint32_t[]){6, 6}, &values) != BYTESTORE_OK) {
        return 1;
    }
    printf("%.*s, %s, ", (int)values.slices[0].len, (const char *)values.slices[0].ptr,
           values.slices[1].ptr != NULL ? "found" : "missing");
    bytestore_free_buffer(&values);

    bytestore_buffer saved;
    bytestore_store *loaded = bytestore_new();
    size_t count = 0;
    if (bytestore_save_buffer(store, 3, &saved) != BYTESTORE_OK ||
        bytestore_load_buffer(loaded, saved.slices[0].ptr, saved.slices[0].len) != BYTESTORE_OK ||
        bytestore_len(loaded, &count) != BYTESTORE_OK) {
        return 1;
    }
    bytestore_free_buffer(&saved);
    printf("%zu loaded\n", count);

    bytestore_store *server;
    if (bytestore_open("rediss://127.0.0.1:1/?retries=0", &server, NULL) != BYTESTORE_OK ||
        bytestore_mget(server, 1, "user/1", (const uint32_t[]){6}, &values) != BYTESTORE_ERR_REMOTE_FAILURE) {
        return 1;
    }
    bytestore_close(server);
    bytestore_close(loaded);
    bytestore_close(store);
    return 0;
}
