/// What is asked about a prefix: counting, deleting, and pages for who goes on later.
#include <bytestore.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../check.hpp"

namespace {

using bytestore::key_page;
using strings = std::vector<std::string>;

static_assert(!std::is_copy_constructible_v<key_page> && !std::is_copy_assignable_v<key_page>);
static_assert(std::is_nothrow_move_constructible_v<key_page> && std::is_nothrow_move_assignable_v<key_page>);
// A key of a page that nobody owns would refer to nothing.
template <typename Page, typename = void> constexpr bool has_key = false;
template <typename Page> constexpr bool has_key<Page, std::void_t<decltype(std::declval<Page>()[0])>> = true;
static_assert(has_key<key_page &> && !has_key<key_page>);

strings numbered(const std::string &prefix, int count) {
    strings keys;
    for (int i = 0; i < count; ++i) {
        keys.push_back(prefix + std::to_string(i));
    }
    return keys;
}

strings all(const key_page &page) { return strings(page.begin(), page.end()); }

} // namespace

TEST(count_and_delete_compare_bytes) {
    bytestore::store store;
    const std::string nul("a\0b", 3), high("\xff\xff", 2);
    store.mset({{nul, ""}, {"ab", ""}, {"a*", ""}, {high, ""}, {"\xff", ""}, {"", ""}});
    CHECK(store.count("a") == 3 && store.count(std::string_view("a\0", 2)) == 1 && store.count("a*") == 1);
    CHECK(store.count("\xff") == 2 && store.count("") == 6 && store.count("nosuch") == 0);
    CHECK(store.delete_prefix(high) == 1 && store.delete_prefix(high) == 0 && store.count("\xff") == 1);
    CHECK(store.delete_prefix("a") == 3 && store.size() == 2);
    CHECK(store.delete_prefix("") == 2 && store.size() == 0 && store.stats().deletes == 6);
}

TEST(many_are_counted_and_deleted) {
    bytestore::store store;
    for (const char *prefix : {"a/", "b/"}) {
        const strings keys = numbered(prefix, 3000);
        store.mset(keys, keys);
    }
    CHECK(store.count("a/") == 3000 && store.count("b/12") == 111);
    CHECK(store.delete_prefix("b/12") == 111 && store.count("b/") == 2889);
    CHECK(store.delete_prefix("a/") == 3000 && store.size() == 2889);
}

TEST(a_page_goes_on_from_text) {
    bytestore::store store;
    const strings keys = numbered("x/", 10), others = numbered("y/", 10);
    store.mset(keys, keys);
    store.mset(others, others);
    strings seen;
    std::string cursor; // what a web page would send
    for (;;) {
        const key_page page = store.page("x/", 3, cursor.empty() ? 0 : std::stoull(cursor));
        if (page.empty()) {
            break;
        }
        CHECK(page.size() <= 3);
        for (std::string_view key : page) {
            seen.emplace_back(key);
        }
        cursor = std::to_string(page.next());
    }
    CHECK(seen == keys);
    store.mset({{"x/later", ""}});
    CHECK(all(store.page("x/", 3, std::stoull(cursor))) == strings{"x/later"});
}

TEST(pages_bear_writes_between_them) {
    bytestore::store store;
    store.mset({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}});
    const key_page first = store.page("", 2);
    CHECK((all(first) == strings{"a", "b"}));
    store.mdelete({"b", "c"});
    store.mset({{"a", "again"}, {"e", ""}});
    const key_page second = store.page("", 2, first.next());
    CHECK((all(second) == strings{"d", "e"}));
    CHECK(store.page("", 2, second.next()).empty());
    CHECK((all(store.page("", 9, first.next())) == strings{"d", "e"})); // the same once more
    CHECK(all(store.page("", 1)) == strings{"a"});
}

TEST(a_page_may_be_large_and_ends_after_a_mebibyte) {
    bytestore::store store;
    const strings keys = numbered("key/", 5000);
    store.mset(keys, keys);
    CHECK(all(store.page("", 5000)) == keys);
    CHECK(store.page("", 0).size() == 1024);
    bytestore::store heavy;
    for (char c = 'a'; c < 'i'; ++c) {
        heavy.mset({{std::string(300 * 1024, c), ""}});
    }
    std::size_t seen = 0, pages = 0;
    for (key_page page = heavy.page("", 8); !page.empty(); page = heavy.page("", 8, page.next())) {
        CHECK(page[0][0] == static_cast<char>('a' + seen));
        seen += page.size();
        ++pages;
    }
    CHECK(seen == 8 && pages > 1);
}

TEST(a_page_owns_its_keys) {
    std::optional<key_page> kept;
    {
        bytestore::store store;
        store.mset({{std::string(1000, 'k'), ""}, {"b", ""}});
        kept = store.page("", 10);
        CHECK(store.delete_prefix("") == 2);
    }
    key_page moved = std::move(*kept);
    CHECK(kept->empty() && moved.size() == 2 && moved[0] == std::string(1000, 'k') && moved[1] == "b");
    CHECK(std::count(moved.begin(), moved.end(), "b") == 1);
    CHECK(key_page().empty() && key_page().begin() == key_page().end() && key_page().next() == 0);
}
