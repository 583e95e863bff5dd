// Every operation of the C++ binding while the library runs out of memory: bytestore::error, out_of_memory.
#include <dlfcn.h>

#include <bytestore.hpp>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace {

unsigned long failures = 0, failed_checks = 0;

// Of the preloaded shim.
const auto arm = reinterpret_cast<int (*)(unsigned long, int)>(dlsym(RTLD_DEFAULT, "failing_arm"));
const auto disarm = reinterpret_cast<unsigned long (*)()>(dlsym(RTLD_DEFAULT, "failing_disarm"));

void check(bool holds, const char *what) {
    if (!holds) {
        ++failed_checks;
        std::printf("  %s\n", what);
    }
}

// Each of an operation's requests for memory fails, once and for ever.
void torture(const char *name, const std::function<void()> &operation, const std::function<bool()> &unchanged) {
    const auto before = failures;
    for (const int for_ever : {0, 1}) {
        unsigned long failed = 1;
        for (unsigned long first = 1; failed > 0; ++first) {
            bool ran_out = false;
            check(arm(first, for_ever) == 1, "there is no library to fail");
            try {
                operation();
            } catch (const bytestore::error &error) {
                ran_out = error.code() == bytestore::errc::out_of_memory;
                failed = disarm();
                check(ran_out, error.what());
            }
            failed = disarm();
            failures += failed;
            check(!ran_out || failed > 0, "it ran out of memory that was there");
            check(!ran_out || unchanged(), "it failed, and changed something");
        }
    }
    check(failures > before, name);
}

} // namespace

int main() {
    using bytestore::store;
    const std::string large(10000, 'x');
    std::optional<store> kept;
    kept.emplace();
    kept->mset({{"a", "1"}, {"b", large}});
    const auto fine = [&] {
        const auto found = kept->mget({"a", "b", "c"});
        return found[0] == "1" && found[1] == large && !found[2] && kept->size() == 2;
    };
    torture("store", [] { store other; }, fine);
    torture("open", [] { auto other = store::open("memory:failing?max_bytes=1MiB"); }, fine);
    torture(
        "mset",
        [&] {
            kept->mset({{"c", "1"}, {"d", large}});
            kept->mdelete({"c", "d"});
        },
        [&] {
            kept->mdelete({"c", "d"}); // what it deletes with may be what failed
            return fine();
        });
    torture("mget", [&] { static_cast<void>(kept->mget({"a", "b", "c"})); }, fine);
    torture("mdelete", [&] { kept->mdelete(std::vector<std::string>(300, "nothing")); }, fine);
    torture(
        "keys",
        [&] {
            for (const auto key : kept->keys()) {
                static_cast<void>(key);
            }
        },
        fine);
    torture("page", [&] { static_cast<void>(kept->page("a", 10)); }, fine);
    torture(
        "delete_prefix",
        [&] {
            kept->mset({{"x/1", "1"}});
            kept->delete_prefix("x/");
        },
        [&] {
            kept->delete_prefix("x/");
            return fine();
        });
    torture("namespaced", [&] { kept->namespaced("n/"); }, fine);
    torture(
        "mget_or_compute",
        [&] {
            const auto computed = kept->mget_or_compute(
                {"a", "z"}, [](const auto &missing) { return std::vector<std::string>(missing.size(), "2"); });
            check(computed[0] == "1" && computed[1] == "2", "it computed something else");
            kept->mdelete({"z"});
        },
        [&] {
            kept->mdelete({"z"});
            return fine();
        });
    check(fine(), "it is not what it was");
    std::printf("bindings: %d passed, %lu failed\ntotals: %lu failures\n", failed_checks == 0, failed_checks, failures);
    return failed_checks == 0 ? 0 : 1;
}
