/// Options: they say the same as the URL, and a store that has bounds holds to them.
#include <bytestore.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "../check.hpp"

namespace {

using namespace std::chrono_literals;
using bytestore::errc;
using bytestore::error;
using bytestore::options;
using bytestore::store;

static_assert(std::is_aggregate_v<options> && std::is_default_constructible_v<options>);
// A store is never made of options in passing.
static_assert(std::is_constructible_v<store, const options &> && !std::is_convertible_v<options, store>);

options all_options() {
    options options;
    options.max_bytes = 512u << 20;
    options.max_entries = 1000;
    options.max_item_bytes = 1u << 20;
    options.ttl = 1h;
    options.manual_clock = true;
    options.erase = true;
    return options;
}

/// The part of the URL that these options are refused for.
std::string refused(const options &options) {
    const auto thrown = check::thrown<error>([&] { store made(options); });
    CHECK(thrown && thrown->code() == errc::invalid_argument);
    return thrown ? thrown->part() : "";
}

} // namespace

TEST(options_are_a_url) {
    CHECK(options().url() == "memory:");
    CHECK(all_options().url() ==
          "memory:?max_bytes=536870912&max_entries=1000&max_item_bytes=1048576&ttl=3600000ms&clock=manual"
                               "&erase=true");
    options few;
    few.ttl = 1us;
    CHECK(few.url() == "memory:?ttl=1ms");
    few = {};
    few.manual_clock = true;
    CHECK(few.url() == "memory:?clock=manual");
    few.ttl = bytestore::forever;
    few.max_entries = UINT64_MAX - 1;
    CHECK(few.url() == "memory:?max_entries=18446744073709551614&clock=manual");
    CHECK(check::thrown<error>([&] { store made(few); }) == std::nullopt);
}

TEST(a_name_stands_before_the_options) {
    options named;
    named.name = "tokens";
    CHECK(named.url() == "memory:tokens");
    named.max_entries = 2;
    CHECK(named.url() == "memory:tokens?max_entries=2");
    options wrong;
    for (const char *const name : {"a/b", "a b", "é", "?", "a?max_entries=2"}) {
        wrong.name = name;
        CHECK(refused(wrong) == name);
    }
    wrong.name = std::string("a\0b", 3);
    CHECK(!refused(wrong).empty());
}

TEST(stores_of_one_name_are_one) {
    options named, joining;
    named.name = joining.name = "stores_of_one_name_are_one";
    named.max_entries = 2;
    std::optional<store> first(named), second(named), third(joining); // the same options, or none
    first->mset({{"a", "1"}});
    const bytestore::values answer = second->mget({"a"});
    CHECK(answer[0] == "1" && third->stats().max_entries == 2 && third->stats().hits == 1);
    CHECK(store::open(named.url()).size() == 1);
    options others = named;
    others.max_entries = 3;
    CHECK(refused(others) == "max_entries=3");
    others.name += "s";
    CHECK(store(others).size() == 0); // another one
    first.reset();
    CHECK(second->size() == 1);
    bytestore::store within = second->namespaced("a");
    second.reset();
    third->close();
    CHECK(store(joining).size() == 1); // the namespace keeps it
    within.close();
    CHECK(store(others).stats().max_entries == 3 && store(joining).size() == 0); // the name is free
}

TEST(stores_of_one_name_compute_apart) {
    options named;
    named.name = "stores_of_one_name_compute_apart";
    store first(named), second(named);
    const auto values = first.mget_or_compute({"a"}, [&](const auto &) {
        const auto others = second.mget_or_compute({"a"}, [](const auto &) { return std::vector<std::string>{"1"}; });
        return std::vector<std::string>{std::string(others[0]) + "2"};
    });
    const bytestore::values now = second.mget({"a"});
    CHECK(values[0] == "12" && now[0] == "12");
}

#if __cplusplus >= 202002L
TEST(options_may_be_written_in_place) {
    store cache({.name = "options_may_be_written_in_place", .max_entries = 3, .ttl = 5s, .manual_clock = true});
    cache.mset({{"a", "1"}});
    CHECK(cache.stats().max_entries == 3 && cache.stats().max_bytes == 0);
    cache.advance_clock(5s);
    CHECK(cache.size() == 0);
}
#endif

TEST(every_option_reaches_the_store) {
    store made(all_options());
    CHECK(made.stats().max_bytes == 512u << 20 && made.stats().max_entries == 1000);
    made.mset({{"key", std::string((1 << 20) - 3, 'v')}});
    const auto too_large = check::thrown<error>([&] { made.mset({{"key", std::string((1 << 20) - 2, 'v')}}); });
    CHECK(too_large && too_large->code() == errc::over_limit);
    made.advance_clock(1h - 1ms);
    CHECK(made.size() == 1);
    made.advance_clock(1ms);
    CHECK(made.size() == 0);
}

TEST(what_is_no_option_is_refused) {
    options wrong;
    wrong.max_bytes = 0;
    CHECK(refused(wrong) == "max_bytes=0");
    wrong = {};
    wrong.max_entries = 0;
    CHECK(refused(wrong) == "max_entries=0");
    wrong = {};
    wrong.max_item_bytes = UINT64_MAX;
    CHECK(refused(wrong) == "max_item_bytes=18446744073709551615");
    wrong = {};
    wrong.ttl = 0s;
    CHECK(refused(wrong) == "ttl=0ms");
    wrong.ttl = -1h;
    CHECK(refused(wrong) == "ttl=0ms");
}

TEST(more_than_the_store_may_hold_is_over_limit) {
    options options;
    options.max_entries = 2;
    store store(options);
    store.mset({{"a", "1"}});
    for (const bool with_ttl : {false, true}) {
        const auto over = check::thrown<error>([&] {
            const std::vector<bytestore::entry> entries = {{"a", "2"}, {"b", "2"}, {"c", "2"}};
            with_ttl ? store.mset(entries, 1h) : store.mset(entries);
        });
        CHECK(over && over->code() == errc::over_limit && !over->index() && over->part().empty());
        CHECK(over && std::string(over->what()).find("bytestore: over_limit: ") == 0);
        const bytestore::values answer = store.mget({"a", "b"});
        CHECK(store.size() == 1 && answer[0] == "1" && !answer[1]);
    }
}

TEST(a_full_store_lets_others_go) {
    options options;
    options.max_entries = 10;
    store store(options);
    for (int i = 0; i < 1000; ++i) {
        const std::string key = std::to_string(i);
        store.mset({{key, std::string(5000, 'v')}});
        const bytestore::values answer = store.mget({key});
        CHECK(store.size() <= 10 && answer[0] && answer[0]->size() == 5000);
    }
    CHECK(store.size() == 10 && store.stats().evictions_by_entries == 990);
}

TEST(answers_outlive_the_eviction) {
    options options;
    options.max_entries = 1;
    store store(options);
    const std::string value(5000, 'v'); // shared with the store, not copied
    store.mset({{"a", value}});
    const bytestore::values answer = store.mget({"a"});
    store.mset({{"b", std::string(5000, '#')}});
    CHECK(store.size() == 1 && store.stats().evictions_by_entries == 1);
    store.close();
    CHECK(answer[0] == value);
}
