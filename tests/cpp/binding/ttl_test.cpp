/// Time to live: durations, who ends when, and the clock that a test turns itself.
#include <bytestore.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <ratio>
#include <string>
#include <type_traits>
#include <vector>

#include "../check.hpp"

namespace {

using namespace std::chrono_literals;
using bytestore::errc;
using bytestore::error;
using bytestore::forever;
using bytestore::store;
using bytestore::time_to_live;

constexpr std::uint64_t longest = BYTESTORE_NO_TTL - 1;
using ticks = std::chrono::duration<double, std::ratio<1, 3>>;
using bad_number = std::numeric_limits<double>;

// Any duration, rounded up.
static_assert(time_to_live(1h).milliseconds() == 3'600'000 && time_to_live(7ms).milliseconds() == 7);
static_assert(time_to_live(1ns).milliseconds() == 1 && time_to_live(1ms + 1ns).milliseconds() == 2);
static_assert(time_to_live(999'999ns).milliseconds() == 1 && time_to_live(1'000'000ns).milliseconds() == 1);
static_assert(time_to_live(1.5s).milliseconds() == 1500 && time_to_live(ticks(1)).milliseconds() == 334);
static_assert(time_to_live(std::chrono::nanoseconds::max()).milliseconds() == 9'223'372'036'855);
static_assert(time_to_live(std::chrono::milliseconds::max()).milliseconds() == INT64_MAX);
// Too long is long, and still not for ever.
static_assert(time_to_live(std::chrono::hours::max()).milliseconds() == longest);
static_assert(time_to_live(std::chrono::duration<double>(bad_number::infinity())).milliseconds() == longest);
static_assert(time_to_live(std::chrono::hours::max()) != forever && forever == time_to_live::forever());
// What is none.
static_assert(time_to_live(0s).milliseconds() == 0 && time_to_live(-1ns).milliseconds() == 0);
static_assert(time_to_live(std::chrono::hours::min()).milliseconds() == 0);
static_assert(time_to_live(std::chrono::duration<double>(bad_number::quiet_NaN())).milliseconds() == 0);
// A number would leave open of what, and {} whether it is a list.
static_assert(!std::is_constructible_v<time_to_live, int> && !std::is_default_constructible_v<time_to_live>);

store manual_store(time_to_live ttl = forever) {
    bytestore::options options;
    options.ttl = ttl;
    options.manual_clock = true;
    return store(options);
}

std::vector<std::string> keys_of(const store &store) {
    bytestore::key_range keys = store.keys();
    return {keys.begin(), keys.end()};
}

} // namespace

TEST(entries_end_when_their_time_is_over) {
    store store = manual_store();
    store.mset({{"a", "1"}, {"b", std::string(5000, '2')}}, 2s);
    store.mset({"c"}, {"3"}, 1500us); // two milliseconds
    store.mset(std::map<std::string, std::string>{{"d", "4"}}, forever);
    store.mset({{"e", "5"}});
    store.advance_clock(1ms);
    CHECK(store.size() == 5);
    store.advance_clock(1ms);
    CHECK((keys_of(store) == std::vector<std::string>{"a", "b", "d", "e"}));
    const bytestore::values before = store.mget({"b"});
    store.advance_clock(2s);
    const bytestore::values after = store.mget({"a", "b", "d"});
    CHECK(!after[0] && !after[1] && after[2] == "4" && store.size() == 2);
    CHECK(store.mdelete({"a", "b"}) == 0);
    store.mset({{"b", "new"}});
    CHECK(before[0] == std::string(5000, '2')); // what was read stays
}

TEST(a_time_that_is_given_stands_above_the_default) {
    store store = manual_store(10ms);
    store.mset({{"default", ""}, {"again", ""}});
    store.mset({{"longer", ""}}, 20ms);
    store.mset({{"for ever", ""}}, forever);
    store.advance_clock(9ms);
    store.mset({{"again", ""}});
    store.advance_clock(1ms);
    CHECK((keys_of(store) == std::vector<std::string>{"again", "longer", "for ever"}));
    store.advance_clock(std::chrono::milliseconds::max());
    CHECK(keys_of(store) == std::vector<std::string>{"for ever"});
}

TEST(what_is_no_time_to_live_is_refused) {
    store store = manual_store();
    store.mset({{"a", "1"}});
    for (const time_to_live none : {time_to_live(0ms), time_to_live(-1ns), time_to_live(-5h)}) {
        const auto refused = check::thrown<error>([&] { store.mset({{"a", "2"}}, none); });
        CHECK(refused && refused->code() == errc::invalid_argument && !refused->index());
        CHECK(refused && std::string(refused->what()).find("invalid_argument: a time to live") != std::string::npos);
        const auto apart = check::thrown<error>([&] { store.mset({"a"}, {"2"}, none); });
        CHECK(apart && apart->code() == errc::invalid_argument);
    }
    const bytestore::values answer = store.mget({"a"});
    CHECK(answer[0] == "1");
}

TEST(lists_are_checked_with_a_time_to_live_too) {
    store store = manual_store();
    const std::string_view long_item("x", std::size_t{BYTESTORE_MAX_ITEM_LEN} + 1);
    const auto uneven = check::thrown<error>([&] { store.mset({"a", "b"}, {"1"}, 1s); });
    CHECK(uneven && std::string(uneven->what()).find("2 keys, 1 values") != std::string::npos);
    const auto item = check::thrown<error>([&] { store.mset({{"a", "1"}, {"b", long_item}}, 1s); });
    CHECK(item && item->index() == 1u);
    CHECK(store.size() == 0);
}

TEST(only_a_manual_clock_is_turned) {
    store with_system_clock;
    const auto refused = check::thrown<error>([&] { with_system_clock.advance_clock(1s); });
    CHECK(refused && refused->code() == errc::invalid_argument);
    store store = manual_store(1s);
    store.mset({{"a", ""}});
    const auto backwards = check::thrown<error>([&] { store.advance_clock(-1ms); });
    CHECK(backwards && backwards->code() == errc::invalid_argument && store.size() == 1);
    store.advance_clock(0ms);
    CHECK(store.size() == 1);
}
