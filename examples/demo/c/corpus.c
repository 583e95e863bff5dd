/* Fills the store from the disk, reads it back, and keeps the time. */
#include "corpus.h"

#include <openssl/evp.h>
#include <string.h>
#include <time.h>

#include "must.h"

enum { BATCH = 64 };

struct corpus {
    bytestore_store *store;
    char *manifest;         /* its text; a NUL ends each line */
    const char *root;       /* its first line */
    bytestore_slice *paths; /* all others; each points into the text, with a NUL behind it */
    size_t count;
    size_t done; /* files stored plus files read back */
    size_t entries, bytes, prefix;
    double mset_seconds, mget_seconds;
    long rss_bytes;
};

/* A whole file with a NUL behind it. The caller frees it. */
static char *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    char *content = NULL;
    size_t size = 0;
    *len = 0;
    if (file != NULL) {
        do {
            size = *len + (size_t)64 * 1024;
            char *longer = realloc(content, size + 1);
            MUST_BE(longer != NULL, "out of memory");
            content = longer;
            *len += fread(content + *len, 1, size - *len, file);
        } while (*len == size);
    }
    if (file == NULL || ferror(file)) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    fclose(file);
    content[*len] = '\0';
    return content;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The memory of this process that is really there. */
static long resident_bytes(void) {
    size_t len;
    long kibibytes = 0;
    char *status = read_file("/proc/self/status", &len);
    const char *line = strstr(status, "VmRSS:");
    MUST_BE(line != NULL && sscanf(line, "VmRSS: %ld", &kibibytes) == 1, "/proc/self/status has no VmRSS");
    free(status);
    return kibibytes * 1024;
}

/* Says about fifty times how much is done. */
static void progress(corpus *files, size_t more) {
    const size_t total = 2 * files->count, before = files->done * 50 / total;
    files->done += more;
    if (files->done * 50 / total > before) {
        printf("progress %zu %zu\n", files->done, total);
    }
}

/* How many files the batch at `first` has. */
static size_t batch_at(const corpus *files, size_t first) {
    return files->count - first < BATCH ? files->count - first : BATCH;
}

corpus *corpus_open(bytestore_store *store, const char *manifest) {
    corpus *files = calloc(1, sizeof *files);
    MUST_BE(files != NULL, "out of memory");
    size_t len, lines = 0;
    files->store = store;
    files->manifest = read_file(manifest, &len);
    for (size_t i = 0; i < len; i++) {
        lines += files->manifest[i] == '\n';
    }
    files->paths = calloc(lines + 1, sizeof *files->paths);
    MUST_BE(files->paths != NULL, "out of memory");
    char *rest = files->manifest;
    files->root = strsep(&rest, "\n");
    for (char *path; (path = strsep(&rest, "\n")) != NULL && *path != '\0';) {
        files->paths[files->count++] = (bytestore_slice){(const uint8_t *)path, strlen(path)};
    }
    MUST_BE(files->count > 0, "the manifest has no files");
    return files;
}

void corpus_close(corpus *files) {
    free(files->paths);
    free(files->manifest);
    free(files);
}

void corpus_fill(corpus *files) {
    const long before = resident_bytes();
    for (size_t first = 0; first < files->count; first += BATCH) {
        const bytestore_slice *paths = files->paths + first;
        const size_t size = batch_at(files, first);
        char *contents[BATCH];
        bytestore_slice values[BATCH];
        for (size_t i = 0; i < size; i++) {
            char path[4096];
            const int len = snprintf(path, sizeof path, "%s/%s", files->root, (const char *)paths[i].ptr);
            MUST_BE(len > 0 && (size_t)len < sizeof path, "a path is too long");
            contents[i] = read_file(path, &values[i].len);
            values[i].ptr = (const uint8_t *)contents[i];
            files->bytes += values[i].len;
        }
        const double start = now();
        must_work(bytestore_mset(files->store, size, paths, NULL, values, NULL));
        files->mset_seconds += now() - start;
        for (size_t i = 0; i < size; i++) {
            free(contents[i]); /* the store has its own copy */
        }
        progress(files, size);
    }
    files->rss_bytes = resident_bytes() - before;
    must_work(bytestore_len(files->store, &files->entries));
}

static void write_hash(FILE *out, bytestore_slice content, bytestore_slice path) {
    unsigned char digest[32];
    MUST_BE(EVP_Digest(content.ptr, content.len, digest, NULL, EVP_sha256(), NULL) == 1, "libcrypto has no SHA-256");
    for (size_t i = 0; i < sizeof digest; i++) {
        fprintf(out, "%02x", digest[i]);
    }
    fprintf(out, "  %s\n", (const char *)path.ptr);
}

void corpus_read_back(corpus *files, const char *directory) {
    char name[4096];
    MUST_BE((size_t)snprintf(name, sizeof name, "%s/sha256", directory) < sizeof name, "a path is too long");
    FILE *hashes = fopen(name, "w");
    MUST_BE(hashes != NULL, "cannot write the hashes");
    for (size_t first = 0; first < files->count; first += BATCH) {
        const size_t size = batch_at(files, first);
        bytestore_buffer contents;
        const double start = now();
        must_work(bytestore_mget(files->store, size, files->paths + first, NULL, &contents));
        files->mget_seconds += now() - start;
        for (size_t i = 0; i < size; i++) {
            MUST_BE(contents.slices[i].ptr != NULL, "a file is missing");
            write_hash(hashes, contents.slices[i], files->paths[first + i]);
        }
        must_work(bytestore_free_buffer(&contents));
        progress(files, size);
    }
    const bool written = !ferror(hashes);
    MUST_BE(fclose(hashes) == 0 && written, "cannot write the hashes");
}

void corpus_count(corpus *files, const char *prefix) {
    bytestore_cursor *cursor;
    must_work(bytestore_keys(files->store, (const uint8_t *)prefix, strlen(prefix), &cursor));
    for (size_t keys = 1; keys > 0; files->prefix += keys) {
        bytestore_buffer page;
        must_work(bytestore_cursor_next(cursor, 0, &page));
        keys = page.count;
        must_work(bytestore_free_buffer(&page));
    }
    must_work(bytestore_cursor_close(cursor));
    printf("prefix: %zu keys begin with %s\n", files->prefix, prefix);
}

void corpus_print_result(const corpus *files) {
    printf("result {\"language\": \"c\", \"entries\": %zu, \"bytes\": %zu, \"mset_seconds\": %.6f, "
           "\"mget_seconds\": %.6f, \"prefix\": %zu, \"rss_bytes\": %ld}\n",
           files->entries, files->bytes, files->mset_seconds, files->mget_seconds, files->prefix, files->rss_bytes);
}
