/// Getting keys or computing them, on one thread: what is asked for, what comes out, what goes wrong.
#include <bytestore.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../check.hpp"

namespace {

using namespace std::chrono_literals;
using bytestore::computed_values;
using bytestore::errc;
using bytestore::error;
using bytestore::store;
using strings = std::vector<std::string>;

static_assert(!std::is_copy_constructible_v<computed_values> && !std::is_copy_assignable_v<computed_values>);
static_assert(std::is_nothrow_move_constructible_v<computed_values> &&
              std::is_nothrow_move_assignable_v<computed_values>);
// Its views lie side by side: they go into the next batch as they are.
static_assert(std::is_same_v<computed_values::iterator, const std::string_view *>);

/// No error of the library's, and none of std's.
struct own_error {
    int number;
};

/// Computes "KEY!" for each key, and notes what it was asked for.
struct exclaiming {
    std::vector<strings> *asked;
    strings operator()(const std::vector<std::string_view> &missing) const {
        asked->emplace_back(missing.begin(), missing.end());
        strings values = asked->back();
        for (std::string &value : values) {
            value += '!';
        }
        return values;
    }
};

strings none(const std::vector<std::string_view> &) { return {}; }

strings all(const computed_values &values) { return strings(values.begin(), values.end()); }

std::optional<std::string> value_of(const store &store, std::string_view key) {
    const bytestore::values values = store.mget({key});
    return values[0] ? std::optional<std::string>(*values[0]) : std::nullopt;
}

} // namespace

TEST(what_is_missing_is_computed_in_one_call) {
    store store;
    std::vector<strings> asked;
    store.mset({{"b", "B"}, {"e", ""}});
    CHECK((all(store.mget_or_compute({"c", "b", "a", "c", "e"}, exclaiming{&asked})) ==
           strings{"c!", "B", "a!", "c!", ""}));
    CHECK((asked == std::vector<strings>{{"c", "a"}}));
    CHECK((all(store.mget_or_compute({"a", "c"}, exclaiming{&asked})) == strings{"a!", "c!"}));
    CHECK(store.mget_or_compute({}, exclaiming{&asked}).empty() && asked.size() == 1);
    const bytestore::stats stats = store.stats();
    CHECK(stats.hits == 4 && stats.misses == 3 && stats.sets == 4);
}

TEST(a_batch_may_be_large_and_of_anything) {
    store store;
    strings keys;
    for (int i = 0; i < 3000; ++i) {
        keys.push_back("key/" + std::to_string(i % 2000));
    }
    std::vector<strings> asked;
    const auto values = store.mget_or_compute(keys, exclaiming{&asked});
    CHECK(asked.size() == 1 && asked[0].size() == 2000 && store.size() == 2000);
    bool right = values.size() == keys.size();
    for (std::size_t i = 0; right && i < keys.size(); ++i) {
        right = values[i] == keys[i] + "!";
    }
    CHECK(right);
}

TEST(a_computation_may_be_any_callable) {
    store store;
    auto text = std::make_unique<std::string>("v");
    auto owning = [text = std::move(text)](const auto &missing) { return strings(missing.size(), *text); };
    CHECK(all(store.mget_or_compute({"a"}, std::ref(owning))) == strings{"v"}); // also one that only moves
    CHECK(check::thrown<std::bad_function_call>([&] { store.mget_or_compute({"b"}, nullptr); }));
    CHECK(all(store.mget_or_compute({"a"}, nullptr)) == strings{"v"}); // nothing is missing
}

TEST(computed_values_outlive_their_store) {
    std::optional<computed_values> kept;
    {
        store store;
        store.mset({{"found", std::string(5000, 'f')}});
        kept = store.mget_or_compute({"found", "made"}, [](const auto &) { return strings{std::string(9, 'm')}; });
        store.delete_prefix("");
    }
    const char *const place = (*kept)[1].data();
    computed_values moved = std::move(*kept);
    CHECK(kept->empty() && moved.size() == 2 && moved[1].data() == place);
    CHECK((all(moved) == strings{std::string(5000, 'f'), std::string(9, 'm')}));
}

TEST(an_error_comes_out_as_itself_and_is_not_kept) {
    store store;
    store.mset({{"a", "A"}});
    const auto failed = check::thrown<own_error>(
        [&] { store.mget_or_compute({"a", "b"}, [](const auto &) -> strings { throw own_error{7}; }); });
    CHECK(failed && failed->number == 7 && store.size() == 1);
    std::vector<strings> asked;
    CHECK((all(store.mget_or_compute({"a", "b"}, exclaiming{&asked})) == strings{"A", "b!"}) && asked.size() == 1);
}

