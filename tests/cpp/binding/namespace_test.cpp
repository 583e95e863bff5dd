/// Namespaces: stores of a part of the keys, beside each other and within each other.
#include <bytestore.hpp>

#include <chrono>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../check.hpp"

namespace {

using namespace std::chrono_literals;
using bytestore::errc;
using bytestore::error;
using bytestore::store;
using strings = std::vector<std::string>;

static_assert(std::is_same_v<decltype(std::declval<store &>().namespaced("")), store>);

strings keys_of(const store &store, std::string_view prefix = {}) {
    bytestore::key_range keys = store.keys(prefix);
    return {keys.begin(), keys.end()};
}

} // namespace

TEST(namespaces_lie_beside_each_other) {
    store all;
    store first = all.namespaced("a/"), second = all.namespaced("b/");
    first.mset({{"1", "one"}, {"2", "two"}});
    second.mset({{"1", "uno"}});
    const bytestore::values of_first = first.mget({"1", "2"}), of_second = second.mget({"1", "2"});
    CHECK(of_first[0] == "one" && of_first[1] == "two" && of_second[0] == "uno" && !of_second[1]);
    CHECK((keys_of(all) == strings{"a/1", "a/2", "b/1"}) && (keys_of(first) == strings{"1", "2"}));
    CHECK(first.size() == 2 && second.size() == 1 && all.size() == 3);
    CHECK(first.delete_prefix("") == 2 && first.size() == 0 && second.size() == 1);
}

TEST(every_operation_works_within) {
    bytestore::options options;
    options.manual_clock = true;
    options.max_item_bytes = 10;
    store all(options);
    store within = all.namespaced("in/");
    all.mset({{"out", ""}});
    within.mset({"a1", "a2", "b"}, {"1", "2", "3"}, 10s);
    CHECK(within.count("a") == 2 && within.count("in") == 0 && (keys_of(within, "a") == strings{"a1", "a2"}));
    const bytestore::key_page page = within.page("a", 1), next = within.page("a", 1, page.next());
    CHECK(page.size() == 1 && page[0] == "a1" && next.size() == 1 && next[0] == "a2");
    bytestore::area area;
    within.mget_into({"b", "out"}, area);
    CHECK(area[0] == "3" && !area[1]);
    CHECK(within.mdelete({"b", "out"}) == 1 && within.delete_prefix("a1") == 1);
    const auto computed = within.mget_or_compute({"a2", "c"}, [](const auto &) { return strings{"4"}; });
    CHECK(computed[0] == "2" && computed[1] == "4");
    const auto over = check::thrown<error>([&] { within.mset({{"key", "123456"}}); }); // three more than it seems
    CHECK(over && over->code() == errc::over_limit);
    CHECK(within.stats().sets == all.stats().sets && within.stats().entries == 3);
    within.advance_clock(10s);
    CHECK((keys_of(all) == strings{"out", "in/c"}) && within.size() == 1);
}

TEST(namespaces_nest) {
    store all;
    store inner = all.namespaced("a/").namespaced("b/"); // the one between them has gone
    inner.mset({{"1", "v"}});
    CHECK(keys_of(all) == strings{"a/b/1"} && keys_of(inner) == strings{"1"});
    inner.mget_or_compute({"2"}, [&](const auto &) {
        // Full keys stand in the table: this is the same key, whoever names it.
        CHECK(check::thrown<error>([&] { all.mget_or_compute({"a/b/2"}, nullptr); }));
        CHECK(check::thrown<error>([&] { all.namespaced("a/b").mget_or_compute({"/2"}, nullptr); }));
        return strings{"v"};
    });
    CHECK(inner.size() == 2);
}

TEST(each_is_closed_on_its_own) {
    store all;
    store first = all.namespaced("a/"), second = all.namespaced("");
    first.mset({{"1", "v"}});
    all.close();
    CHECK(check::thrown<error>([&] { all.size(); }) && check::thrown<error>([&] { all.namespaced("a"); }));
    CHECK(first.size() == 1 && keys_of(second) == strings{"a/1"});
    first.close();
    first.close();
    CHECK(check::thrown<error>([&] { first.size(); }) && second.size() == 1);
    store moved = std::move(second);
    CHECK(moved.size() == 1 && check::thrown<error>([&] { second.namespaced("a"); }));
}

TEST(the_bound_is_shared) {
    store all = store::open("memory:?max_entries=3");
    store first = all.namespaced("a/"), second = all.namespaced("b/");
    first.mset({{"1", ""}, {"2", ""}, {"3", ""}});
    second.mset({{"1", ""}});
    CHECK(all.size() == 3 && first.size() == 2 && second.size() == 1 && first.stats().evictions_by_entries == 1);
}
