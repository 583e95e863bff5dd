/* The steps that save and load, each through memory and through a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

/* The name of a file that goes when the step has ended; none is there yet. */
static const char *new_file(void) {
    static size_t number;
    const char *folder = getenv("TMPDIR");
    folder = folder == NULL || *folder == 0 ? "/tmp" : folder;
    const size_t size = strlen(folder) + 80;
    char *path = keep(size);
    snprintf(path, size, "%s/bytestore-conformance-c-%ld-%zu", folder, (long)getpid(), number++);
    now.file = path;
    return path;
}

static void write_file(const char *path, bytestore_slice bytes) {
    FILE *file = fopen(path, "wbx");
    bool good = file != NULL && fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len;
    if (file != NULL) {
        good = fclose(file) == 0 && good;
    }
    if (!good) {
        fail("cannot write %s", path);
    }
}

/* Whether a file has these bytes, and no others. */
static bool has_bytes(const char *path, bytestore_slice bytes) {
    uint8_t *room = keep(bytes.len + 1);
    FILE *file = fopen(path, "rb");
    const size_t len = file == NULL ? 0 : fread(room, 1, bytes.len + 1, file);
    if (file != NULL) {
        fclose(file);
    }
    return file != NULL && same_bytes((bytestore_slice){room, len}, bytes);
}

static bytestore_slice copy_of(bytestore_slice bytes) {
    /* As long as they are: who reads on is seen by tools that watch memory. */
    uint8_t *copy = keep(bytes.len);
    memcpy(copy, bytes.ptr, bytes.len);
    return (bytestore_slice){copy, bytes.len};
}

static void add_snapshot(const char *name, bytestore_slice bytes) {
    for (size_t i = 0; i < now.snapshot_count; i++) {
        if (strcmp(now.snapshots[i].name, name) == 0) {
            fail("a snapshot of this name is there");
        }
    }
    if (now.snapshot_count == MOST) {
        fail("more snapshots than the harness has room for");
    }
    now.snapshots[now.snapshot_count].name = name;
    now.snapshots[now.snapshot_count++].bytes = bytes;
}

static bytestore_slice snapshot_of(const cJSON *name) {
    for (size_t i = 0; i < now.snapshot_count; i++) {
        if (strcmp(now.snapshots[i].name, text_of(name)) == 0) {
            return now.snapshots[i].bytes;
        }
    }
    fail("no snapshot %s", text_of(name));
}

/* A copy with what the step says is wrong with it. */
static bytestore_slice spoilt(const cJSON *step, bytestore_slice bytes) {
    const cJSON *cut = cJSON_GetObjectItemCaseSensitive(step, "cut");
    const cJSON *flip = cJSON_GetObjectItemCaseSensitive(step, "flip");
    if (cut != NULL) {
        const size_t missing = number_of(cut);
        bytes.len -= missing < bytes.len ? missing : bytes.len;
    }
    bytes = copy_of(bytes);
    if (flip != NULL) {
        const size_t place = number_of(flip);
        if (place >= bytes.len) {
            fail("no byte %zu to flip", place);
        }
        ((uint8_t *)(uintptr_t)bytes.ptr)[place] ^= 1;
    }
    return bytes;
}

void do_open(const cJSON *step) {
    const cJSON *snapshot = cJSON_GetObjectItemCaseSensitive(step, "snapshot");
    const cJSON *plain = cJSON_GetObjectItemCaseSensitive(step, "url");
    if ((snapshot == NULL) == (plain == NULL)) {
        fail("either a URL or a snapshot");
    }
    const char *url = plain == NULL ? NULL : text_of(plain);
    if (snapshot != NULL) {
        const char *path = new_file();
        char *made = keep(strlen(path) + sizeof "snapshot:");
        write_file(path, snapshot_of(snapshot));
        url = strcat(strcpy(made, "snapshot:"), path);
    }
    bytestore_store *opened = NULL;
    if (succeeds(step, bytestore_open(url, &opened, NULL))) {
        add_store(store_name(step), opened);
    }
}

void do_save(const cJSON *step) {
    const char *name = text_of(field(step, "as")), *path = new_file();
    const bool in_memory = succeeds(step, bytestore_save_buffer(store_of(step), 0, &now.answers));
    const bool in_file = succeeds(step, bytestore_save(store_of(step), path, 0));
    if (!in_memory || !in_file) {
        return;
    }
    if (now.answers.count != 1 || !has_bytes(path, now.answers.slices[0])) {
        fail("the file is not what is in memory");
    }
    add_snapshot(name, copy_of(now.answers.slices[0]));
}

void do_load(const cJSON *step) {
    const bytestore_slice bytes = spoilt(step, snapshot_of(field(step, "from")));
    const char *path = new_file();
    write_file(path, bytes);
    succeeds(step, bytestore_load_buffer(store_of(step), bytes.ptr, bytes.len));
    succeeds(step, bytestore_load(store_of(step), path));
}
