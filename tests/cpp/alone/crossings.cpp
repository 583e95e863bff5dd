/// One call into the library for each call of the API, and one more where an answer is given back. Alone: it stands
/// between the headers and the library, and counts.
#include <bytestore.hpp>

#include <dlfcn.h>

#include <string>
#include <vector>

#include "../check.hpp"

static int crossings = 0;

template <typename Function> static Function *counted(const char *name) {
    ++crossings;
    return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

bytestore_status bytestore_mset(bytestore_store *store, size_t n, const void *keys, const uint32_t *key_lens,
                                const void *values, const uint32_t *value_lens) {
    return counted<decltype(bytestore_mset)>("bytestore_mset")(store, n, keys, key_lens, values, value_lens);
}

bytestore_status bytestore_mset_ttl(bytestore_store *store, size_t n, const void *keys, const uint32_t *key_lens,
                                    const void *values, const uint32_t *value_lens, uint64_t ttl_ms) {
    return counted<decltype(bytestore_mset_ttl)>("bytestore_mset_ttl")(store, n, keys, key_lens, values, value_lens,
                                                                       ttl_ms);
}

bytestore_status bytestore_read_counters(bytestore_store *store, bytestore_counters *counters) {
    return counted<decltype(bytestore_read_counters)>("bytestore_read_counters")(store, counters);
}

bytestore_status bytestore_mget(bytestore_store *store, size_t n, const void *keys, const uint32_t *lens,
                                bytestore_buffer *out) {
    return counted<decltype(bytestore_mget)>("bytestore_mget")(store, n, keys, lens, out);
}

bytestore_status bytestore_mget_into(bytestore_store *store, size_t n, const void *keys, const uint32_t *lens,
                                     bytestore_area *area) {
    return counted<decltype(bytestore_mget_into)>("bytestore_mget_into")(store, n, keys, lens, area);
}

bytestore_status bytestore_mdelete(bytestore_store *store, size_t n, const void *keys, const uint32_t *lens,
                                   size_t *removed) {
    return counted<decltype(bytestore_mdelete)>("bytestore_mdelete")(store, n, keys, lens, removed);
}

bytestore_status bytestore_len(bytestore_store *store, size_t *len) {
    return counted<decltype(bytestore_len)>("bytestore_len")(store, len);
}

bytestore_status bytestore_free_buffer(bytestore_buffer *buffer) {
    return counted<decltype(bytestore_free_buffer)>("bytestore_free_buffer")(buffer);
}

bytestore_status bytestore_check_items(size_t n, const void *items, const uint32_t *lens, size_t *bad_index) {
    return counted<decltype(bytestore_check_items)>("bytestore_check_items")(n, items, lens, bad_index);
}

bytestore_status bytestore_count(bytestore_store *store, const uint8_t *prefix, size_t len, size_t *count) {
    return counted<decltype(bytestore_count)>("bytestore_count")(store, prefix, len, count);
}

bytestore_status bytestore_delete_prefix(bytestore_store *store, const uint8_t *prefix, size_t len, size_t *removed) {
    return counted<decltype(bytestore_delete_prefix)>("bytestore_delete_prefix")(store, prefix, len, removed);
}

template <typename Act> static int crossings_of(Act act) {
    const int before = crossings;
    act();
    return crossings - before;
}

TEST(a_batch_of_any_size_crosses_once) {
    for (const std::size_t size : {0u, 1u, 64u, 1000u}) {
        bytestore::store store;
        std::vector<std::string> keys;
        for (std::size_t i = 0; i < size; ++i) {
            keys.push_back(std::to_string(i));
        }
        bytestore::area area;
        CHECK(crossings_of([&] { store.mset(keys, keys); }) == 1);
        CHECK(crossings_of([&] { store.mset(keys, keys, bytestore::forever); }) == 1);
        CHECK(crossings_of([&] { store.stats(); }) == 1);
        CHECK(crossings_of([&] { store.mget_into(keys, area); }) == 1);
        CHECK(crossings_of([&] { store.size(); }) == 1);
        // The buffer is given back, if there is one.
        CHECK(crossings_of([&] { store.mget(keys); }) == (size == 0 ? 1 : 2));
        bytestore::values answer;
        CHECK(crossings_of([&] { answer = store.mget(keys); }) == 1);
        CHECK(crossings_of([&] { store.mdelete(keys); }) == 1);
    }
}

TEST(a_question_about_a_prefix_crosses_once) {
    bytestore::store store;
    CHECK(crossings_of([&] { store.count("a"); }) == 1);
    CHECK(crossings_of([&] { store.delete_prefix("a"); }) == 1);
}

TEST(what_is_missing_crosses_once_more) {
    bytestore::store store;
    const auto compute = [](const auto &missing) { return std::vector<std::string>(missing.size(), "v"); };
    for (const int crossed : {3, 2}) { // the mget and its buffer; at first the mset, too
        CHECK(crossings_of([&] { store.mget_or_compute({"a", "b", "a"}, compute); }) == crossed);
    }
}

TEST(an_area_that_is_too_small_crosses_twice) {
    bytestore::store store;
    store.mset({{"key", std::string(100000, 'v')}});
    bytestore::area area;
    CHECK(crossings_of([&] { store.mget_into({"key"}, area); }) == 2);
    CHECK(crossings_of([&] { store.mget_into({"key"}, area); }) == 1);
}

int main() { return check::run_all("crossings"); }
