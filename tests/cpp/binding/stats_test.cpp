/// Stats: what they count, each field for itself.
#include <bytestore.hpp>

#include <chrono>
#include <string>
#include <type_traits>

#include "../check.hpp"

namespace {

using namespace std::chrono_literals;
using bytestore::stats;

static_assert(std::is_aggregate_v<stats> && std::is_trivially_copyable_v<stats>);

} // namespace

TEST(stats_of_a_new_store_are_zero) {
    const stats none = bytestore::store().stats();
    CHECK(none.hits + none.misses + none.sets + none.deletes + none.entries == 0);
    CHECK(none.evictions_by_bytes + none.evictions_by_entries + none.expirations == 0);
    CHECK(none.key_bytes + none.value_bytes + none.overhead_bytes + none.max_bytes + none.max_entries == 0);
    CHECK(none.hit_ratio() == 0);
}

TEST(stats_count_calls_and_contents) {
    bytestore::store store;
    store.mset({{"a", "1"}, {"bc", "234"}});
    store.mset({{"a", "56"}}, 1h);
    store.mget({"a", "bc", "none", "a"});
    bytestore::area area;
    store.mget_into({"none"}, area);
    stats now = store.stats();
    CHECK(now.sets == 3 && now.hits == 3 && now.misses == 2 && now.deletes == 0);
    CHECK(now.entries == 2 && now.key_bytes == 3 && now.value_bytes == 5);
    CHECK(now.overhead_bytes >= 2 * 40 && now.overhead_bytes <= 2 * 72);
    CHECK(now.hit_ratio() == 0.6);
    CHECK(store.mdelete({"a", "none"}) == 1);
    now = store.stats();
    CHECK(now.deletes == 1 && now.entries == 1 && now.key_bytes == 2 && now.value_bytes == 3);
    CHECK(now.hits == 3 && now.misses == 2);
}

TEST(stats_tell_why_entries_went) {
    auto by_entries = bytestore::store::open("memory:?max_entries=2");
    auto by_bytes = bytestore::store::open("memory:?max_bytes=10KB");
    auto by_time = bytestore::store::open("memory:?ttl=1s&clock=manual");
    by_time.mset({{"old", ""}});
    by_time.advance_clock(1s);
    for (int i = 0; i < 5000; ++i) {
        const std::string key = std::to_string(i % 100);
        by_entries.mset({{key, ""}});
        by_bytes.mset({{key, std::string(500, 'v')}});
        by_time.mset({{key, ""}});
    }
    const stats entries = by_entries.stats(), bytes = by_bytes.stats(), time = by_time.stats();
    CHECK(entries.evictions_by_entries > 0 && entries.evictions_by_bytes == 0 && entries.expirations == 0);
    CHECK(entries.max_entries == 2 && entries.max_bytes == 0 && entries.entries == 2);
    CHECK(bytes.evictions_by_bytes > 0 && bytes.evictions_by_entries == 0 && bytes.expirations == 0);
    CHECK(bytes.max_bytes == 10000 && bytes.max_entries == 0);
    CHECK(bytes.key_bytes + bytes.value_bytes + bytes.overhead_bytes <= bytes.max_bytes);
    CHECK(time.expirations == 1 && time.evictions_by_bytes + time.evictions_by_entries == 0 && time.deletes == 0);
}

TEST(an_area_that_grows_counts_once) {
    bytestore::store store;
    store.mset({{"key", std::string(100000, 'v')}});
    bytestore::area area;
    store.mget_into({"key"}, area);
    CHECK(store.stats().hits == 1);
    store.mget_into({"key"}, area);
    CHECK(store.stats().hits == 2);
}

TEST(the_hit_ratio_is_a_part_of_one) {
    stats some;
    some.misses = 5;
    CHECK(some.hit_ratio() == 0);
    some.hits = 15;
    CHECK(some.hit_ratio() == 0.75);
    some.misses = 0;
    CHECK(some.hit_ratio() == 1);
    some.hits = some.misses = UINT64_MAX; // their sum is no such number
    CHECK(some.hit_ratio() == 0.5);
}
