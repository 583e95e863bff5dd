/* Saving and loading: what a file keeps, wrong arguments, what the system refuses, and what is no snapshot. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi.h"

enum { LONGEST = 512 };

/* A folder of the test's own, and the name of something in it. One test at a time. */
static char folder[LONGEST / 2], path[LONGEST];

static void make_folder(void) {
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/bytestore-abi-XXXXXX", parent == NULL || *parent == 0 ? "/tmp" : parent);
    CHECK(mkdtemp(folder) != NULL);
}

static const char *within(const char *name) {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* It must be empty by now: no temporary file stays. */
static void remove_folder(void) { CHECK_EQUAL(rmdir(folder), 0); }

static bytestore_store *opened(const char *file) {
    char url[LONGEST + 16];
    snprintf(url, sizeof url, "snapshot:%s", file);
    return store_at(url);
}

/* What is in a file, in memory of exactly that size. */
static bytestore_slice content(const char *file) {
    struct stat status = {0};
    CHECK_EQUAL(stat(file, &status), 0);
    const size_t len = (size_t)status.st_size;
    uint8_t *bytes = malloc(len);
    FILE *stream = fopen(file, "rb");
    CHECK(stream != NULL && fread(bytes, 1, len, stream) == len && fclose(stream) == 0);
    return (bytestore_slice){bytes, len};
}

static void a_file_keeps_options_order_and_times(void) {
    static uint8_t large[70000];
    make_folder();
    const char *file = within("snapshot");
    bytestore_store *store = store_at("memory:?max_entries=3&ttl=1s&clock=manual"), *other;
    set_one(store, S("b"), S("1"));
    set_for(store, S("a"), (bytestore_slice){large, sizeof large}, 300);
    set_for(store, S(""), S(""), BYTESTORE_NO_TTL);
    advance(store, 100);
    for (int32_t level = 0; level <= 3; level += 3) {
        CHECK_EQUAL(bytestore_save(store, file, level), OK);
        other = opened(file);
        CHECK(counters_of(other).max_entries == 3 && counters_of(other).sets == 0);
        CHECK(has_value(other, S("a"), (bytestore_slice){large, sizeof large}) && has_value(other, S(""), S("")));
        advance(other, 199);
        CHECK_EQUAL(len_of(other), 3);
        advance(other, 1);
        CHECK(is_missing(other, S("a")) && has_value(other, S("b"), S("1")));
        advance(other, 700);
        CHECK(is_missing(other, S("b")) && has_value(other, S(""), S("")));
        CHECK_EQUAL(bytestore_load(other, file), OK);
        bytestore_cursor *cursor = NULL;
        bytestore_buffer keys;
        CHECK_EQUAL(bytestore_keys(other, NULL, 0, &cursor), OK);
        CHECK_EQUAL(bytestore_cursor_next(cursor, 0, &keys), OK);
        CHECK(keys.count == 3 && same_bytes((bytestore_slice){keys.data, keys.data_len}, S("ba")));
        CHECK_EQUAL(bytestore_free_buffer(&keys), OK);
        CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
        CHECK_EQUAL(bytestore_close(other), OK);
    }
    struct stat status = {0};
    CHECK_EQUAL(stat(file, &status), 0);
    CHECK_EQUAL(status.st_mode & 0777, 0600);
    CHECK_EQUAL(unlink(file), 0);
    remove_folder();
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void memory_holds_the_bytes_of_a_file(void) {
    static uint8_t large[5000];
    make_folder();
    const char *file = within("snapshot");
    for (size_t len = 0; len <= sizeof large; len += sizeof large) {
        bytestore_store *store = new_store(), *other = new_store();
        set_one(store, S("key"), (bytestore_slice){large, len});
        set_one(other, S("old"), S(""));
        bytestore_buffer saved = rubbish_buffer();
        CHECK_EQUAL(bytestore_save_buffer(store, 0, &saved), OK);
        check_layout(&saved);
        CHECK_EQUAL(saved.count, 1);
        CHECK_EQUAL(bytestore_save(store, file, 0), OK);
        const bytestore_slice in_file = content(file);
        CHECK(same_bytes(saved.slices[0], in_file));
        CHECK_EQUAL(bytestore_close(store), OK);
        CHECK(same_bytes(saved.slices[0], in_file)); /* it stays when its store is closed */
        CHECK_EQUAL(bytestore_load_buffer(other, saved.slices[0].ptr, saved.slices[0].len), OK);
        CHECK_EQUAL(bytestore_free_buffer(&saved), OK);
        CHECK(len_of(other) == 1 && has_value(other, S("key"), (bytestore_slice){large, len}));
        CHECK_EQUAL(bytestore_close(other), OK);
        free((void *)(uintptr_t)in_file.ptr);
    }
    CHECK_EQUAL(unlink(file), 0);
    remove_folder();
}

static void a_namespace_saves_and_replaces_its_own(void) {
    bytestore_store *store = new_store(), *view = NULL, *other = new_store();
    bytestore_buffer saved;
    set_one(store, S("n/a"), S("1"));
    set_one(store, S("out"), S("2"));
    CHECK_EQUAL(bytestore_namespace(store, (const uint8_t *)"n/", 2, &view), OK);
    CHECK_EQUAL(bytestore_save_buffer(view, 0, &saved), OK);
    CHECK_EQUAL(bytestore_load_buffer(other, saved.slices[0].ptr, saved.slices[0].len), OK);
    CHECK(len_of(other) == 1 && has_value(other, S("a"), S("1")));
    set_one(view, S("a"), S("changed"));
    set_one(view, S("b"), S("gone"));
    CHECK_EQUAL(bytestore_load_buffer(view, saved.slices[0].ptr, saved.slices[0].len), OK);
    CHECK(len_of(store) == 2 && has_value(store, S("n/a"), S("1")) && has_value(store, S("out"), S("2")));
    CHECK_EQUAL(bytestore_free_buffer(&saved), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK_EQUAL(bytestore_save_buffer(view, 0, &saved), OK); /* it lives on */
    CHECK_EQUAL(bytestore_free_buffer(&saved), OK);
    CHECK_EQUAL(bytestore_close(view), OK);
    CHECK_EQUAL(bytestore_close(other), OK);
}

static void wrong_arguments_are_refused(void) {
    static const int32_t levels[] = {0, 1, 22, -1, 23, 256, INT32_MAX, INT32_MIN};
    static const char *const level_names[] = {"level 0",  "level 1",   "level 22",     "level -1",
                                              "level 23", "level 256", "level 2^31-1", "level -2^31"};
    make_folder();
    const char *const paths[] = {within("snapshot"), NULL};
    bytestore_store *handles[HANDLE_KINDS];
    bytestore_buffer good;
    make_handles(handles);
    set_one(handles[0], S("a"), S("1"));
    CHECK_EQUAL(bytestore_save_buffer(handles[0], 0, &good), OK);
    const struct {
        const uint8_t *bytes;
        size_t len;
        bool good;
        const char *name;
    } inputs[] = {
        {good.slices[0].ptr, good.slices[0].len, true, "a snapshot"},
        {NULL, good.slices[0].len, false, "bytes at NULL"},
        {good.slices[0].ptr, SIZE_MAX, false, "more than memory"},
        {LAST_ADDRESS, 2, false, "bytes over the end of memory"},
    };
    for (size_t h = 0; h < HANDLE_KINDS; h++) {
        for (size_t l = 0; l < COUNT_OF(levels); l++) {
            const bool level_good = levels[l] >= 0 && levels[l] <= 22;
            for (size_t p = 0; p < COUNT_OF(paths); p++) {
                const bytestore_status status = bytestore_save(handles[h], paths[p], levels[l]);
                one_of(status, allowed(level_good && p == 0, h == 0, true), "save", level_names[l], handle_names[h]);
                CHECK_EQUAL(unlink(paths[0]), status == OK ? 0 : -1);
            }
            bytestore_buffer buffer = rubbish_buffer();
            const bytestore_status status = bytestore_save_buffer(handles[h], levels[l], &buffer);
            one_of(status, allowed(level_good, h == 0, true), "save_buffer", level_names[l], handle_names[h]);
            CHECK(is_zero(&buffer) == (status != OK));
            CHECK_EQUAL(bytestore_free_buffer(&buffer), OK);
        }
        for (size_t i = 0; i < COUNT_OF(inputs); i++) {
            one_of(bytestore_load_buffer(handles[h], inputs[i].bytes, inputs[i].len),
                   allowed(inputs[i].good, h == 0, true), "load_buffer", inputs[i].name, handle_names[h]);
        }
        one_of(bytestore_load(handles[h], NULL), allowed(false, h == 0, true), "load", "NULL", handle_names[h]);
        uint64_t done = RUBBISH_SIZE, total = RUBBISH_SIZE;
        one_of(bytestore_progress(handles[h], &done, &total), allowed(true, h == 0, true), "progress", "two numbers",
               handle_names[h]);
        CHECK(done == 0 && total == 0);
    }
    CHECK_EQUAL(bytestore_load_buffer(handles[0], NULL, 0), BAD_SNAPSHOT); /* of no bytes, which may be at NULL */
    CHECK(len_of(handles[0]) == 1 && has_value(handles[0], S("a"), S("1")));
    CHECK_EQUAL(bytestore_free_buffer(&good), OK);
    close_handles(handles);
    remove_folder();
}

/* Whether a call was refused by the system, for this reason. */
static bool fails_with(bytestore_status status, int reason) {
    const int why = errno; /* before anything else sets it */
    errno = 0;
    CHECK_EQUAL(status, IO_FAILURE);
    CHECK_EQUAL(why, reason);
    return status == IO_FAILURE && why == reason;
}

static void errno_says_what_the_system_refuses(void) {
    static char endless[PATH_MAX + 100];
    make_folder();
    bytestore_store *store = new_store(), *other = (bytestore_store *)RUBBISH_SIZE;
    set_one(store, S("a"), S("1"));
    memset(endless, 'x', sizeof endless - 1);
    const char *file = within("none/snapshot");
    CHECK(fails_with(bytestore_save(store, file, 0), ENOENT) && fails_with(bytestore_load(store, file), ENOENT));
    CHECK(fails_with(bytestore_save(store, folder, 0), EISDIR) && fails_with(bytestore_load(store, folder), EISDIR));
    CHECK(fails_with(bytestore_save(store, "", 0), ENOENT) && fails_with(bytestore_load(store, ""), ENOENT));
    CHECK(fails_with(bytestore_save(store, within(""), 0), ENOENT));
    CHECK(fails_with(bytestore_save(store, endless, 0), ENAMETOOLONG));
    CHECK(fails_with(bytestore_load(store, endless), ENAMETOOLONG));
    file = within("pipe");
    CHECK_EQUAL(mkfifo(file, 0600), 0); /* nobody waits for its other end */
    CHECK(fails_with(bytestore_save(store, file, 0), EEXIST) && fails_with(bytestore_load(store, file), EINVAL));
    CHECK_EQUAL(unlink(file), 0);
    bytestore_slice part = {NULL, RUBBISH_SIZE};
    CHECK(fails_with(bytestore_open("snapshot:/nosuch/file", &other, &part), ENOENT));
    CHECK(other == NULL && part.ptr == NULL && part.len == 0);
    const char *const no_text = "snapshot:/tmp/\xff";
    CHECK_EQUAL(bytestore_open(no_text, &other, &part), INVALID);
    CHECK(other == NULL && part.ptr == (const uint8_t *)no_text && part.len == strlen(no_text));
    CHECK(has_value(store, S("a"), S("1")) && len_of(store) == 1);
    CHECK_EQUAL(bytestore_close(store), OK);
    remove_folder(); /* what failed has left nothing there */
}

static void any_name_will_do(void) {
    static const char *const names[] = {"with spaces",
                                        "Gr\xc3\xb6\xc3\x9f"
                                        "e \xe2\x98\x83",
                                        "a?b=c&d#%20:", "-"};
    make_folder();
    bytestore_store *store = new_store();
    set_one(store, S("a"), S("1"));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *file = within(names[i]);
        CHECK_EQUAL(bytestore_save(store, file, 0), OK);
        bytestore_store *other = opened(file);
        CHECK(has_value(other, S("a"), S("1")));
        CHECK_EQUAL(bytestore_close(other), OK);
        CHECK_EQUAL(unlink(file), 0);
    }
    const char *file = within("\xff\xfe"); /* no text, and a path all the same */
    CHECK_EQUAL(bytestore_save(store, file, 0), OK);
    CHECK_EQUAL(bytestore_load(store, file), OK);
    CHECK_EQUAL(unlink(file), 0);
    CHECK_EQUAL(bytestore_close(store), OK);
    remove_folder();
}

/* Every beginning, and every wrong bit: refused, read to its end at most, and without an effect. */
static void what_is_no_snapshot_changes_nothing(void) {
    for (int32_t level = 0; level <= 3; level += 3) {
        bytestore_store *store = new_store();
        bytestore_buffer good;
        set_one(store, S("key"), S("value"));
        set_for(store, S("a"), S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), UINT64_MAX - 1);
        CHECK_EQUAL(bytestore_save_buffer(store, level, &good), OK);
        set_one(store, S("more"), S(""));
        const bytestore_slice whole = good.slices[0];
        for (size_t len = 0; len < whole.len; len++) {
            uint8_t *cut = malloc(len);
            memcpy(cut, whole.ptr, len);
            CHECK_EQUAL(bytestore_load_buffer(store, cut, len), BAD_SNAPSHOT);
            free(cut);
        }
        uint8_t *flipped = malloc(whole.len + 1);
        memcpy(flipped, whole.ptr, whole.len);
        for (size_t bit = 0; bit < 8 * whole.len; bit++) {
            flipped[bit / 8] = (uint8_t)(flipped[bit / 8] ^ 1u << bit % 8);
            const bytestore_status status = bytestore_load_buffer(store, flipped, whole.len);
            CHECK(status == BAD_SNAPSHOT || status == UNSUPPORTED);
            flipped[bit / 8] = whole.ptr[bit / 8];
        }
        flipped[whole.len] = 0;
        CHECK_EQUAL(bytestore_load_buffer(store, flipped, whole.len + 1), BAD_SNAPSHOT);
        CHECK_EQUAL(len_of(store), 3);
        CHECK_EQUAL(bytestore_load_buffer(store, flipped, whole.len), OK);
        CHECK_EQUAL(len_of(store), 2);
        bytestore_store *small = store_at("memory:?max_item_bytes=8");
        CHECK_EQUAL(bytestore_load_buffer(small, flipped, whole.len), OVER_LIMIT);
        CHECK_EQUAL(len_of(small), 0);
        CHECK_EQUAL(bytestore_close(small), OK);
        free(flipped);
        CHECK_EQUAL(bytestore_free_buffer(&good), OK);
        CHECK_EQUAL(bytestore_close(store), OK);
    }
}

static const test tests[] = {
    {"a file keeps options, order and times", a_file_keeps_options_order_and_times},
    {"memory holds the bytes of a file", memory_holds_the_bytes_of_a_file},
    {"a namespace saves and replaces its own", a_namespace_saves_and_replaces_its_own},
    {"wrong arguments of saving and loading are refused", wrong_arguments_are_refused},
    {"errno says what the system refuses", errno_says_what_the_system_refuses},
    {"any name will do for a snapshot", any_name_will_do},
    {"what is no snapshot changes nothing", what_is_no_snapshot_changes_nothing},
};
const test_group snapshot_tests = {tests, COUNT_OF(tests)};
