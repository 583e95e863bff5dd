/* Stores the files of a manifest, reads them back and says what that took: demo MANIFEST OUTDIR. */
#include <bytestore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "must.h"

static bool is_text(bytestore_slice value, const char *text) {
    return value.ptr != NULL && value.len == strlen(text) && memcmp(value.ptr, text, value.len) == 0;
}

/* The first example of LangChain's guide to byte stores. */
static void guide(bytestore_store *store) {
    const char *keys = "key1key2", *values = "value1value2";
    const uint32_t key_lens[] = {4, 4}, value_lens[] = {6, 6};
    bytestore_buffer both, after;
    must_work(bytestore_mset(store, 2, keys, key_lens, values, value_lens));
    must_work(bytestore_mget(store, 2, keys, key_lens, &both));
    must_work(bytestore_mdelete(store, 1, "key1", key_lens, NULL));
    must_work(bytestore_mget(store, 2, keys, key_lens, &after));
    MUST_BE(is_text(both.slices[0], "value1") && is_text(both.slices[1], "value2") && after.slices[0].ptr == NULL &&
                is_text(after.slices[1], "value2"),
            "the guide's example failed");
    printf("guide: key1 = %.6s, key2 = %.6s; after deleting key1: key1 missing, key2 = %.6s\n",
           (const char *)both.slices[0].ptr, (const char *)both.slices[1].ptr, (const char *)after.slices[1].ptr);
    must_work(bytestore_free_buffer(&both));
    must_work(bytestore_free_buffer(&after));
    must_work(bytestore_mdelete(store, 1, "key2", key_lens, NULL));
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: demo MANIFEST OUTDIR\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* progress is to be seen while it happens */
    bytestore_store *store = bytestore_new();
    MUST_BE(store != NULL, "out of memory");
    guide(store);
    corpus *files = corpus_open(store, argv[1]);
    corpus_fill(files);
    corpus_read_back(files, argv[2]);
    corpus_count(files, "json/");
    corpus_print_result(files);
    corpus_close(files);
    must_work(bytestore_close(store));
    return EXIT_SUCCESS;
}
