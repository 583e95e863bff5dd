/* Finds files of the same content: duplicates FOLDER... prints each one behind the file that was there first.
 *
 * The content itself is the key, so that no two different files can be taken for one; what was seen is looked up and
 * set in memory of the store's, which may be full of files: with max_bytes it forgets some and misses their copies. */
#define _GNU_SOURCE
#include <bytestore.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bytestore_store *seen;
static size_t copies, saved;

/* The whole file, or NULL; `*len` bytes, to be freed. */
static char *read_file(const char *path, uint32_t *len) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    char *bytes = NULL;
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        rewind(file);
        if (size > 0 && size <= UINT32_MAX && (bytes = malloc((size_t)size)) != NULL) {
            *len = (uint32_t)fread(bytes, 1, (size_t)size, file);
        }
    }
    fclose(file);
    return bytes;
}

static void check(bytestore_status status) {
    if (status != BYTESTORE_OK) {
        fprintf(stderr, "duplicates: %s\n", bytestore_status_message(status));
        exit(1);
    }
}

static int visit(const char *path, const struct stat *about, int kind, struct FTW *place) {
    (void)about, (void)place;
    uint32_t len = 0;
    char *content = kind == FTW_F ? read_file(path, &len) : NULL;
    if (content == NULL) {
        return 0; /* a folder, an empty file, or one that may not be read */
    }
    bytestore_buffer first;
    check(bytestore_mget(seen, 1, content, &len, &first));
    if (first.slices[0].ptr != NULL) {
        printf("%s = %.*s\n", path, (int)first.slices[0].len, (const char *)first.slices[0].ptr);
        copies++;
        saved += len;
    } else {
        check(bytestore_mset(seen, 1, content, &len, path, (uint32_t[]){(uint32_t)strlen(path)}));
    }
    bytestore_free_buffer(&first);
    free(content);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: duplicates FOLDER...\n");
        return 2;
    }
    check(bytestore_open("memory:", &seen, NULL));
    for (int i = 1; i < argc; i++) {
        if (nftw(argv[i], visit, 16, FTW_PHYS) != 0) {
            perror(argv[i]);
        }
    }
    printf("%zu copies, %zu bytes\n", copies, saved);
    return bytestore_close(seen) != BYTESTORE_OK;
}
