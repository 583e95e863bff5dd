/// What arrives between a look into the store and the claim to compute is not computed again, and the store is asked
/// once more only then. Alone: it stands between the headers and the library, where it makes things happen in time.
#include <bytestore.hpp>

#include <dlfcn.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../check.hpp"

static std::function<void()> after_the_next_mget;
static int mgets = 0;

bytestore_status bytestore_mget(bytestore_store *store, size_t n, const void *keys, const uint32_t *lens,
                                bytestore_buffer *out) {
    const auto library = reinterpret_cast<decltype(&bytestore_mget)>(dlsym(RTLD_NEXT, "bytestore_mget"));
    const bytestore_status status = library(store, n, keys, lens, out);
    ++mgets;
    if (const auto act = std::exchange(after_the_next_mget, nullptr)) {
        act();
    }
    return status;
}

namespace {

using strings = std::vector<std::string>;
using views = std::vector<std::string_view>;

/// Computes "KEY!" and notes the keys.
strings asked;
strings exclaim(const views &missing) {
    asked.assign(missing.begin(), missing.end());
    strings values = asked;
    for (std::string &value : values) {
        value += '!';
    }
    return values;
}

strings get(bytestore::store &store, const strings &keys) {
    asked.clear();
    mgets = 0;
    const auto values = store.mget_or_compute(keys, exclaim);
    return strings(values.begin(), values.end());
}

} // namespace

TEST(what_was_computed_meanwhile_is_found) {
    bytestore::store store;
    after_the_next_mget = [&] { store.mget_or_compute({"b", "d"}, [](const auto &) { return strings{"B", "D"}; }); };
    CHECK((get(store, {"a", "b", "c", "b"}) == strings{"a!", "B", "c!", "B"}));
    CHECK((asked == strings{"a", "c"}));
    const bytestore::stats stats = store.stats();
    CHECK(stats.hits == 1 && stats.misses == 4 + 2 + 2 && stats.sets == 4);
}

TEST(all_may_have_been_computed_meanwhile) {
    bytestore::store store;
    bytestore::store within = store.namespaced("n/");
    after_the_next_mget = [&] { store.mget_or_compute({"n/a"}, [](const auto &) { return strings{"A"}; }); };
    CHECK(get(within, {"a"}) == strings{"A"} && asked.empty());
    CHECK(get(within, {"a"}) == strings{"A"} && mgets == 1); // and it is in nobody's hands
    CHECK(within.mdelete({"a"}) == 1);
    CHECK(get(within, {"a"}) == strings{"a!"} && asked == strings{"a"});
}

TEST(nobody_looks_twice_for_nothing) {
    bytestore::store store;
    store.mget_or_compute({"z"}, exclaim); // before
    CHECK(get(store, {"a"}) == strings{"a!"} && mgets == 1);
    after_the_next_mget = [&] { store.mset({{"b", "set"}}); }; // no computation
    CHECK(get(store, {"b"}) == strings{"b!"} && mgets == 1);
    bytestore::store other;
    after_the_next_mget = [&] { other.mget_or_compute({"c"}, exclaim); };
    CHECK(get(store, {"c"}) == strings{"c!"} && mgets == 2); // the other's, and no second one
    after_the_next_mget = [&] {                              // one that fails sets nothing
        check::thrown<bytestore::error>([&] { store.mget_or_compute({"d"}, [](const auto &) { return strings{}; }); });
    };
    CHECK(get(store, {"d"}) == strings{"d!"} && mgets == 2);
}

TEST(a_second_look_that_fails_claims_nothing) {
    bytestore::store store;
    bytestore::store within = store.namespaced("");
    after_the_next_mget = [&] {
        within.mget_or_compute({"b"}, exclaim);
        store.close();
    };
    const auto closed = check::thrown<bytestore::error>([&] { get(store, {"a"}); });
    CHECK(closed && closed->code() == bytestore::errc::closed_handle && asked == strings{"b"});
    CHECK(get(within, {"a"}) == strings{"a!"});
}

int main() { return check::run_all("arrivals"); }
