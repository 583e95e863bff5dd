/// Batches may be kept in any container: what is accepted, what is refused, and that all forms are equal.
#include <bytestore.hpp>

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <vector>
#if __cplusplus >= 202002L
#include <span>
#endif

#include "../check.hpp"

namespace {

using bytestore::entry;
using bytestore::entry_list;
using bytestore::view_list;
using strings = std::vector<std::string>;

strings keys_of(const bytestore::store &store) {
    bytestore::key_range keys = store.keys();
    return strings(keys.begin(), keys.end());
}

// A single string is not a list of keys, and a number is none at all.
static_assert(!std::is_constructible_v<view_list, const char *>);
static_assert(!std::is_constructible_v<view_list, const char (&)[4]>);
static_assert(!std::is_constructible_v<view_list, std::string>);
static_assert(!std::is_constructible_v<view_list, std::string_view>);
static_assert(!std::is_constructible_v<view_list, std::vector<int>>);
static_assert(!std::is_constructible_v<view_list, std::vector<entry>>);
static_assert(!std::is_constructible_v<entry_list, strings>);
static_assert(!std::is_constructible_v<entry_list, std::vector<std::pair<std::string, int>>>);

/// Gives what its iterators make: the bytes are gone after each step.
template <typename Item> struct made_on_the_way {
    struct iterator {
        Item operator*() const;
        iterator &operator++();
        bool operator!=(const iterator &) const;
    };
    iterator begin() const;
    iterator end() const;
    std::size_t size() const;
};
static_assert(!std::is_constructible_v<view_list, made_on_the_way<std::string>>);
static_assert(!std::is_constructible_v<entry_list, made_on_the_way<std::pair<std::string, std::string>>>);
static_assert(std::is_constructible_v<view_list, made_on_the_way<std::string_view>>);
static_assert(std::is_constructible_v<entry_list, made_on_the_way<entry>>);

bool finds_both(const view_list &keys) {
    bytestore::store store;
    store.mset({{"a", "1"}, {"b", "2"}});
    const bytestore::values answer = store.mget(keys);
    return answer.size() == 2 && answer[0] == "1" && answer[1] == "2" && store.mdelete(keys) == 2;
}

bool sets_both(const entry_list &entries) {
    bytestore::store store;
    store.mset(entries);
    const bytestore::values answer = store.mget({"a", "b"});
    return store.size() == 2 && answer[0] == "1" && answer[1] == "2";
}

} // namespace

TEST(keys_come_from_any_container) {
    const char *array[] = {"a", "b"};
    const std::string_view views[] = {"a", "b"};
    const std::initializer_list<std::string> list = {"a", "b"};
    CHECK(finds_both({"a", "b"}));
    CHECK(finds_both({std::string("a"), std::string_view("b")}));
    CHECK(finds_both(array));
    CHECK(finds_both(views));
    CHECK(finds_both({views, 2}));
    CHECK(finds_both(list));
    CHECK(finds_both(strings{"a", "b"}));
    CHECK(finds_both(std::vector<std::string_view>{"a", "b"}));
    CHECK(finds_both(std::array<const char *, 2>{"a", "b"}));
    CHECK(finds_both(std::deque<std::string>{"a", "b"}));
    CHECK(finds_both(std::set<std::string>{"b", "a"}));
#if __cplusplus >= 202002L
    CHECK(finds_both(std::span(views)));
    CHECK(finds_both(std::span<const std::string_view>(views)));
#endif
}

TEST(entries_come_from_any_container) {
    const std::pair<const char *, std::string> array[] = {{"a", "1"}, {"b", "2"}};
    CHECK(sets_both({{"a", "1"}, {"b", "2"}}));
    CHECK(sets_both(array));
    CHECK(sets_both({array, 2}));
    CHECK(sets_both(std::vector<entry>{{"a", "1"}, {"b", "2"}}));
    CHECK(sets_both(std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", "2"}}));
    CHECK(sets_both(std::map<std::string, std::string>{{"b", "2"}, {"a", "1"}}));
    CHECK(sets_both(std::map<std::string, std::string_view, std::less<>>{{"b", "2"}, {"a", "1"}}));
}

TEST(one_entry_is_no_list_of_two_strings) {
    bytestore::store store;
    store.mset({{"key", "value"}});
    CHECK(keys_of(store) == strings{"key"});
}

TEST(keys_and_values_may_come_apart) {
    bytestore::store store;
    store.mset({"a", "b"}, strings{"1", "2"});
    const bytestore::values answer = store.mget({"a", "b"});
    CHECK(answer[0] == "1" && answer[1] == "2");
    const auto refused = check::thrown<bytestore::error>([&] { store.mset({"a", "b", "c"}, strings{"x", "y"}); });
    CHECK(refused && refused->code() == bytestore::errc::invalid_argument);
    CHECK(refused && std::string(refused->what()).find("3 keys, 2 values") != std::string::npos);
    CHECK(store.size() == 2);
}

TEST(empty_batches_are_fine) {
    bytestore::store store;
    store.mset({});
    store.mset({}, {});
    store.mset(std::map<std::string, std::string>());
    CHECK(store.mget({}).size() == 0);
    CHECK(store.mget(strings()).empty());
    CHECK(store.mdelete({}) == 0);
    CHECK(store.size() == 0);
}

TEST(batches_around_the_room_on_the_stack) {
    for (const std::size_t size : {1u, 255u, 256u, 257u, 1000u}) {
        bytestore::store store;
        strings keys;
        std::vector<std::pair<std::string, std::string>> entries;
        for (std::size_t i = 0; i < size; ++i) {
            keys.push_back("key" + std::to_string(i));
            entries.emplace_back(keys.back(), std::string(i % 7, 'x'));
        }
        store.mset(entries);
        const bytestore::values answer = store.mget(keys);
        CHECK(answer.size() == size);
        bool equal = true;
        for (std::size_t i = 0; i < size; ++i) {
            equal = equal && answer[i] == entries[i].second;
        }
        CHECK(equal);
        CHECK(keys_of(store) == keys);
        CHECK(store.mdelete(keys) == size);
    }
}

TEST(bytes_are_counted_never_terminated) {
    bytestore::store store;
    const std::string key("a\0b", 3), longer("a\0c", 3), value("\0\xff\0", 3);
    store.mset({{key, value}, {longer, ""}, {"", "empty key"}});
    const bytestore::values answer = store.mget({key, longer, std::string_view(), "a"});
    CHECK(answer[0] == value);
    CHECK(answer[1] == "");
    CHECK(answer[2] == "empty key");
    CHECK(!answer[3]);
}

TEST(what_is_stored_is_a_copy) {
    bytestore::store store;
    std::string key = "key", value(10000, 'v');
    store.mset({{key, value}});
    key[0] = value[0] = '#';
    const bytestore::values answer = store.mget({"key"});
    CHECK(answer[0] == std::string(10000, 'v'));
}
