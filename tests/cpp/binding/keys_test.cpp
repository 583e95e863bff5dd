/// The keys as a range: one pass, early ends, and what may happen meanwhile.
#include <bytestore.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>
#if __cplusplus >= 202002L
#include <ranges>
#endif

#include "../check.hpp"

namespace {

using bytestore::key_range;
using strings = std::vector<std::string>;

static_assert(!std::is_copy_constructible_v<key_range> && !std::is_copy_assignable_v<key_range>);
static_assert(std::is_nothrow_move_constructible_v<key_range> && std::is_nothrow_move_assignable_v<key_range>);

// The iterator of a range that nobody owns would refer to nothing.
template <typename Range, typename = void> constexpr bool has_begin = false;
template <typename Range> constexpr bool has_begin<Range, std::void_t<decltype(std::declval<Range>().begin())>> = true;
static_assert(has_begin<key_range &> && !has_begin<key_range>);

#if __cplusplus >= 202002L
static_assert(std::ranges::input_range<key_range> && std::ranges::common_range<key_range>);
static_assert(std::is_same_v<std::ranges::range_reference_t<key_range>, std::string_view>);
#endif

strings rest(key_range &keys) { return strings(keys.begin(), keys.end()); }

strings all(const bytestore::store &store, std::string_view prefix = {}) {
    key_range keys = store.keys(prefix);
    return rest(keys);
}

/// More than a page of them.
strings many_keys() {
    strings keys;
    for (int i = 0; i < 3000; ++i) {
        keys.push_back("key/" + std::to_string(i));
    }
    return keys;
}

void fill(bytestore::store &store, const strings &keys) { store.mset(keys, strings(keys.size(), "value")); }

} // namespace

TEST(keys_come_in_the_order_of_insertion) {
    bytestore::store store;
    store.mset({{"b", ""}, {"a", ""}, {"c", ""}});
    store.mset({{"b", "again"}});
    CHECK(all(store) == strings{"b", "a", "c"});
    store.mdelete({"b"});
    store.mset({{"b", ""}});
    CHECK(all(store) == strings{"a", "c", "b"});
}

TEST(a_prefix_is_bytes) {
    bytestore::store store;
    const std::string nul("a\0b", 3), high("\xff\xfe", 2);
    store.mset({{nul, ""}, {"ab", ""}, {high, ""}, {"", ""}, {"A", ""}});
    CHECK(all(store, "a") == strings{nul, "ab"});
    CHECK(all(store, std::string_view("a\0", 2)) == strings{nul});
    CHECK(all(store, "\xff") == strings{high});
    CHECK(all(store, "").size() == 5);
    CHECK(all(store, "nosuch").empty());
    CHECK(all(store, "a*").empty());
}

TEST(an_empty_store_has_no_keys) {
    bytestore::store store;
    key_range keys = store.keys();
    CHECK(keys.begin() == keys.end());
    CHECK(keys.begin() == keys.end());
}

TEST(pages_do_not_show) {
    bytestore::store store;
    fill(store, many_keys());
    CHECK(all(store) == many_keys());
    CHECK(all(store, "key/29").size() == 111);
}

TEST(a_range_may_be_left_and_gone_on_with) {
    bytestore::store store;
    const strings keys = many_keys();
    fill(store, keys);
    key_range range = store.keys();
    strings seen;
    for (std::string_view key : range) {
        seen.emplace_back(key);
        if (seen.size() == 1500) {
            break;
        }
    }
    CHECK(seen.back() == keys[1499]);
    // A second begin goes on where the first pass stands: at the key it was left at.
    CHECK(*range.begin() == keys[1499]);
    CHECK(rest(range) == strings(keys.begin() + 1499, keys.end()));
    CHECK(range.begin() == range.end());
    for (std::string_view key : store.keys()) { // left for good: nothing to clean up
        CHECK(key == "key/0");
        break;
    }
}

TEST(a_key_stays_valid_until_the_next_step) {
    bytestore::store store;
    store.mset({{std::string(1000, 'k'), ""}});
    key_range keys = store.keys();
    const auto place = keys.begin();
    store.mdelete({std::string(1000, 'k')});
    store.mset({{std::string(1000, '#'), ""}});
    store.close();
    CHECK(*place == std::string(1000, 'k'));
}

TEST(others_may_write_meanwhile) {
    bytestore::store store;
    const strings keys = many_keys();
    fill(store, keys);
    strings seen;
    for (std::string_view key : store.keys("key/")) {
        seen.emplace_back(key);
        store.mset({{"new/" + std::string(key), ""}, {key, "overwritten"}});
    }
    CHECK(seen == keys);
    for (std::string_view key : store.keys("new/")) {
        store.mdelete({key});
    }
    CHECK(store.size() == keys.size());
}

TEST(a_range_outlives_its_store) {
    const strings keys = many_keys();
    std::optional<key_range> range;
    {
        bytestore::store store;
        fill(store, keys);
        range = store.keys();
        CHECK(*range->begin() == "key/0");
    }
    CHECK(rest(*range) == keys);
}

TEST(a_range_moves) {
    bytestore::store store;
    const strings keys = many_keys();
    fill(store, keys);
    key_range first = store.keys();
    auto place = first.begin();
    CHECK(*++place == keys[1]);
    key_range second = std::move(first);
    CHECK(rest(second) == strings(keys.begin() + 1, keys.end()));
    second = store.keys("key/2999");
    CHECK(rest(second) == strings{"key/2999"});
    const auto refused = check::thrown<bytestore::error>([&] { first.begin(); });
    CHECK(refused && refused->code() == bytestore::errc::closed_handle);
}

#if __cplusplus >= 202002L
TEST(the_library_of_ranges_takes_it) {
    bytestore::store store;
    fill(store, many_keys());
    std::size_t long_keys = 0;
    for (std::string_view key : store.keys() | std::views::drop(10) | std::views::take(1000)) {
        long_keys += key.size() > 6;
    }
    CHECK(long_keys == 10);
    CHECK(std::ranges::count(store.keys("key/1"), std::size_t{5}, &std::string_view::size) == 10);
}
#endif
