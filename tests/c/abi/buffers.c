/* Buffers: who owns them, how long they live, and what freeing one twice or a copy does. */
#include "abi.h"

/* The first length that is handed out by reference. */
enum { SHARED = 4096 };

static bytestore_slice filled(uint8_t *room, size_t len, int byte) {
    memset(room, byte, len);
    return (bytestore_slice){room, len};
}

static bool all_bytes_are(bytestore_slice slice, int byte) {
    for (size_t i = 0; i < slice.len; i++) {
        if (slice.ptr[i] != byte) {
            return false;
        }
    }
    return true;
}

static void freeing_twice_does_nothing(void) {
    bytestore_store *store = new_store();
    set_one(store, S("key"), S("value"));
    const bytestore_slice key = S("key");
    bytestore_buffer buffer;
    CHECK_EQUAL(bytestore_mget(store, 1, &key, NULL, &buffer), OK);
    CHECK(!is_zero(&buffer));
    CHECK_EQUAL(bytestore_free_buffer(&buffer), OK);
    CHECK(is_zero(&buffer));
    CHECK_EQUAL(bytestore_free_buffer(&buffer), OK);
    CHECK_EQUAL(bytestore_free_buffer(NULL), OK);
    bytestore_buffer zeroed = {0};
    CHECK_EQUAL(bytestore_free_buffer(&zeroed), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_stale_copy_is_refused(void) {
    bytestore_store *store = new_store();
    set_one(store, S("key"), S("value"));
    const bytestore_slice key = S("key");
    bytestore_buffer buffer, others[100];
    CHECK_EQUAL(bytestore_mget(store, 1, &key, NULL, &buffer), OK);
    const bytestore_buffer copy = buffer;
    CHECK_EQUAL(bytestore_free_buffer(&buffer), OK);
    for (size_t i = 0; i < COUNT_OF(others); i++) { /* its place is used again */
        CHECK_EQUAL(bytestore_mget(store, 1, &key, NULL, &others[i]), OK);
        bytestore_buffer stale = copy;
        CHECK_EQUAL(bytestore_free_buffer(&stale), CLOSED);
        CHECK(is_zero(&stale));
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        CHECK(same_bytes(others[i].slices[0], S("value")));
        CHECK_EQUAL(bytestore_free_buffer(&others[i]), OK);
    }
    bytestore_buffer forged = {.owner = (bytestore_result *)store};
    CHECK_EQUAL(bytestore_free_buffer(&forged), CLOSED);
    CHECK(has_value(store, S("key"), S("value")));
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void missing_is_not_empty(void) {
    bytestore_store *store = new_store();
    set_one(store, S("empty"), S(""));
    const bytestore_slice keys[] = {S("missing"), S("empty"), S("missing"), S("empty")};
    bytestore_buffer answers;
    CHECK_EQUAL(bytestore_mget(store, 4, keys, NULL, &answers), OK);
    CHECK_EQUAL(answers.count, 4);
    for (size_t i = 0; i < answers.count; i++) {
        CHECK((answers.slices[i].ptr == NULL) == (i % 2 == 0));
        CHECK_EQUAL(answers.slices[i].len, 0);
    }
    CHECK(answers.data != NULL && answers.data_len == 0);
    /* All missing: still a run of no bytes, which is there. */
    bytestore_buffer none;
    CHECK_EQUAL(bytestore_mget(store, 1, keys, NULL, &none), OK);
    CHECK(none.count == 1 && none.slices[0].ptr == NULL && none.data != NULL && none.data_len == 0);
    CHECK_EQUAL(bytestore_free_buffer(&none), OK);
    CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* Lengths around the one from which values are shared, and a batch of both kinds. */
static void data_is_there_unless_a_value_is_shared(void) {
    static uint8_t room[SHARED + 1];
    bytestore_store *store = new_store();
    const bytestore_slice keys[] = {S("below"), S("at"), S("above"), S("small"), S("missing")};
    set_one(store, keys[0], filled(room, SHARED - 1, 'b'));
    set_one(store, keys[1], filled(room, SHARED, 'a'));
    set_one(store, keys[2], filled(room, SHARED + 1, 'c'));
    set_one(store, keys[3], S("small"));
    for (size_t first = 0; first < COUNT_OF(keys); first++) {
        for (size_t second = 0; second < COUNT_OF(keys); second++) {
            const bytestore_slice asked[] = {keys[first], keys[second], keys[3]};
            bytestore_buffer answers;
            CHECK_EQUAL(bytestore_mget(store, 3, asked, NULL, &answers), OK);
            const bool shared = first == 1 || first == 2 || second == 1 || second == 2;
            CHECK((answers.data == NULL) == shared);
            check_layout(&answers);
            CHECK(same_bytes(answers.slices[2], S("small")));
            CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
        }
    }
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* What an answer refers to stays as it was, whatever happens to the store. */
static void answers_outlive_everything(void) {
    enum { LEN = 3 * SHARED };
    static uint8_t room[LEN];
    for (size_t i = 0; i < rounds(50, 5); i++) {
        bytestore_store *store = new_store();
        const bytestore_slice keys[] = {S("large"), S("small"), S("large")};
        set_one(store, keys[0], filled(room, LEN, 1));
        set_one(store, keys[1], filled(room, 10, 2));
        bytestore_buffer answers, after;
        CHECK_EQUAL(bytestore_mget(store, 3, keys, NULL, &answers), OK);
        set_one(store, keys[0], filled(room, LEN, 3));
        set_one(store, keys[1], filled(room, 10, 4));
        CHECK_EQUAL(bytestore_mget(store, 3, keys, NULL, &after), OK);
        CHECK_EQUAL(bytestore_mdelete(store, 3, keys, NULL, NULL), OK);
        CHECK_EQUAL(bytestore_close(store), OK);
        bytestore_store *another = new_store(); /* memory that was given back is used again */
        set_one(another, S("x"), filled(room, LEN, 5));
        set_one(another, S("y"), filled(room, 10, 5));

        CHECK(answers.slices[0].len == LEN && all_bytes_are(answers.slices[0], 1));
        CHECK(answers.slices[1].len == 10 && all_bytes_are(answers.slices[1], 2));
        CHECK(answers.slices[2].len == LEN && all_bytes_are(answers.slices[2], 1));
        CHECK(after.slices[0].len == LEN && all_bytes_are(after.slices[0], 3));
        CHECK(after.slices[1].len == 10 && all_bytes_are(after.slices[1], 4));
        CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
        CHECK(all_bytes_are(after.slices[2], 3));
        CHECK_EQUAL(bytestore_free_buffer(&after), OK);
        CHECK_EQUAL(bytestore_close(another), OK);
    }
}

static void many_buffers_at_once(void) {
    static bytestore_buffer buffers[20000];
    const size_t count = rounds(COUNT_OF(buffers), 500);
    bytestore_store *store = new_store();
    const bytestore_slice key = S("key");
    for (size_t i = 0; i < count; i++) {
        set_one(store, key, (bytestore_slice){(uint8_t *)&i, sizeof i});
        CHECK_EQUAL(bytestore_mget(store, 1, &key, NULL, &buffers[i]), OK);
    }
    CHECK_EQUAL(bytestore_close(store), OK);
    for (size_t i = 0; i < count; i++) { /* in another order than they were made */
        const size_t other = (i * 7919) % count;
        bytestore_buffer *buffer = &buffers[other];
        if (buffer->count == 0) {
            continue;
        }
        CHECK(same_bytes(buffer->slices[0], (bytestore_slice){(const uint8_t *)&other, sizeof other}));
        CHECK_EQUAL(bytestore_free_buffer(buffer), OK);
    }
    for (size_t i = 0; i < count; i++) {
        CHECK_EQUAL(bytestore_free_buffer(&buffers[i]), OK);
    }
}

static const test tests[] = {
    {"freeing a buffer twice does nothing", freeing_twice_does_nothing},
    {"a stale copy of a buffer is refused", a_stale_copy_is_refused},
    {"missing is not empty", missing_is_not_empty},
    {"data is there unless a value is shared", data_is_there_unless_a_value_is_shared},
    {"answers outlive overwriting, deleting and closing", answers_outlive_everything},
    {"many buffers at once", many_buffers_at_once},
};
const test_group buffer_tests = {tests, COUNT_OF(tests)};