TEST(as_many_values_as_keys) {
    store store;
    for (const strings &values : {strings{}, strings{"1"}, strings{"1", "2", "3"}}) {
        const auto refused =
            check::thrown<error>([&] { store.mget_or_compute({"a", "b", "a"}, [&](const auto &) { return values; }); });
        CHECK(refused && refused->code() == errc::invalid_argument && !refused->index());
        const std::string counts = "2 keys, " + std::to_string(values.size()) + " values";
        CHECK(refused && std::string(refused->what()).find(counts) != std::string::npos);
    }
    CHECK(store.size() == 0);
}

TEST(what_cannot_be_set_is_an_error) {
    store bounded = store::open("memory:?max_item_bytes=5");
    const auto over = check::thrown<error>(
        [&] { bounded.mget_or_compute({"a", "b"}, [](const auto &) { return strings{"1", "23456"}; }); });
    CHECK(over && over->code() == errc::over_limit && bounded.size() == 0);
    store closing;
    const auto closed = check::thrown<error>([&] {
        closing.mget_or_compute({"a"}, [&](const auto &) {
            closing.close();
            return strings{"1"};
        });
    });
    CHECK(closed && closed->code() == errc::closed_handle);
}

TEST(a_time_to_live_is_that_of_mset) {
    store store = store::open("memory:?clock=manual&ttl=10ms");
    std::vector<strings> asked;
    store.mget_or_compute({"a"}, exclaiming{&asked});
    store.mget_or_compute({"b"}, exclaiming{&asked}, 20ms);
    store.mget_or_compute({"c"}, exclaiming{&asked}, bytestore::forever);
    store.advance_clock(10ms);
    CHECK(!value_of(store, "a") && value_of(store, "b") && value_of(store, "c"));
    store.advance_clock(std::chrono::hours(1000));
    CHECK(!value_of(store, "b") && value_of(store, "c") && asked.size() == 3);
    const auto none = check::thrown<error>([&] { store.mget_or_compute({"d"}, exclaiming{&asked}, 0ms); });
    CHECK(none && none->code() == errc::invalid_argument && asked.size() == 3); // before anybody computes
}

TEST(a_computation_may_use_the_store) {
    store store;
    bytestore::store within = store.namespaced("n/");
    const auto values = store.mget_or_compute({"a"}, [&](const auto &) {
        store.mset({{"b", "B"}});
        const auto inner = store.mget_or_compute({"b", "c"}, [&](const auto &missing) {
            CHECK(missing.size() == 1 && missing[0] == "c");
            return all(within.mget_or_compute({"a"}, [](const auto &) { return strings{"C"}; }));
        });
        return strings{std::string(inner[0]) + std::string(inner[1])};
    });
    CHECK(all(values) == strings{"BC"} && store.size() == 4);
}

TEST(what_a_computation_sets_itself_is_overwritten) {
    store store;
    const auto values = store.mget_or_compute({"a"}, [&](const auto &) {
        store.mset({{"a", "early"}});
        return strings{"late"};
    });
    CHECK(all(values) == strings{"late"} && value_of(store, "a") == "late");
}

TEST(a_computation_that_asks_for_its_own_key_is_refused) {
    store store;
    bytestore::store within = store.namespaced("n/");
    for (const char *const key : {"n/b", "n/c"}) { // together with another one, and alone
        const auto refused = check::thrown<error>([&] {
            within.mget_or_compute({"a", "b"}, [&](const auto &) {
                return all(store.mget_or_compute({"free", key, "n/b"}, [](const auto &) {
                    CHECK(!"computed before the refusal");
                    return strings{"1", "2"};
                }));
            });
        });
        CHECK(refused && refused->code() == errc::invalid_argument);
        CHECK(refused && std::string(refused->what()).find("waits for its end") != std::string::npos);
    }
    // One that bears the refusal goes on.
    const auto values = within.mget_or_compute({"a"}, [&](const auto &) {
        CHECK(check::thrown<error>([&] { within.mget_or_compute({"a"}, none); }));
        return strings{"1"};
    });
    CHECK(all(values) == strings{"1"} && store.size() == 1);
    // Its neighbours of the same name are other keys.
    CHECK((all(store.mget_or_compute({"a"}, [&](const auto &) { return all(within.mget_or_compute({"a"}, none)); })) ==
           strings{"1"}));
}
