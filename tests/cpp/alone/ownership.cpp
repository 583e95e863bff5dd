/// Everything that is opened is closed, once. Alone: it stands between the headers and the library, and counts.
#include <bytestore.hpp>

#include <dlfcn.h>

#include <string>
#include <vector>

#include "../check.hpp"

namespace {

/// Of one kind of thing: how many were given out and not yet given back, and what went wrong.
struct balance {
    int given = 0, open = 0, misused = 0;
};
balance stores, cursors, buffers;

template <typename Function> Function *library(const char *name) {
    return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

void give(balance &kind, bool given) {
    kind.given += given;
    kind.open += given;
}

/// Closing nothing is fine, closing what is closed is not.
bytestore_status take_back(balance &kind, bool something, bytestore_status status) {
    kind.open -= something && status == BYTESTORE_OK;
    kind.misused += status != BYTESTORE_OK;
    return status;
}

bool all_closed() {
    for (const balance *kind : {&stores, &cursors, &buffers}) {
        if (kind->given == 0 || kind->open != 0 || kind->misused != 0) {
            return false;
        }
    }
    return true;
}

void reset() { stores = cursors = buffers = balance(); }

void use(bytestore::store &store) {
    store.mset({{"a", "1"}, {"b", std::string(5000, '2')}});
    bytestore::values answer = store.mget({"a", "b", "c"});
    answer = store.mget({"b"});
    bytestore::values moved = std::move(answer);
    bytestore::key_range keys = store.keys();
    for (std::string_view key : keys) {
        static_cast<void>(key);
    }
    keys = store.keys("a");
    bytestore::key_range left = std::move(keys);
    static_cast<void>(left.begin());
    bytestore::key_page page = store.page("", 2);
    page = store.page("", 2, page.next());
    bytestore::store within = store.namespaced("a").namespaced("b");
    const auto compute = [](const auto &missing) { return std::vector<std::string>(missing.size(), "v"); };
    bytestore::computed_values values = within.mget_or_compute({"c"}, compute);
    values = within.mget_or_compute({"c", "d"}, compute);
    within = store.namespaced("");
}

} // namespace

bytestore_status bytestore_open(const char *url, bytestore_store **store, bytestore_slice *bad_part) {
    const auto status = library<decltype(bytestore_open)>("bytestore_open")(url, store, bad_part);
    give(stores, *store != nullptr);
    return status;
}

bytestore_status bytestore_namespace(bytestore_store *store, const uint8_t *prefix, size_t len,
                                     bytestore_store **view) {
    const auto status = library<decltype(bytestore_namespace)>("bytestore_namespace")(store, prefix, len, view);
    give(stores, *view != nullptr);
    return status;
}

bytestore_status bytestore_close(bytestore_store *store) {
    return take_back(stores, store != nullptr, library<decltype(bytestore_close)>("bytestore_close")(store));
}

bytestore_status bytestore_keys(bytestore_store *store, const uint8_t *prefix, size_t len, bytestore_cursor **cursor) {
    const auto status = library<decltype(bytestore_keys)>("bytestore_keys")(store, prefix, len, cursor);
    give(cursors, *cursor != nullptr);
    return status;
}

bytestore_status bytestore_keys_from(bytestore_store *store, const uint8_t *prefix, size_t len, uint64_t position,
                                     bytestore_cursor **cursor) {
    const auto status =
        library<decltype(bytestore_keys_from)>("bytestore_keys_from")(store, prefix, len, position, cursor);
    give(cursors, *cursor != nullptr);
    return status;
}

bytestore_status bytestore_cursor_close(bytestore_cursor *cursor) {
    return take_back(cursors, cursor != nullptr,
                     library<decltype(bytestore_cursor_close)>("bytestore_cursor_close")(cursor));
}

bytestore_status bytestore_mget(bytestore_store *store, size_t n, const void *keys, const uint32_t *lens,
                                bytestore_buffer *out) {
    const auto status = library<decltype(bytestore_mget)>("bytestore_mget")(store, n, keys, lens, out);
    give(buffers, out->owner != nullptr);
    return status;
}

bytestore_status bytestore_cursor_next(bytestore_cursor *cursor, size_t max_keys, bytestore_buffer *out) {
    const auto status = library<decltype(bytestore_cursor_next)>("bytestore_cursor_next")(cursor, max_keys, out);
    give(buffers, out->owner != nullptr);
    return status;
}

bytestore_status bytestore_free_buffer(bytestore_buffer *buffer) {
    const bool something = buffer->owner != nullptr;
    return take_back(buffers, something, library<decltype(bytestore_free_buffer)>("bytestore_free_buffer")(buffer));
}

TEST(a_scope_leaves_nothing) {
    reset();
    {
        bytestore::store store;
        use(store);
        CHECK(stores.open == 1);
    }
    CHECK(all_closed());
}

TEST(moves_leave_nothing) {
    reset();
    {
        bytestore::store first, second;
        use(first);
        use(second);
        first = std::move(second);
        CHECK(stores.open == 1);
        std::vector<bytestore::store> many(3);
        many.push_back(std::move(first));
        swap(many[0], many[3]);
        CHECK(stores.open == 4);
    }
    CHECK(all_closed());
}

TEST(exceptions_leave_nothing) {
    reset();
    const auto thrown = check::thrown<bytestore::error>([] {
        bytestore::store store;
        use(store);
        const bytestore::key_range keys = store.keys();
        const bytestore::values answer = store.mget({"a"});
        store.mget_or_compute({"z"}, [](const auto &) -> std::vector<std::string> {
            bytestore::store::open("nosuch:"); // passes through all of it
            return {};
        });
    });
    CHECK(thrown);
    CHECK(all_closed());
}

int main() { return check::run_all("ownership"); }
